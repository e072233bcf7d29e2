// access enrol-code, bindings list/approve/revoke, alarms, keys, rotate; peer enrol, list, revoke
#include <fmt/format.h>

#include "apps/trustferry/line/admin_options.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/enrolment.hpp"
#include "apps/trustferry/line/report.hpp"
#include "base/file.hpp"

namespace tf::cli {
namespace {

constexpr wire::JsonLimits kLimits{.size = 4 * 1024 * 1024, .depth = 8};

struct AccessArgs {
  AdminAccess access;
  std::string service, did, msisdn, id, out;
  std::int64_t minutes = 24 * 60;
};

Status run_code(const AccessArgs& args, Context& context) {
  TF_CHECK(need(args.service, "--service"));
  TF_CHECK(need(args.did, "--did"));
  auto client = TF_TRY(AdminClient::open(args.access));
  wire::JsonWriter writer;
  writer.begin_object().member("service", args.service).member("did", args.did).member("minutes", args.minutes);
  if (!args.msisdn.empty()) writer.member("msisdn", args.msisdn);
  writer.end_object();
  const std::string body = TF_TRY(client.post("/admin/v1/access/codes", "application/json", writer.text()));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body));
  Facts().add("Did", args.did).add("service", args.service).add("code", TF_TRY(answer.text("code")) + "   shown once; give it to the terminal's owner").print();
  return {};
}

