// terminal access init, authenticate, seal, psk, channel, show
#include <fmt/format.h>
#include <sys/wait.h>

#include <cstdlib>

#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/line/storage.hpp"
#include "apps/trustferry/line/system_ports.hpp"
#include "base/file.hpp"
#include "crypto/jose/jose.hpp"
#include "pki/certificate.hpp"
#include "terminal/access.hpp"
#include "terminal/device_file.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

struct TerminalAccessArgs {
  StorageArgs storage{.directory = "run/terminal", .passphrase_file = {}};
  std::string did, service, msisdn, info, keys, kid, code, serial, root, hook, from, client, in;
  std::string suite = "modern";
  bool reveal = false;
  bool did_beside = false;
  std::string url = "http://127.0.0.1:8080";
  std::string channel = "https://127.0.0.1:8446";
};

Result<terminal::AccessFiles> open_files(const TerminalAccessArgs& args) {
  TF_CHECK(need(args.did, "--did"));
  TF_CHECK(need(args.service, "--service"));
  return terminal::AccessFiles(args.storage.directory, TF_TRY(storage_key(args.storage, system_random)), system_random);
}

Result<net::HttpClient> connect(const TerminalAccessArgs& args) {
  net::ClientOptions options;
  options.server = TF_TRY(net::parse_any_base_url(args.url));
  options.local_address = args.from;
  if (options.server.tls) {
    TF_CHECK(need(args.root, "--root"));
    const Bytes pem = TF_TRY(read_file(args.root, 64 * 1024));
    options.anchors.push_back(TF_TRY(net::certificate_from_der(TF_TRY(pki::Certificate::from_pem(as_text(pem))).der())));
  }
  return net::HttpClient::create(std::move(options));
}

