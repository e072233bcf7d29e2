// card new, show, reset, serve: a smart card in software, and its manufacturer
#include <fmt/format.h>

#include <filesystem>

#include "apps/trustferry/cardsign/card_factory.hpp"
#include "apps/trustferry/cardsign/card_in_modem.hpp"
#include "apps/trustferry/cardsign/card_show.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/line/secret_argument.hpp"
#include "apps/trustferry/line/signals.hpp"
#include "apps/trustferry/line/system_ports.hpp"
#include "base/file.hpp"
#include "card/software_card.hpp"
#include "crypto/jose/jose.hpp"
#include "crypto/public_key_file.hpp"
#include "pcsc/card_in_reader.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace tf::cli {
namespace {

struct CardFileArgs {
  std::string directory = "run/card";
  CardSecrets secrets;
  CardOrder order;
  std::string host = "127.0.0.1";
  std::uint16_t port = pcsc::kVpcdPort;
  int wait_s = 10;
  std::string at;  // where the line for AT commands is linked; empty: none
};

Status run_new(const CardFileArgs& args, Context& context) {
  TF_CHECK(need(args.order.serial, "--serial"));
  card::Plan plan = TF_TRY(plan_of(args.secrets, args.order, system_random));
  const pki::Issuer manufacturer = TF_TRY(open_manufacturer(args.order.manufacturer, system_clock.now_ms(), system_random));
  const auto made = TF_TRY(card::SoftwareCard::create(args.directory, plan, manufacturer, system_clock.now_ms(), system_random));
  if (!args.order.record.empty()) TF_CHECK(write_record(*made, plan, args.order, system_random));
  return show_card(*made, context);
}

Status run_show(const CardFileArgs& args, Context& context) { return show_card(*TF_TRY(card::SoftwareCard::open(args.directory, system_random)), context); }

Status run_reset(const CardFileArgs& args, Context& context) {
  const auto opened = TF_TRY(card::SoftwareCard::open(args.directory, system_random));
  const card::Plan plan = TF_TRY(plan_of(args.secrets, args.order, system_random));
  TF_CHECK(card::reset(opened->services(), plan));
  return show_card(*opened, context);
}

// A descriptor that becomes readable with Ctrl-C and SIGTERM.
class StopDescriptor {
 public:
  StopDescriptor() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    descriptor_ = ::signalfd(-1, &set, SFD_CLOEXEC);
  }
  StopDescriptor(const StopDescriptor&) = delete;
  StopDescriptor& operator=(const StopDescriptor&) = delete;
  ~StopDescriptor() { ::close(descriptor_); }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  // Waits, and says whether it is time to end.
  [[nodiscard]] bool come(int at_most_ms) const {
    pollfd wait{descriptor_, POLLIN, 0};
    return ::poll(&wait, 1, at_most_ms) > 0;
  }

 private:
  int descriptor_ = -1;
};

void say_served(const CardFileArgs& args, const card::SoftwareCard& card, const CardInModem* modem, const Context& context) {
  if (context.json) {
    wire::JsonWriter out;
    out.begin_object().member("serial", card.serial()).member("port", args.port);
    if (modem != nullptr) out.member("at", args.at).member("device", modem->device()).member("usim", modem->has_usim());
    print_line(out.end_object().text());
    return;
  }
  print_line(fmt::format("card {} in the reader of {}:{}", card.serial(), args.host, args.port));
  if (modem == nullptr) return;
  print_line(fmt::format("AT commands on {} ({})", args.at, modem->device()));
  if (!modem->has_usim()) print_line("the card has no USIM: AT+CIMI and AT+CPIN? answer error 10, SIM not inserted");
}

// vpcd comes and goes with pcscd: the card is put in anew, as long as somebody listens again soon.
Status run_serve(const CardFileArgs& args, Context& context) {
  constexpr int kPauseMs = 100;
  hold_stop_signals();
  const StopDescriptor stop;
  const auto opened = TF_TRY(card::SoftwareCard::open(args.directory, system_random));
  std::unique_ptr<CardInModem> modem;
  if (!args.at.empty()) modem = TF_TRY(CardInModem::open(*opened, args.at));
  pcsc::CardInReader inserted(opened->card());
  bool told = false;
  std::int64_t give_up = system_clock.monotonic_ms() + args.wait_s * 1000;
  while (!stop.come(0)) {
    auto link = pcsc::VpcdLink::connect(args.host, args.port);
    if (!link) {
      if (system_clock.monotonic_ms() >= give_up) return link.error();
      if (stop.come(kPauseMs)) break;
      continue;
    }
    if (!told) {
      say_served(args, *opened, modem.get(), context);
      std::fflush(stdout);  // whoever reads us by a pipe waits for it
    }
    told = true;
    TF_CHECK(link->serve(inserted, stop.descriptor()));
    inserted.power_off();
    give_up = system_clock.monotonic_ms() + args.wait_s * 1000;
  }
  return {};
}

