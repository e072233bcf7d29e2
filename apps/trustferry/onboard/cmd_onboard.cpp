// onboard init, install, peer; serve --role contract …: the servers of onboard
#include <fmt/format.h>

#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/passphrase.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/line/signals.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "platform/onboard/provisioning/datagram.hpp"
#include "platform/onboard/server.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

constexpr std::size_t kMostInstalled = 256 * 1024;

struct SetupArgs {
  std::string directory = "run/onboard", passphrase_file, root, listen = "127.0.0.1:8450", metrics, server_id, algorithm = "milenage";
  platform::OnboardSettings settings;
  PassphraseCost cost;
  bool open_access = false;
  std::vector<std::string> certificates;
  platform::OnboardPeer peer;
  std::string peer_certificate;
};

Status run_init(SetupArgs& args, Context& context) {
  platform::OnboardSettings& settings = args.settings;
  TF_CHECK(need(settings.roles.empty() ? "" : settings.roles.front(), "--role"));
  TF_CHECK(need(settings.name, "--name"));
  TF_CHECK(need(args.root, "--root"));
  settings.listen = TF_TRY(platform::parse_listen(args.listen));
  if (!args.metrics.empty()) settings.metrics = TF_TRY(platform::parse_listen(args.metrics));
  settings.provisioning.server_id = args.server_id.empty() ? settings.name : args.server_id;
  TF_TRY(platform::NotifyPlaces::parse(settings.provisioning.notify));
  const auto algorithm = crypto::parse_aka_algorithm(args.algorithm);
  if (!algorithm) return Error{Code::invalid, "cli.option", "--algorithm is milenage or tuak, not " + args.algorithm};
  settings.hss.algorithm = *algorithm;
  if (args.open_access) settings.registration.access.wanted = false;
  const auto root = TF_TRY(pki::Certificate::from_pem(as_text(TF_TRY(read_file(args.root, kMostInstalled)))));
  const auto passphrase = TF_TRY(read_passphrase({args.passphrase_file, "trustferry-vault", "New vault passphrase", true}));
  TF_CHECK(platform::initialise_onboard(args.directory, settings, root, passphrase, args.cost.scrypt()));
  const platform::OnboardPaths paths{args.directory};
  const auto keys = platform::keys_of(settings);
  if (context.json) {
    wire::JsonWriter writer;
    writer.begin_object().member("directory", args.directory).key("requests").begin_array();
    for (const auto& key : keys)
      writer.begin_object().member("key", key.name).member("profile", key.profile).member("subject", key.subject).member("csr", paths.request(key.name)).end_object();
    print_line(writer.end_array().end_object().text());
    return {};
  }
  Facts facts;
  facts.add("server", args.directory).add("settings", paths.settings());
  for (const auto& key : keys) facts.add(key.name, fmt::format("{}   for profile {}, commonName={}", paths.request(key.name), key.profile, key.subject));
  facts.add("next", "pki issue for each, onboard install, onboard peer, serve --role").print();
  return {};
}

Status run_install(const SetupArgs& args, Context& context) {
  TF_CHECK(need(args.certificates.empty() ? "" : args.certificates.front(), "CERTIFICATE"));
  std::vector<pki::Certificate> all;
  for (const std::string& path : args.certificates)
    for (pki::Certificate& one : TF_TRY(pki::certificates_from_pem(as_text(TF_TRY(read_file(path, kMostInstalled)))))) all.push_back(std::move(one));
  const auto installed = TF_TRY(platform::install_onboard(args.directory, all, SystemClock().now_ms()));
  wire::JsonWriter writer;
  Facts facts;
  writer.begin_object().key("installed").begin_array();
  for (const auto& [key, certificate] : installed) {
    const std::string fingerprint = wire::hex_lower(certificate.fingerprint());
    writer.begin_object().member("key", key).member("fingerprint", fingerprint).member("not_after_ms", certificate.not_after_ms()).end_object();
    facts.add(key, fmt::format("until {}   SHA-256 {}", moment(certificate.not_after_ms()), fingerprint));
  }
  writer.end_array().end_object();
  if (context.json) print_line(writer.text());
  else facts.print();
  return {};
}

Status run_peer(SetupArgs& args, Context& context) {
  TF_CHECK(need(args.peer.role, "--role"));
  platform::OnboardPeer& peer = args.peer;
  if (peer.name.empty()) peer.name = peer.role;
  if (!args.peer_certificate.empty()) {
    const auto certificates = TF_TRY(pki::certificates_from_pem(as_text(TF_TRY(read_file(args.peer_certificate, kMostInstalled)))));
    peer.fingerprints.push_back(wire::hex_lower(certificates.front().fingerprint()));
  }
  TF_CHECK(platform::add_onboard_peer(args.directory, peer));
  if (context.json) print_line(wire::JsonWriter().begin_object().member("role", peer.role).member("name", peer.name).end_object().text());
  else Facts().add("peer", peer.role + " " + peer.name).add("settings", platform::OnboardPaths{args.directory}.settings()).print();
  return {};
}