// HOOK gateway | HOOK private PROFILE: what switches the modem's route or access point. The command is the owner's own.
Status run_hook(const std::string& hook, const terminal::Route& route) {
  if (hook.empty()) return {};
  const std::string command = hook + (route.private_apn.empty() ? " gateway" : " private " + route.private_apn);  // of A–Z a–z 0–9 . - only
  const int status = std::system(command.c_str());
  if (status != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return Error{Code::unavailable, "terminal.route_hook", "the route hook failed: " + command};
}

terminal::AccessPorts ports(const terminal::AccessFiles& files, const TerminalAccessArgs& args) {
  return {.clock = system_clock, .random = system_random,
          .save = [&files](const terminal::AccessDevice& device) { return files.save(device); },
          .route = [&args](const terminal::Route& route) { return run_hook(args.hook, route); }};
}

Result<access::Identity> identity_from(const TerminalAccessArgs& args) {
  TF_CHECK(need(args.keys, "--keys"));
  const Bytes text = TF_TRY(read_file(args.keys, 64 * 1024));
  std::optional<crypto::PublishedKey> chosen;
  for (auto& key : TF_TRY(crypto::read_jwk_set(as_text(text), "enc")))
    if (args.kid.empty() ? key.key.kind() == crypto::KeyKind::p256 : key.kid == args.kid) chosen = std::move(key);  // the last one is the newest
  if (!chosen) return Error{Code::not_found, "terminal.platform_key", args.keys + " has no such key of the platform"};
  access::Identity out{.suite = TF_TRY(access::parse_suite(args.suite)), .did_beside = args.did_beside, .did = TF_TRY(access::parse_did(args.did)), .service = TF_TRY(access::parse_service(args.service)),
                       .msisdn = args.msisdn.empty() ? std::string() : TF_TRY(access::parse_msisdn(args.msisdn)), .info = TF_TRY(access::parse_info(args.info)),
                       .platform_kid = chosen->kid, .platform_key = chosen->key, .device_key = {}, .device_chain = {}, .code = args.code};
  if (!args.serial.empty()) {  // the certificate of the device's factory
    const terminal::DeviceFiles devices(args.storage.directory, TF_TRY(storage_key(args.storage, system_random)), system_random, true);
    auto device = TF_TRY(devices.load(TF_TRY(wire::Dsn::parse(args.serial))));
    for (const auto& certificate : device.identity.device_chain) out.device_chain.push_back(certificate.der());
    out.device_key = std::move(device.identity.device_key);
  }
  return out;
}

void print_access(const terminal::AccessDevice& device, Context& context, const std::string& ticket = {}) {
  const bool bound = device.binding.has_value();
  if (context.json) {
    wire::JsonWriter writer;
    writer.begin_object().member("did", device.identity.did).member("service", device.identity.service).member("msisdn", device.identity.msisdn);
    writer.member("bound", bound);
    if (bound) writer.member("key_id", device.binding->key_id).member("key_time", device.binding->key_time_ms);
    if (!ticket.empty()) writer.member("ticket", ticket);
    print_line(writer.end_object().text());
    return;
  }
  Facts facts;
  facts.add("Did", device.identity.did).add("service", device.identity.service).add("number", device.identity.msisdn.empty() ? "none" : device.identity.msisdn);
  facts.add("key", bound ? device.binding->key_id : "none");
  if (!ticket.empty()) facts.add("ticket", ticket);
  facts.print();
}

Status run_init(const TerminalAccessArgs& args, Context& context) {
  const auto files = TF_TRY(open_files(args));
  terminal::AccessDevice device{TF_TRY(identity_from(args)), {}};
  if (auto before = files.load(args.did, args.service)) device.binding = std::move(before->binding);  // agrees to another number
  terminal::AccessClient client(terminal::over(TF_TRY(connect(args))), ports(files, args));
  TF_CHECK(client.initialise(device));
  print_access(device, context);
  return {};
}

Status run_authenticate(const TerminalAccessArgs& args, Context& context) {
  const auto files = TF_TRY(open_files(args));
  auto device = TF_TRY(files.load(args.did, args.service));
  if (!args.msisdn.empty()) device.identity.msisdn = TF_TRY(access::parse_msisdn(args.msisdn));  // another SIM was put in
  if (!args.code.empty()) device.identity.code = args.code;
  terminal::AccessClient client(terminal::over(TF_TRY(connect(args))), ports(files, args));
  const std::string ticket = TF_TRY(client.authenticate(device));
  print_access(device, context, ticket);
  return {};
}

Status run_seal(const TerminalAccessArgs& args, Context&) {
  TF_CHECK(need(args.client, "--for"));
  TF_CHECK(need(args.in, "FILE"));
  const auto files = TF_TRY(open_files(args));
  const Bytes data = TF_TRY(read_file(args.in, 1024 * 1024));
  print_line(TF_TRY(terminal::seal_for_service(TF_TRY(files.load(args.did, args.service)), args.client, data, system_random)));
  return {};
}

// For stock TLS clients: openssl s_client -tls1_3 -psk_identity KEY_ID -psk HEX
Status run_psk(const TerminalAccessArgs& args, Context& context) {
  if (!args.reveal) return Error{Code::invalid, "cli.reveal", "this prints a secret; say --reveal if it is meant"};
  const auto files = TF_TRY(open_files(args));
  const auto device = TF_TRY(files.load(args.did, args.service));
  const net::Psk psk = TF_TRY(terminal::channel_psk(device));
  if (context.json) {
    wire::JsonWriter writer;
    print_line(writer.begin_object().member("identity", psk.identity).member("psk", wire::hex_lower(psk.key.reveal())).end_object().text());
  } else {
    Facts().add("identity", psk.identity).add("psk", wire::hex_lower(psk.key.reveal())).print();
  }
  return {};
}

// The private side: TLS by the key alone, and what the platform knows there of who holds it.
Status run_channel(const TerminalAccessArgs& args, Context&) {
  const auto files = TF_TRY(open_files(args));
  const auto device = TF_TRY(files.load(args.did, args.service));
  net::ClientOptions options;
  options.server = TF_TRY(net::parse_base_url(args.channel));
  options.psk = std::make_shared<const net::Psk>(TF_TRY(terminal::channel_psk(device)));
  options.local_address = args.from;
  auto client = TF_TRY(net::HttpClient::create(std::move(options)));
  const auto response = TF_TRY(client.request({.method = "GET", .target = "/channel/v1/whoami", .content_type = {}, .body = {}, .headers = {}}));
  if (response.status != 200) return net::from_problem(response);
  print_line(response.body);
  return {};
}

Status run_show(const TerminalAccessArgs& args, Context& context) {
  const auto files = TF_TRY(open_files(args));
  print_access(TF_TRY(files.load(args.did, args.service)), context);
  return {};
}

}  // namespace

