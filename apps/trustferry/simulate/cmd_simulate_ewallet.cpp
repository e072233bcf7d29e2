// simulate ewallet
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/signals.hpp"
#include "apps/trustferry/line/system_ports.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "crypto/public_key_file.hpp"
#include "pki/certificate.hpp"
#include "simulate/ewallet/simulator.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

namespace gateways = simulate::ewallet;

struct EwalletArgs {
  std::string listen = "127.0.0.1:8643", host, tls, journal, settlement, notify_root;
  std::vector<std::string> app_keys, merchant_keys;
  std::int64_t balance = 100'000'000;
  int hurry = 1;
  gateways::FaultOptions faults;
};

constexpr std::size_t kMaxRulesFile = 64 * 1024;

Error wrong_option(std::string detail) { return {Code::invalid, "cli.ewallet", std::move(detail)}; }

Status split_address(const std::string& text, gateways::SimulatorOptions& options) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return wrong_option("--listen is HOST:PORT");
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + colon + 1, end, options.port);
  if (parsed.ec != std::errc() || parsed.ptr != end) return wrong_option("--listen is HOST:PORT");
  options.address = text.substr(0, colon);
  return {};
}

// "-----BEGIN PUBLIC KEY-----", or a certificate whose key it is.
Result<crypto::PublicKey> read_public_key(const std::string& path) {
  const Bytes file = TF_TRY(read_file(path, kMaxRulesFile));
  const std::string_view text = as_text(file);
  if (text.starts_with("-----BEGIN CERTIFICATE-----")) return TF_TRY(pki::Certificate::from_pem(text)).public_key();
  return crypto::public_key_from_pem(text);
}

Result<std::map<std::string, crypto::PublicKey>> keys_of(const std::vector<std::string>& words, const char* option) {
  std::map<std::string, crypto::PublicKey> out;
  for (const std::string& word : words) {
    const auto equals = word.find('=');
    if (equals == 0 || equals == std::string::npos) return wrong_option(std::string(option) + " is ID=FILE");
    out.insert_or_assign(word.substr(0, equals), TF_TRY(read_public_key(word.substr(equals + 1))));
  }
  return out;
}

Status check(const EwalletArgs& args) {
  TF_CHECK(need(args.tls, "--tls"));
  TF_CHECK(need(args.journal, "--journal"));
  if (args.app_keys.empty() && args.merchant_keys.empty()) TF_CHECK(need({}, "--app-key"));
  const auto& f = args.faults;
  for (const double chance : {f.drop, f.late, f.cut, f.decline, f.wrong_amount, f.bad_signature, f.foreign, f.trouble, f.duplicate})
    if (!(chance >= 0 && chance <= 1)) return wrong_option("a probability is 0 to 1");
  if (f.delay_ms < 0 || f.late_ms < 0 || args.balance < 0 || args.hurry < 1) return wrong_option("times, balances and --hurry are not negative");
  return {};
}

Status run_ewallet(const EwalletArgs& args, Context& context) {
  TF_CHECK(check(args));
  hold_stop_signals();
  gateways::SimulatorOptions options;
  TF_CHECK(split_address(args.listen, options));
  options.host = args.host.empty() ? options.address : args.host;
  options.journal = args.journal;
  options.settlement = args.settlement;
  options.apps = TF_TRY(keys_of(args.app_keys, "--app-key"));
  options.merchants = TF_TRY(keys_of(args.merchant_keys, "--merchant-key"));
  options.balance = args.balance;
  options.faults = args.faults;
  options.notifier.hurry = args.hurry;
  if (!args.notify_root.empty()) options.notifier.anchors = TF_TRY(net::certificates_from_pem(as_text(TF_TRY(read_file(args.notify_root, kMaxRulesFile)))));
  std::vector<std::string> names{"127.0.0.1", "localhost"};
  for (const std::string& name : {options.host, options.address})
    if (std::ranges::find(names, name) == names.end() && name != "0.0.0.0") names.push_back(name);
  auto keys = TF_TRY(gateways::load_or_make_keys(args.tls, names, system_clock.now_ms(), system_random));
  auto simulator = TF_TRY(gateways::Simulator::start(std::move(options), std::move(keys), system_clock));
  log::info(fmt::format("e-wallet and network gateway listen at {}; their root is {}/root.crt; Ctrl-C stops", simulator->base_url(), args.tls));
  wait_for_stop();
  simulator->stop();
  std::int64_t paid = 0;
  for (const auto& order : simulator->ledger().orders()) paid += order.state == gateways::State::paid ? 1 : 0;
  const auto orders = static_cast<std::int64_t>(simulator->ledger().orders().size());
  if (context.json)
    print_line(wire::JsonWriter().begin_object().member("orders", orders).member("paid", paid).end_object().text());
  else
    log::info(fmt::format("{} orders, {} of them paid", orders, paid));
  return {};
}