Status print_bindings(AdminClient& client, std::string body, Context& context) {
  if (context.json) {
    print_line(body);
    return {};
  }
  TextTable table({"KEY ID", "SERVICE", "DID", "NUMBER", "STATE", "INFO"});
  while (true) {
    auto answer = TF_TRY(wire::JsonObject::parse(body, kLimits));
    for (auto& entry : TF_TRY(answer.objects("bindings", 10'000)))
      table.add({TF_TRY(entry.text("key_id")), TF_TRY(entry.text("service")), TF_TRY(entry.text("did")), TF_TRY(entry.text("msisdn")),
                 TF_TRY(entry.text("status")), TF_TRY(entry.text("info"))});
    const auto next = TF_TRY(answer.optional_text("next_after"));
    if (!next) break;
    body = TF_TRY(client.get("/admin/v1/access/bindings?after=" + *next));
  }
  table.print();
  return {};
}

Status run_bindings(const AccessArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  return print_bindings(client, TF_TRY(client.get("/admin/v1/access/bindings")), context);
}

Status run_revoke(const AccessArgs& args, Context& context) {
  TF_CHECK(need(args.id, "KEY ID"));
  auto client = TF_TRY(AdminClient::open(args.access));
  return print_bindings(client, TF_TRY(client.post("/admin/v1/access/bindings/" + args.id + "/revoke", "application/json", "{}")), context);
}

Status print_alarms(const std::string& body, Context& context) {
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body, kLimits));
  TextTable table({"ALARM", "WHAT", "SERVICE", "DID", "NUMBER", "STATE"});
  for (auto& entry : TF_TRY(answer.objects("alarms", 10'000)))
    table.add({TF_TRY(entry.text("id")), TF_TRY(entry.text("kind")), TF_TRY(entry.text("service")), TF_TRY(entry.text("did")), TF_TRY(entry.text("msisdn")),
               TF_TRY(entry.text("state"))});
  table.print();
  return {};
}

Status run_alarms(const AccessArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  return print_alarms(TF_TRY(client.get("/admin/v1/access/alarms")), context);
}

Status run_approve(const AccessArgs& args, Context& context) {
  TF_CHECK(need(args.id, "ALARM"));
  auto client = TF_TRY(AdminClient::open(args.access));
  return print_alarms(TF_TRY(client.post("/admin/v1/access/alarms/" + args.id + "/approve", "application/json", "{}")), context);
}

Status run_keys(const AccessArgs& args, Context&, bool rotate) {
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = rotate ? TF_TRY(client.post("/admin/v1/access/keys/rotate", "application/json", "{}")) : TF_TRY(client.get("/admin/v1/access/keys"));
  if (args.out.empty()) {
    print_line(body);
    return {};
  }
  return write_file_atomic(args.out, as_bytes(body), 0644);
}

struct PeerArgs {
  AdminAccess access;
  std::string name, kind, out;
};

Status print_peers(const std::string& body, Context& context) {
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body, kLimits));
  TextTable table({"NAME", "KIND", "STATE"});
  for (auto& entry : TF_TRY(answer.objects("peers", 10'000)))
    table.add({TF_TRY(entry.text("name")), TF_TRY(entry.text("kind")), TF_TRY(entry.boolean("revoked")) ? "revoked" : "in service"});
  table.print();
  return {};
}

Status run_peer_enrol(const PeerArgs& args, Context& context) {
  TF_CHECK(need(args.name, "NAME"));
  TF_CHECK(need(args.kind, "--kind"));
  TF_CHECK(need(args.out, "--out"));
  auto client = TF_TRY(AdminClient::open(args.access));
  TF_CHECK(enrol(client, {"/admin/v1/peers", args.name, "kind", args.kind, args.out}));
  if (!context.json) print_line(fmt::format("{} is a {} now; its certificate and key are {}.crt and {}.key", args.name, args.kind, args.out, args.out));
  return {};
}

Status run_peer_list(const PeerArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  return print_peers(TF_TRY(client.get("/admin/v1/peers")), context);
}

Status run_peer_revoke(const PeerArgs& args, Context& context) {
  TF_CHECK(need(args.name, "NAME"));
  auto client = TF_TRY(AdminClient::open(args.access));
  return print_peers(TF_TRY(client.post("/admin/v1/peers/" + args.name + "/revoke", "application/json", "{}")), context);
}

}  // namespace

void add_access(CommandLine& line) {
  static AccessArgs args;
  args.access.as = "operator";
  CLI::App& group = line.group(line.root(), "access", "Shared keys bound to SIMs: enrolment codes, bindings, alarms, the platform's keys.");
  CLI::App& code = line.command(group, "enrol-code", "A one-time code with which the terminal of this Did may enrol.",
                                "trustferry access enrol-code --service bank --did TF000001", [](Context& context) { return run_code(args, context); });
  code.add_option("--service", args.service, "the service");
  code.add_option("--did", args.did, "the terminal's Did");
  code.add_option("--msisdn", args.msisdn, "the only number the code may bind; default: any");
  code.add_option("--minutes", args.minutes, "how long the code is good")->capture_default_str();
  CLI::App& bindings = line.group(group, "bindings", "Which number and Did share a key.");
  CLI::App& list = line.command(bindings, "list", "All bindings.", "trustferry access bindings list", [](Context& context) { return run_bindings(args, context); });
  CLI::App& approve = line.command(bindings, "approve", "Lets a waiting terminal take over its number or Did, the next time it initialises; until then the old key works.",
                                   "trustferry access bindings approve ALARM", [](Context& context) { return run_approve(args, context); });
  CLI::App& revoke = line.command(bindings, "revoke", "Ends a key at once.", "trustferry access bindings revoke KEY_ID",
                                  [](Context& context) { return run_revoke(args, context); });
  CLI::App& alarms = line.command(group, "alarms", "SIMs and terminals that did not fit, newest first.", "trustferry access alarms",
                                  [](Context& context) { return run_alarms(args, context); });
  CLI::App& keys = line.command(group, "keys", "The platform's public keys for makers of terminals, as a JWK set.", "trustferry access keys --out platform.jwks",
                                [](Context& context) { return run_keys(args, context, false); });
  CLI::App& rotate = line.command(group, "rotate", "New platform keys beside the old ones, which keep working.", "trustferry access rotate --as administrator",
                                  [](Context& context) { return run_keys(args, context, true); });
  for (CLI::App* app : {&code, &list, &approve, &revoke, &alarms, &keys, &rotate}) add_admin_options(*app, args.access);
  for (CLI::App* app : {&keys, &rotate}) app->add_option("--out", args.out, "a file for the set; default: standard output");
  approve.add_option("alarm", args.id, "the alarm's id");
  revoke.add_option("key", args.id, "the key id");
}

void add_peer(CommandLine& line) {
  static PeerArgs args;
  args.access.as = "administrator";
  CLI::App& group = line.group(line.root(), "peer", "Machines with a client certificate: gateways that vouch for numbers, business services.");
  CLI::App& list = line.command(group, "list", "Gateways and services.", "trustferry peer list", [](Context& context) { return run_peer_list(args, context); });
  CLI::App& enrol = line.command(group, "enrol", "Makes a key here and gets a client certificate for it.", "trustferry peer enrol wap-gw --kind gateway --out wap-gw",
                                 [](Context& context) { return run_peer_enrol(args, context); });
  CLI::App& revoke = line.command(group, "revoke", "Its certificate is refused at once.", "trustferry peer revoke wap-gw",
                                  [](Context& context) { return run_peer_revoke(args, context); });
  for (CLI::App* app : {&list, &enrol, &revoke}) add_admin_options(*app, args.access);
  for (CLI::App* app : {&enrol, &revoke}) app->add_option("name", args.name, "the peer's name");
  enrol.add_option("--kind", args.kind, "gateway or service");
  enrol.add_option("--out", args.out, "files OUT.crt and OUT.key are written");
}

}  // namespace tf::cli