void add_terminal_access(CommandLine& line, CLI::App& terminal) {
  static TerminalAccessArgs args;
  CLI::App& group = line.group(terminal, "access", "The device's shared key with the platform, bound to its SIM.");
  CLI::App& init = line.command(group, "init", "Agrees a key with the platform through the gateway.",
                                "trustferry terminal access init --did TF000001 --service bank --msisdn 8613800000001 --keys platform.jwks --code CODE",
                                [](Context& context) { return run_init(args, context); });
  init.add_option("--keys", args.keys, "the platform's public keys, a JWK set (access keys)");
  init.add_option("--kid", args.kid, "which of them; default: the newest P-256 key");
  init.add_option("--suite", args.suite, "modern, or classic: the source's own flow, where the service takes it")->capture_default_str();
  init.add_flag("--did-beside", args.did_beside, "classic: Did beside EDKey, not inside");
  init.add_option("--info", args.info, "terminal type and capabilities");
  init.add_option("--serial", args.serial, "enrol with the device certificate of this serial in DIRECTORY");
  CLI::App& authenticate = line.command(group, "authenticate", "Mutual authentication; initialises first where the key is missing or over.",
                                        "trustferry terminal access authenticate --did TF000001 --service bank",
                                        [](Context& context) { return run_authenticate(args, context); });
  CLI::App& show = line.command(group, "show", "What the device holds, never the key.", "trustferry terminal access show --did TF000001 --service bank",
                                [](Context& context) { return run_show(args, context); });
  CLI::App& seal = line.command(group, "seal", "Encrypts a file for one business service, end to end.",
                                "trustferry terminal access seal reading.json --did TF000001 --service meter --for billing",
                                [](Context& context) { return run_seal(args, context); });
  seal.add_option("file", args.in, "the data");
  seal.add_option("--for", args.client, "the business service's name (peer enrol)");
  CLI::App& psk = line.command(group, "psk", "The key of the data channel, for a stock TLS client.",
                               "trustferry terminal access psk --did TF000001 --service meter --reveal", [](Context& context) { return run_psk(args, context); });
  psk.add_flag("--reveal", args.reveal, "print the secret");
  CLI::App& channel = line.command(group, "channel", "The data channel on the private side, by the key alone: asks who the platform takes us for.",
                                   "trustferry terminal access channel --did TF000001 --service meter", [](Context& context) { return run_channel(args, context); });
  channel.add_option("--url", args.channel, "the platform's channel")->capture_default_str();
  channel.add_option("--from", args.from, "local address to send from");
  for (CLI::App* app : {&init, &authenticate, &seal, &psk, &channel, &show}) {
    add_storage_options(*app, args.storage);
    app->add_option("--did", args.did, "the device's identifier");
    app->add_option("--service", args.service, "the service");
  }
  for (CLI::App* app : {&init, &authenticate}) {
    app->add_option("--url", args.url, "the gateway, or the platform itself for a service without one")->capture_default_str();
    app->add_option("--from", args.from, "local address to send from: that of the modem with the SIM");
    app->add_option("--root", args.root, "root certificate (PEM) for an https URL");
    app->add_option("--msisdn", args.msisdn, "the number of the SIM");
    app->add_option("--code", args.code, "one-time enrolment code");
    app->add_option("--route-hook", args.hook, "command run as HOOK gateway and HOOK private PROFILE when the route changes");
  }
}

}  // namespace tf::cli
