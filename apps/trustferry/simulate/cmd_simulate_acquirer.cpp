// simulate acquirer
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/secret_argument.hpp"
#include "apps/trustferry/line/signals.hpp"
#include "apps/trustferry/line/system_ports.hpp"
#include "base/log.hpp"
#include "simulate/acquirer.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

namespace acquirer = simulate::acquirer;

struct AcquirerArgs {
  std::string listen = "127.0.0.1:8583", journal, settlement, zone_cipher = "aes", numbers = "ascii", bitmap = "binary", length = "binary2", pin;
  std::vector<std::string> components;
  std::int64_t balance = 100'000'000, delay_ms = 0, late_ms = 3000, padding = 1;
  std::uint64_t seed = 1;
  acquirer::Faults faults;
};

Error wrong(std::string detail) { return {Code::invalid, "cli.acquirer", std::move(detail)}; }

// HOST:PORT; an IPv6 address in brackets.
Status split_address(const std::string& text, acquirer::Options& options) {
  const auto colon = text.rfind(':');
  const char* end = text.data() + text.size();
  if (colon == std::string::npos || colon == 0) return wrong("--listen is HOST:PORT");
  const auto parsed = std::from_chars(text.data() + colon + 1, end, options.port);
  if (parsed.ec != std::errc() || parsed.ptr != end) return wrong("--listen is HOST:PORT");
  options.host = text.substr(0, colon);
  if (options.host.starts_with('[') && options.host.ends_with(']')) options.host = options.host.substr(1, options.host.size() - 2);
  return {};
}

Status set_wire(const AcquirerArgs& args, acquirer::Options& options) {
  using frontends::card::Coding;
  if (args.numbers != "ascii" && args.numbers != "packed") return wrong("--numbers is ascii or packed");
  if (args.bitmap != "binary" && args.bitmap != "hex") return wrong("--bitmap is binary or hex");
  if (args.length != "binary2" && args.length != "binary4" && args.length != "digits4") return wrong("--length is binary2, binary4 or digits4");
  options.coding.numbers = args.numbers == "ascii" ? Coding::Numbers::ascii : Coding::Numbers::packed;
  options.coding.bitmap = args.bitmap == "binary" ? Coding::Bitmap::binary : Coding::Bitmap::hex;
  options.framing.coding = args.length == "digits4" ? net::Framing::Coding::digits : net::Framing::Coding::binary;
  options.framing.length_size = args.length == "binary2" ? 2 : 4;
  return {};
}

