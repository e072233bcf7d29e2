// demo: a whole platform on this machine, each part a process of its own: init, serve, loader, fleet.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "apps/trustferry/demo/demo_fleet.hpp"
#include "apps/trustferry/demo/demo_summary.hpp"
#include "apps/trustferry/line/admin_client.hpp"
#include "apps/trustferry/line/child_process.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/line/signals.hpp"
#include "base/file.hpp"
#include "base/ports.hpp"
#include "wire/dsn.hpp"
#include "wire/encoding.hpp"

namespace tf::cli {
namespace {

namespace fs = std::filesystem;

struct DemoArgs {
  std::string directory = "run";
  std::int64_t terminals = 1000;
  int port = 8443, admin_port = 8444, access_port = 8445, gateway_port = 8480, concurrency = 32, phones = 200;
  int wallet_port = 8447, acquirer_port = 8583, ewallet_port = 8643, wallet_phones = 50, orders = 500;
  int public_port = 8448, cardsign_port = 8449, onboard_port = 8450, modules = 200, cards = 1;
  bool serve = false;
};

class Demo {
 public:
  Demo(const DemoArgs& args, Context& context)
      : args_(args), context_(context), program_(own_program()),
        wallet_({.program = program_, .directory = args.directory, .platform = platform(), .wallet_port = args.wallet_port, .acquirer_port = args.acquirer_port,
                 .ewallet_port = args.ewallet_port, .phones = args.wallet_phones, .orders = args.orders,
                 .on_platform = [this](std::vector<std::string> words) { return on_platform(std::move(words)); }, .say = [this](const std::string& what) { say(what); }}),
        cards_({.program = program_, .directory = args.directory, .platform = platform(), .port = args.cardsign_port,
                .on_platform = [this](std::vector<std::string> words) { return on_platform(std::move(words)); }, .say = [this](const std::string& what) { say(what); }}) {}

  Status run() {
    TF_CHECK(prepare());
    if (wallet_.configured()) TF_CHECK(wallet_.start_others());
    auto server = TF_TRY(ChildProcess::start({program_, "serve", "--directory", platform(), "--passphrase-file", in("passphrase")}, in("server.log")));
    TF_CHECK(wait_until_ready(server));
    if (args_.serve) return keep_serving(server);
    const std::string fleet = TF_TRY(take_terminals());
    TF_CHECK(take_phones());
    TF_CHECK(take_wallets());
    TF_CHECK(take_modules());
    TF_CHECK(take_card());
    const int stopped = server.terminate();
    if (stopped != 0) return Error{Code::internal, "demo.server", fmt::format("the server ended with status {}; see {}", stopped, in("server.log"))};
    return summarise(fleet);
  }

 private:
  [[nodiscard]] std::string in(const std::string& name) const { return args_.directory + "/" + name; }
  [[nodiscard]] std::string platform() const { return in("platform"); }
  void say(const std::string& what) const {
    if (!context_.json) print_line("· " + what);
    std::fflush(stdout);
  }
  Result<std::string> trustferry(std::vector<std::string> words) const {
    words.insert(words.begin(), program_);
    words.emplace_back("--json");
    return ChildProcess::capture(words, in("last.json"));
  }
  Result<std::string> on_platform(std::vector<std::string> words) const {
    words.insert(words.end(), {"--directory", platform()});
    return trustferry(std::move(words));
  }

  Status secret_file(const std::string& name) const {
    if (fs::exists(in(name))) return {};
    SystemRandom random;
    const auto bytes = random.array<24>();
    return write_private_file(in(name), as_bytes(wire::base64url(bytes)));
  }

  Status prepare() {
    std::error_code ignored;
    fs::create_directories(args_.directory, ignored);
    fs::permissions(args_.directory, fs::perms::owner_all, ignored);
    TF_CHECK(secret_file("passphrase"));
    TF_CHECK(secret_file("root-passphrase"));
    if (fs::exists(platform())) {
      say("the platform in " + platform() + " is taken up again");
      return {};
    }
    say("making a platform in " + platform() + ": vault, root of trust, operators");
    fs::remove(in("offline/root.key"), ignored);  // of a platform that never came to be
    TF_TRY(trustferry({"init", "--directory", platform(), "--root-key", in("offline/root.key"), "--range", "TF000000..TF999999",
                              "--port", std::to_string(args_.port), "--admin-port", std::to_string(args_.admin_port), "--public-port", std::to_string(args_.public_port),
                              "--passphrase-file", in("passphrase"), "--root-passphrase-file", in("root-passphrase")}));
    TF_CHECK(add_phone_service());
    if (args_.wallet_phones == 0) return {};
    TF_CHECK(wallet_.prepare());
    return args_.cards > 0 ? cards_.prepare() : Status();
  }