void add_init(CommandLine& line, CLI::App& group, SetupArgs& args) {
  platform::OnboardSettings& settings = args.settings;
  CLI::App& init = line.command(group, "init", "Makes the directory of a server: settings, vault, keys, and a request for a certificate for each key.",
      "trustferry onboard init --directory run/credentialing --role credentialing --name cred-1 --operator op-1 --host localhost --listen 127.0.0.1:8452 --root run/platform/root.crt",
      [&args](Context& context) { return run_init(args, context); });
  init.add_option("--role", settings.roles, "contract, credentialing, registration, phlr, provisioning or hss; may be repeated");
  init.add_option("--name", settings.name, "of this server; registration servers and PHLRs are known to devices by it");
  init.add_option("--operator", settings.operator_id, "the operator whose server it is (contract, credentialing, hss)");
  init.add_option("--host", settings.hosts, "DNS name in its TLS certificate; may be repeated")->capture_default_str();
  init.add_option("--listen", args.listen, "ADDRESS:PORT")->capture_default_str();
  init.add_option("--metrics", args.metrics, "ADDRESS:PORT where /metrics is, over plain HTTP, for who watches; default: nowhere");
  init.add_option("--url", settings.url, "how others reach it; default: https://HOST:PORT");
  init.add_option("--root", args.root, "the root certificate (PEM) of the public key infrastructure");
  init.add_option("--token-host", settings.phlr.hosts, "phlr: host:port that its tokens open; may be repeated");
  init.add_option("--realm", settings.phlr.realm, "phlr: of HTTP Digest")->capture_default_str();
  init.add_option("--socket", settings.phlr.socket, "phlr: the Unix socket for hostapd's eap_sim_db");
  init.add_option("--imsi-prefix", settings.hss.imsi_prefix, "hss: country's and network's code")->capture_default_str();
  init.add_option("--algorithm", args.algorithm, "hss: of new subscriptions, milenage or tuak")->capture_default_str();
  init.add_option("--osmo", settings.hss.osmo, "hss: where osmo-hlr is; default: an authentication centre of our own");
  init.add_option("--server-id", args.server_id, "provisioning: what it calls itself in OMA DM; default: its --name");
  init.add_option("--notify-place", settings.provisioning.notify, "provisioning: where package 0 may go, as 10.0.0.0/8 or .devices.example; may be repeated; default: nowhere");
  init.add_option("--registration-days", settings.credentialing.registration_days, "credentialing: how long a registration lives")->capture_default_str();
  init.add_option("--notify", settings.credentialing.notify, "credentialing: HOST:PORT of devices' package 0, {dsim_id} in it; default: devices begin");
  init.add_flag("--open", args.open_access, "registration: referrals without an access token");
  init.add_option("--passphrase-file", args.passphrase_file, "vault passphrase; - for standard input; asked for otherwise");
  add_passphrase_cost(init, args.cost);
}

}  // namespace

Status serve_onboard(const std::string& directory, const std::string& passphrase_file, const std::vector<std::string>& roles) {
  static const SystemClock clock;
  const auto passphrase = TF_TRY(read_passphrase({passphrase_file, "trustferry-vault", "Vault passphrase"}));
  auto server = TF_TRY(platform::OnboardServer::open(directory, passphrase, roles, clock));
  TF_CHECK(server->start());
  std::string names;
  for (const std::string& role : server->roles()) names += (names.empty() ? "" : ", ") + role;
  log::info(fmt::format("serving {} on port {}; Ctrl-C stops", names, server->port()));
  wait_for_stop();
  log::info("stopping: finishing what is in flight");
  server->stop();
  log::info("stopped");
  return {};
}

void add_onboard(CommandLine& line) {
  static SetupArgs args;
  CLI::App& group = line.group(line.root(), "onboard", "Subscriptions over the air: servers, orders, devices' preliminary credentials. Servers run by serve --role.");
  add_init(line, group, args);
  CLI::App& install = line.command(group, "install", "Takes the certificates that were issued for its keys; a running server has them after its next start.",
      "trustferry onboard install --directory run/credentialing tls.crt operator.crt", [](Context& context) { return run_install(args, context); });
  install.add_option("certificates", args.certificates, "PEM files: certificates, those above them behind");
  CLI::App& peer = line.command(group, "peer", "Tells a server about another one, or about a person: where to reach it, by which certificate it is known.",
      "trustferry onboard peer --directory run/credentialing --role registration --name reg-1 --url https://localhost:8451\n"
      "trustferry onboard peer --directory run/registration --role credentialing --name cred-1 --operator op-1 --certificate run/credentialing/certificates/tls.crt",
      [](Context& context) { return run_peer(args, context); });
  peer.add_option("--role", args.peer.role, "contract, credentialing, registration, phlr, hss, provisioning, ocsp or staff");
  peer.add_option("--name", args.peer.name, "of the peer; default: its role");
  peer.add_option("--url", args.peer.url, "https://host:port; ocsp: http://host:port/path");
  peer.add_option("--operator", args.peer.operator_id, "whose it is (contract, credentialing)");
  peer.add_option("--fingerprint", args.peer.fingerprints, "SHA-256 of its certificate, 64 hex digits; may be repeated");
  peer.add_option("--certificate", args.peer_certificate, "its certificate (PEM), instead of the fingerprint");
  peer.add_option("--server-id", args.peer.server_id, "provisioning: what it calls itself in OMA DM; default: its name");
  for (CLI::App* app : {&install, &peer}) app->add_option("--directory", args.directory, "the server's directory")->capture_default_str();
  for (CLI::App* app : group.get_subcommands({}))
    if (app->get_name() == "init") app->add_option("--directory", args.directory, "made new")->capture_default_str();
  add_onboard_orders(line, group);
  add_onboard_staff(line, group);
  add_onboard_manufacture(line, group);
}

}  // namespace tf::cli