Result<acquirer::Options> options_of(const AcquirerArgs& args) {
  acquirer::Options out;
  TF_CHECK(split_address(args.listen, out));
  TF_CHECK(set_wire(args, out));
  if (args.zone_cipher != "aes" && args.zone_cipher != "tdes") return wrong("--zone-cipher is aes or tdes");
  if (args.padding != 1 && args.padding != 2) return wrong("--mac-padding is 1 or 2");
  const bool digits = std::ranges::all_of(args.pin, [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || (!args.pin.empty() && (args.pin.size() < 4 || args.pin.size() > 12))) return wrong("--pin has 4 to 12 digits");
  for (const double chance : {args.faults.drop, args.faults.duplicate, args.faults.decline, args.faults.late, args.faults.wrong_amount, args.faults.bad_mac, args.faults.cut})
    if (!(chance >= 0 && chance <= 1)) return wrong("a probability is 0 to 1");
  if (args.delay_ms < 0 || args.late_ms < 0 || args.balance < 0) return wrong("times and balances are not negative");
  for (const std::string& component : args.components) out.zone_key_components.push_back(TF_TRY(secret_argument(component, "--zone-key-components")));
  out.zone_cipher = args.zone_cipher == "aes" ? crypto::BlockCipher::aes : crypto::BlockCipher::tdes;
  out.mac_padding = args.padding == 1 ? crypto::MacPadding::method_1 : crypto::MacPadding::method_2;
  out.journal = args.journal;
  out.settlement = args.settlement;
  out.balance = args.balance;
  out.host_options.pin = args.pin;
  out.faults = args.faults;
  out.faults.delay = std::chrono::milliseconds(args.delay_ms);
  out.faults.late_by = std::chrono::milliseconds(args.late_ms);
  out.seed = args.seed;
  return out;
}

Status run_acquirer(const AcquirerArgs& args, Context& context) {
  TF_CHECK(need(args.journal, "--journal"));
  if (args.components.empty()) TF_CHECK(need({}, "--zone-key-components"));
  hold_stop_signals();
  auto server = TF_TRY(acquirer::Server::make(TF_TRY(options_of(args)), system_clock, system_random));
  TF_CHECK(server->start());
  log::info(fmt::format("acquirer listens on port {}; check value of its zone key {}; Ctrl-C stops", server->port(), server->zone_kcv()));
  wait_for_stop();
  server->stop();
  const acquirer::Counts& counts = server->counts();
  if (context.json)
    print_line(wire::JsonWriter().begin_object().member("requests", counts.requests.load()).member("replies", counts.replies.load())
                   .member("malformed", counts.malformed.load()).member("bad_macs", counts.bad_macs.load()).member("faults", counts.faults.load())
                   .end_object().text());
  else
    log::info(fmt::format("{} requests, {} replies, {} malformed, {} with a wrong MAC, {} faults", counts.requests.load(), counts.replies.load(),
                          counts.malformed.load(), counts.bad_macs.load(), counts.faults.load()));
  return {};
}

void add_faults(CLI::App& app, AcquirerArgs& args) {
  app.add_option("--delay", args.delay_ms, "ms before every reply")->capture_default_str();
  app.add_option("--drop", args.faults.drop, "probability that a request or its reply is lost");
  app.add_option("--duplicate", args.faults.duplicate, "that a reply comes twice");
  app.add_option("--decline", args.faults.decline, "that a payment is not honoured");
  app.add_option("--late", args.faults.late, "that a reply comes late");
  app.add_option("--late-by", args.late_ms, "ms that a late reply is late")->capture_default_str();
  app.add_option("--wrong-amount", args.faults.wrong_amount, "that a reply names another amount, under a right MAC");
  app.add_option("--bad-mac", args.faults.bad_mac, "that a reply's MAC is wrong");
  app.add_option("--cut", args.faults.cut, "that the connection is cut: before, after, or in the middle of the reply");
  app.add_option("--seed", args.seed, "the same seed, the same faults")->capture_default_str();
}

}  // namespace

void add_simulate_acquirer(CommandLine& line, CLI::App& simulate) {
  static AcquirerArgs args;
  CLI::App& app = line.command(simulate, "acquirer", "A card network's host: ISO 8583:1987, accounts, a journal, faults on request. Until Ctrl-C.",
                               "trustferry simulate acquirer --listen 127.0.0.1:8583 --zone-key-components @one.hex @two.hex --journal acquirer.journal\n"
                               "trustferry simulate acquirer --zone-key-components @one.hex @two.hex --journal a.journal --drop 0.05 --cut 0.01 --seed 7",
                               [](Context& context) { return run_acquirer(args, context); });
  app.add_option("--listen", args.listen, "HOST:PORT")->capture_default_str();
  app.add_option("--zone-key-components", args.components, "two or more components of the zone key: HEX or @FILE")->expected(2, 9);
  app.add_option("--zone-cipher", args.zone_cipher, "aes or tdes")->capture_default_str();
  app.add_option("--journal", args.journal, "the host's books: a file that is read at the start and appended to");
  app.add_option("--settlement", args.settlement, "a directory for one file a day, YYYYMMDD.csv");
  app.add_option("--balance", args.balance, "minor units each card begins with")->capture_default_str();
  app.add_option("--pin", args.pin, "the PIN of every card; default: the card number's last four digits");
  app.add_option("--numbers", args.numbers, "ascii or packed")->capture_default_str();
  app.add_option("--bitmap", args.bitmap, "binary or hex")->capture_default_str();
  app.add_option("--length", args.length, "binary2, binary4 or digits4, none counting itself")->capture_default_str();
  app.add_option("--mac-padding", args.padding, "padding method of ISO 9797-1: 1 or 2")->capture_default_str();
  add_faults(app, args);
}

}  // namespace tf::cli