  // A service for the phones, on a port of its own.
  Status add_phone_service() const {
    const std::string path = platform() + "/platform.toml";
    std::string text(as_text(TF_TRY(read_file(path, 64 * 1024))));
    const std::string_view standard = "access = \"127.0.0.1:8445\"";
    if (const std::size_t at = text.find(standard); at != std::string::npos)
      text.replace(at, standard.size(), fmt::format("access = \"127.0.0.1:{}\"", args_.access_port));
    text += fmt::format("\n[access.services.{}]\nfirst_use = \"trusted\"\nsuites = [\"modern\", \"classic\"]\n", kPhoneService);
    return write_file_atomic(path, as_bytes(text), 0644);
  }

  Result<std::string> take_terminals() const {
    return FleetDemo({.program = program_, .directory = args_.directory, .platform = platform(), .port = args_.port, .terminals = args_.terminals, .concurrency = args_.concurrency,
                      .on_platform = [this](std::vector<std::string> words) { return on_platform(std::move(words)); }, .say = [this](const std::string& what) { say(what); }}).run();
  }

  // Phones with SIMs, through a real gateway.
  Status take_phones() {
    if (args_.phones == 0) return {};
    say(fmt::format("{} phones agree keys through an enriching gateway and authenticate; two SIMs are swapped", args_.phones));
    const std::string peer = in("gateway-peer");
    if (!fs::exists(peer + ".crt")) TF_TRY(on_platform({"peer", "enrol", "gateway", "--kind", "gateway", "--out", peer}));
    TF_TRY(on_platform({"access", "keys", "--out", in("platform.jwks")}));
    auto report = run_phones({.directory = in("gateway"), .gateway_certificate = peer + ".crt", .gateway_key = peer + ".key", .root = platform() + "/root.crt",
                              .keys = in("platform.jwks"), .gateway_port = args_.gateway_port, .access_port = args_.access_port, .phones = args_.phones});
    if (!report && std::string_view(report.error().reason) == "demo.nginx") {
      say("the phones stay at home: " + report.error().detail);
      return {};
    }
    phones_ = TF_TRY(std::move(report));
    return {};
  }

  // Phones that pay, with both kinds of front ends.
  Status take_wallets() {
    if (args_.wallet_phones == 0) return {};
    if (!wallet_.configured()) {
      say("the platform was made without a wallet, so nobody pays");
      return {};
    }
    wallets_ = TF_TRY(wallet_.run());
    const WalletReport& it = *wallets_;
    if (it.open != 0 || it.differing != 0)
      return Error{Code::internal, "demo.books", fmt::format("{} orders are open and {} lines differ: the books do not agree", it.open, it.differing)};
    return {};
  }

  // Modules that get their subscriptions over the air.
  Status take_modules() {
    if (args_.modules == 0) return {};
    if (!as_text(TF_TRY(read_file(platform() + "/platform.toml", 64 * 1024))).contains(fmt::format("listen = \"127.0.0.1:{}\"", args_.public_port))) {
      say("the platform was made without a listener for OCSP, so no module is onboarded");
      return {};
    }
    OnboardDemo demo({.program = program_, .directory = args_.directory, .platform = platform(), .public_port = args_.public_port, .port = args_.onboard_port, .modules = args_.modules,
                      .on_platform = [this](std::vector<std::string> words) { return on_platform(std::move(words)); }, .say = [this](const std::string& what) { say(what); }});
    modules_ = TF_TRY(demo.run());
    return {};
  }

  // A smart card that signs a payment.
  Status take_card() {
    if (args_.cards == 0 || args_.wallet_phones == 0) return {};
    if (!cards_.configured()) {
      say("the platform was made without cardsign, so no card signs");
      return {};
    }
    card_ = TF_TRY(cards_.run());
    return {};
  }