void add_faults(CLI::App& app, gateways::FaultOptions& faults) {
  app.add_option("--delay", faults.delay_ms, "ms before every answer")->capture_default_str();
  app.add_option("--drop", faults.drop, "probability that a request is carried out and no answer comes");
  app.add_option("--duplicate", faults.duplicate, "that a notification is sent twice");
  app.add_option("--decline", faults.decline, "that a payment is refused");
  app.add_option("--late", faults.late, "that an answer comes late");
  app.add_option("--late-by", faults.late_ms, "ms that a late answer is late")->capture_default_str();
  app.add_option("--wrong-amount", faults.wrong_amount, "that an answer or notification names another amount");
  app.add_option("--bad-signature", faults.bad_signature, "that it is not signed rightly");
  app.add_option("--foreign", faults.foreign, "that an answer is about another order");
  app.add_option("--trouble", faults.trouble, "that it is 503, before or after it was carried out");
  app.add_option("--cut", faults.cut, "that the line is cut before the answer");
  app.add_option("--seed", faults.seed, "the same seed, the same faults")->capture_default_str();
}

}  // namespace

void add_simulate_ewallet(CommandLine& line, CLI::App& simulate) {
  static EwalletArgs args;
  CLI::App& app = line.command(simulate, "ewallet",
                               "An e-wallet (/gateway.do) and a card network's HTTPS gateway (/gateway/api/*.do) with accounts, a journal, notifications, "
                               "daily files (/bills/…), and faults on request. Until Ctrl-C.",
                               "trustferry simulate ewallet --listen 127.0.0.1:8643 --tls sim --app-key 2026112100000001=app.pub --merchant-key 68759663125=app.crt "
                               "--journal ewallet.journal",
                               [](Context& context) { return run_ewallet(args, context); });
  app.add_option("--listen", args.listen, "HOST:PORT, an IPv4 address")->capture_default_str();
  app.add_option("--host", args.host, "the name clients know it by; default: that of --listen");
  app.add_option("--tls", args.tls, "a folder for its keys and certificates, made at the first start: root.crt, ewallet.pub, acp.crt …");
  app.add_option("--app-key", args.app_keys, "APP_ID=FILE: a public key or certificate (PEM) that signs requests to the e-wallet; may be repeated");
  app.add_option("--merchant-key", args.merchant_keys, "CERT_ID=FILE: the same for the network's gateway");
  app.add_option("--journal", args.journal, "the books: a file that is read at the start and appended to");
  app.add_option("--settlement", args.settlement, "a directory for one file a day: ewallet/YYYYMMDD.csv, acp/YYYYMMDD.csv");
  app.add_option("--balance", args.balance, "minor units each account begins with")->capture_default_str();
  app.add_option("--notify-root", args.notify_root, "the root (PEM) of https:// addresses for notifications");
  app.add_option("--hurry", args.hurry, "pauses between notifications are divided by it")->capture_default_str();
  add_faults(app, args.faults);
}

}  // namespace tf::cli
