// init, serve, status
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>

#include "apps/trustferry/line/admin_options.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/passphrase.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/line/section_options.hpp"
#include "apps/trustferry/line/signals.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "platform/authority.hpp"
#include "platform/onboard/settings.hpp"
#include "platform/server.hpp"
#include "wire/encoding.hpp"

namespace tf::cli {
namespace {

struct InitArgs {
  std::string directory = "run/platform";
  std::string root_key;
  std::vector<std::string> ranges;
  std::vector<std::string> names;
  std::string passphrase_file, root_passphrase_file;
  PassphraseCost cost;
  std::uint16_t port = 8443, admin_port = 8444, public_port = 0;
  std::string public_url;
  bool wallet = false, cardsign = false;
  SectionOptions sections;
};

std::vector<platform::Setting> settings_of(const InitArgs& args) {
  auto out = args.sections.given();
  if (args.wallet) out.push_back({.section = "wallet"});
  if (args.cardsign) out.push_back({.section = "cardsign"});
  return out;
}

Status run_init(const InitArgs& args, Context& context) {
  TF_CHECK(need(args.root_key, "--root-key"));
  TF_CHECK(need(args.ranges.empty() ? "" : args.ranges.front(), "--range"));
  platform::InitOptions options{.directory = args.directory, .root_key_file = args.root_key, .ranges = {}, .config = {}, .scrypt = args.cost.scrypt()};
  for (const std::string& range : args.ranges) options.ranges.push_back(TF_TRY(wire::DsnRange::parse(range)));
  if (!args.names.empty()) options.config.names = args.names;
  options.config.terminals.port = args.port;
  options.config.admin.port = args.admin_port;
  options.config.pki.listen.port = args.public_port;
  if (!args.public_url.empty() && !args.public_url.starts_with("http://"))
    return Error{Code::invalid, "cli.public_url", "--public-url begins with http://: what is fetched there is signed"};
  options.config.pki.url = args.public_url;
  TF_CHECK(platform::take_settings(options.config, settings_of(args)));
  const auto passphrase = TF_TRY(read_passphrase({args.passphrase_file, "trustferry-vault", "New vault passphrase", true}));
  const auto root_passphrase = TF_TRY(read_passphrase({args.root_passphrase_file, "trustferry-root", "New root passphrase", true}));
  const auto report = TF_TRY(platform::initialise(options, passphrase, root_passphrase));
  if (context.json) {
    wire::JsonWriter writer;
    writer.begin_object().member("directory", args.directory).member("root_key", args.root_key);
    print_line(writer.member("root_fingerprint", report.root_fingerprint).end_object().text());
    return {};
  }
  Facts facts;
  facts.add("platform", args.directory).add("root key", args.root_key + "   take it offline now; the server does not need it");
  facts.add("root SHA-256", report.root_fingerprint).add("operators", args.directory + "/operators   hand each pair out, then remove it here");
  if (options.config.wallet) facts.add("routes", args.directory + "/" + options.config.wallet->rules + "   write routes and limits there before it is served");
  facts.print();
  return {};
}

struct ServeArgs {
  std::string directory = "run/platform";
  std::string passphrase_file;
  std::vector<std::string> roles = {"platform"};
  bool log_json = false;
};

Status run_serve(const ServeArgs& args, Context&) {
  hold_stop_signals();
  log::set_json(args.log_json);
  // Freed memory is kept for the next request instead of being given back and asked for again.
  ::mallopt(M_TRIM_THRESHOLD, 256 * 1024 * 1024);
  ::mallopt(M_MMAP_THRESHOLD, 32 * 1024 * 1024);
  if (args.roles == std::vector<std::string>{"ocsp"}) return serve_ocsp(args.directory);
  if (args.roles != std::vector<std::string>{"platform"}) {
    if (std::ranges::all_of(args.roles, platform::is_onboard_role)) return serve_onboard(args.directory, args.passphrase_file, args.roles);
    return Error{Code::invalid, "cli.role", "--role is platform, ocsp, or one or several of contract, credentialing, registration, phlr, hss, provisioning"};
  }
  const auto passphrase = TF_TRY(read_passphrase({args.passphrase_file, "trustferry-vault", "Vault passphrase"}));
  auto server = TF_TRY(platform::Server::open(args.directory, passphrase));
  TF_CHECK(server->start());
  log::info(fmt::format("serving terminals on port {}, operators on port {}; Ctrl-C stops", server->terminals_port(), server->admin_port()));
  wait_for_stop();
  log::info("stopping: finishing what is in flight");
  server->stop();
  log::info("stopped");
  return {};
}

Status run_status(const AdminAccess& access, Context& context) {
  auto client = TF_TRY(AdminClient::open(access));
  const std::string body = TF_TRY(client.get("/admin/v1/status"));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto status = TF_TRY(wire::JsonObject::parse(body));
  auto estate = TF_TRY(status.object("estate"));
  auto audit = TF_TRY(status.object("audit"));
  auto vault = TF_TRY(status.object("vault"));
  const auto number = [](wire::JsonObject& from, const char* name) { return from.integer(name, 0, INT64_MAX).value_or(0); };
  Facts facts;
  facts.add("terminals", fmt::format("{} ({} complete, {} denied)", number(estate, "terminals"), number(estate, "completed"), number(estate, "denied")));
  facts.add("active keys", fmt::format("{}", number(estate, "active_keys")));
  facts.add("audit", fmt::format("{} entries, checkpoint at {}", number(audit, "entries"), number(audit, "checkpointed")));
  facts.add("vault", TF_TRY(vault.boolean("sealed")) ? "sealed" : "open");
  const auto why = TF_TRY(vault.optional_text("why"));
  facts.add("memory", why ? *why : "locked, not dumped");
  for (auto& certificate : TF_TRY(status.objects("certificates", 256)))
    facts.add(TF_TRY(certificate.text("kind")), "until " + moment(number(certificate, "not_after_ms")));
  facts.add("CRL", "next by " + moment(number(status, "crl_next_update_ms")));
  facts.print();
  return {};
}

}  // namespace

void add_platform(CommandLine& line) {
  static InitArgs init;
  CLI::App& init_app = line.command(line.root(), "init",
      "Makes a platform: data directory, vault, root of trust, the first operators' client certificates.",
      "trustferry init --directory run/platform --root-key offline/root.key --range TF000000..TF999999",
      [](Context& context) { return run_init(init, context); });
  init_app.add_option("--directory", init.directory, "data directory, made new")->capture_default_str();
  init_app.add_option("--root-key", init.root_key, "where the root's private key goes; take it offline afterwards");
  init_app.add_option("--range", init.ranges, "serials this platform serves, FROM..TO; may be repeated");
  init_app.add_option("--name", init.names, "DNS name or address in the TLS certificate; may be repeated");
  init_app.add_option("--port", init.port, "for terminals")->capture_default_str();
  init_app.add_option("--admin-port", init.admin_port, "for operators")->capture_default_str();
  init_app.add_option("--public-port", init.public_port, "for everybody, plain HTTP: revocation lists and OCSP; 0: off")->capture_default_str();
  init_app.add_option("--public-url", init.public_url, "how the world reaches it, http://host:port; stands in every certificate");
  init_app.add_flag("--wallet", init.wallet, "mobile payment, with the defaults of [wallet]; any of its options turns it on as well")->group("[wallet]");
  init.sections.add(init_app, "wallet", "wallet");
  init.sections.add(init_app, "wallet.sms", "wallet-sms");
  init_app.add_flag("--cardsign", init.cardsign, "payments by smart card, with the defaults of [cardsign]; needs [wallet]")->group("[cardsign]");
  init.sections.add(init_app, "cardsign", "cardsign");
  init_app.add_option("--passphrase-file", init.passphrase_file, "vault passphrase; - for standard input; asked for otherwise");
  init_app.add_option("--root-passphrase-file", init.root_passphrase_file, "root passphrase; asked for otherwise");
  add_passphrase_cost(init_app, init.cost);

  static ServeArgs serve;
  CLI::App& serve_app = line.command(line.root(), "serve",
      "Serves terminals and operators until Ctrl-C; what is in flight is finished. The passphrase comes from the terminal, a file, "
      "or the systemd credential trustferry-vault.",
      "trustferry serve --directory run/platform", [](Context& context) { return run_serve(serve, context); });
  serve_app.add_option("--directory", serve.directory, "data directory")->capture_default_str();
  serve_app.add_option("--passphrase-file", serve.passphrase_file, "vault passphrase; - for standard input");
  serve_app.add_option("--role", serve.roles, "platform; ocsp: a responder apart, with keys of its own and no vault; or roles of onboard, several of one directory: contract, credentialing, registration, phlr, hss, provisioning")->capture_default_str();
  serve_app.add_flag("--log-json", serve.log_json, "log lines as JSON");

  static AdminAccess status;
  status.as = "auditor";
  CLI::App& status_app = line.command(line.root(), "status", "What a running platform is doing: estate, audit, vault, certificates.",
      "trustferry status --directory run/platform", [](Context& context) { return run_status(status, context); });
  add_admin_options(status_app, status);
}

}  // namespace tf::cli