  Status wait_until_ready(ChildProcess& server) const {
    const AdminAccess access{.directory = platform(), .url = {}, .as = "auditor", .certificate = {}, .key = {}, .root = {}};
    for (int tries = 0; tries < 300 && server.running(); ++tries) {
      auto client = TF_TRY(AdminClient::open(access));
      if (client.get("/readyz")) {
        say(fmt::format("serving: terminals on port {}, operators on port {}", args_.port, args_.admin_port));
        return {};
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return Error{Code::unavailable, "demo.server", "the server did not come up; see " + in("server.log")};
  }

  Status keep_serving(ChildProcess& server) const {
    print_line(fmt::format("terminals: https://127.0.0.1:{}   operators: https://127.0.0.1:{} (certificates in {}/operators)   Ctrl-C stops",
                           args_.port, args_.admin_port, platform()));
    std::fflush(stdout);
    while (!stop_requested())
      if (std::this_thread::sleep_for(std::chrono::milliseconds(100)); !server.running()) break;
    const int status = server.terminate();
    if (status == 0) return {};
    return Error{Code::internal, "demo.server", fmt::format("the server ended with status {}; see {}", status, in("server.log"))};
  }

  Status summarise(const std::string& fleet) const {
    return print_demo({.fleet = fleet, .audit = TF_TRY(trustferry({"audit", "verify", "--directory", platform()})), .phones = phones_, .wallets = wallets_, .modules = modules_, .card = card_,
                       .orders = args_.orders}, context_.json);
  }

  const DemoArgs& args_;
  Context& context_;
  std::string program_;
  std::optional<PhoneReport> phones_;
  WalletDemo wallet_;
  std::optional<WalletReport> wallets_;
  std::optional<OnboardReport> modules_;
  CardsignDemo cards_;
  std::optional<CardsignReport> card_;
};

}  // namespace

void add_demo(CommandLine& line) {
  static DemoArgs args;
  CLI::App& demo = line.command(line.root(), "demo",
      "A whole platform on this machine: makes it, serves it, has a loader personalise a fleet, lets the fleet download its keys, "
      "verifies the audit trail. Run again after an interruption, it completes what is missing.",
      "trustferry demo --directory run", [](Context& context) {
        hold_stop_signals();
        return Demo(args, context).run();
      });
  demo.add_option("--directory", args.directory, "everything is kept here")->capture_default_str();
  demo.add_option("--terminals", args.terminals, "size of the fleet")->capture_default_str();
  demo.add_option("--concurrency", args.concurrency, "downloads at a time")->capture_default_str();
  demo.add_option("--port", args.port, "for terminals; of a new platform")->capture_default_str();
  demo.add_option("--admin-port", args.admin_port, "for operators; of a new platform")->capture_default_str();
  demo.add_option("--phones", args.phones, "phones that go through the gateway; 0: none")->capture_default_str();
  demo.add_option("--access-port", args.access_port, "for gateways; of a new platform")->capture_default_str();
  demo.add_option("--gateway-port", args.gateway_port, "of the demo's gateway")->capture_default_str();
  demo.add_option("--wallet-phones", args.wallet_phones, "phones that register and pay; of a new platform; 0: none")->capture_default_str();
  demo.add_option("--orders", args.orders, "that they pay")->capture_default_str();
  demo.add_option("--wallet-port", args.wallet_port, "for them; of a new platform")->capture_default_str();
  demo.add_option("--acquirer-port", args.acquirer_port, "of the simulated acquirer")->capture_default_str();
  demo.add_option("--ewallet-port", args.ewallet_port, "of the simulated e-wallet")->capture_default_str();
  demo.add_option("--modules", args.modules, "that get a subscription over the air; of a new platform; 0: none")->capture_default_str();
  demo.add_option("--onboard-port", args.onboard_port, "the first of the six servers for them; of a new platform")->capture_default_str();
  demo.add_option("--cards", args.cards, "smart cards that sign a payment; of a new platform with wallet phones; 0: none")->check(CLI::Range(0, 1))->capture_default_str();
  demo.add_option("--cardsign-port", args.cardsign_port, "for terminals with cards, and browsers; of a new platform")->capture_default_str();
  demo.add_option("--public-port", args.public_port, "for OCSP and revocation lists; of a new platform")->capture_default_str();
  demo.add_flag("--serve", args.serve, "keep the platform up until Ctrl-C");
}

}  // namespace tf::cli