void add_secrets(CLI::App& app, CardSecrets& secrets) {
  app.add_option("--pin", secrets.pin, "the owner's PIN, 6 to 8 digits; or @FILE, or -")->capture_default_str();
  app.add_option("--puk", secrets.puk, "the owner's PUK, 6 to 8 characters; or @FILE, or -")->capture_default_str();
  app.add_option("--tries", secrets.tries, "of PIN and PUK each")->capture_default_str()->check(CLI::Range(1, 15));
  app.add_option("--administrator", secrets.administrator, "PIV's administrator key, HEX, @FILE or -; left out: the one every PIV card comes with");
  app.add_option("--administrator-cipher", secrets.administrator_cipher, "3des, aes128, aes192 or aes256")->capture_default_str();
}

}  // namespace

void add_card(CommandLine& line) {
  static CardFileArgs args;
  CLI::App& group = line.group(line.root(), "card", "A smart card in software: PIV, the shield that signs payments, a USIM.");
  CLI::App& make = line.command(group, "new", "As its manufacturer: makes a card with its factory key, certificates and secrets.",
                                "trustferry card new --directory run/card --serial CARD-0001 --manufacturer run/manufacturer\n"
                                "trustferry card new --serial CARD-0002 --imsi 001010000000001 --iccid 8988211000000000017 --k @k --opc @opc --user 1=@pin:@puk",
                                [](Context& context) { return run_new(args, context); });
  CLI::App& show = line.command(group, "show", "What is on a card: never a secret.", "trustferry card show --directory run/card", [](Context& context) { return run_show(args, context); });
  CLI::App& reset = line.command(group, "reset", "Back to how it left the factory: users, keys and certificates are gone; serial, the card's own keys and counters stay.",
                                 "trustferry card reset --directory run/card", [](Context& context) { return run_reset(args, context); });
  CLI::App& serve = line.command(group, "serve", "Puts the card into the virtual reader of pcscd (vpcd), and behind AT commands where asked, until Ctrl-C.",
                                 "trustferry card serve --directory run/card\ntrustferry card serve --directory run/card --at run/modem",
                                 [](Context& context) { return run_serve(args, context); });
  for (CLI::App* app : {&make, &show, &reset, &serve}) app->add_option("--directory", args.directory, "where the card is")->capture_default_str();
  for (CLI::App* app : {&make, &reset}) add_secrets(*app, args.secrets);
  CardOrder& order = args.order;
  make.add_option("--serial", order.serial, "1 to 20 of A-Z 0-9 -");
  make.add_option("--manufacturer", order.manufacturer, "directory of the manufacturer's root, which is made when there is none")->capture_default_str();
  make.add_option("--scp03", order.scp03, "ENC, MAC and DEK keys, HEX one after another (48 or 96 bytes), @FILE or -; left out: random");
  make.add_option("--ota", order.ota, "KIc and KID keys, HEX (32 or 64 bytes), @FILE or -; left out: random");
  make.add_option("--imsi", order.imsi, "a USIM subscription; with --iccid, --k and --opc");
  make.add_option("--iccid", order.iccid, "18 to 20 digits");
  make.add_option("--k", order.k, "K, HEX (16 bytes), @FILE or -");
  make.add_option("--opc", order.opc, "OPc, likewise");
  make.add_option("--user", order.users, "NUMBER=PIN:PUK of one more container, 1 to 15; PIN and PUK may be @FILE; several");
  make.add_option("--preset", order.presets, "SLOT=KEY.pem:CERTIFICATE.pem, a key and certificate that are on the card from the start (9a, 9c, 9d, 9e); several");
  make.add_flag("--sign-hash", order.sign_hash, "the card signs hashes that others made (suite classic), with a key of its own");
  make.add_option("--record", order.record, "writes the card record for a platform; with --record-key");
  make.add_option("--record-key", order.record_key, "the platform's public record key, PEM");
  serve.add_option("--host", args.host, "where vpcd listens")->capture_default_str();
  serve.add_option("--port", args.port, "35963 is the first slot")->capture_default_str();
  serve.add_option("--at", args.at, "opens a pseudo terminal, linked there, for programs that want a modem: AT+CSIM, AT+CCHO, AT+CGLA, AT+CCHC, AT+CIMI");
  serve.add_option("--wait", args.wait_s, "seconds to wait for vpcd")->capture_default_str()->check(CLI::Range(0, 3600));
}

}  // namespace tf::cli
