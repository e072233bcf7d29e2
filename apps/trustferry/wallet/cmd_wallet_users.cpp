// wallet list, show, approve, unlock, close, alarms, front-ends
#include <fmt/format.h>

#include "apps/trustferry/line/admin_options.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/passphrase.hpp"
#include "apps/trustferry/line/report.hpp"
#include "crypto/public_key_file.hpp"
#include "platform/data_directory.hpp"
#include "platform/wallet/front_ends.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

constexpr wire::JsonLimits kUserLimits{.size = 4 * 1024 * 1024, .depth = 8};

struct UserArgs {
  AdminAccess access;
  std::string id, state, number, passphrase_file;
};

Status run_list(const UserArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string query = "/admin/v1/wallet/registrations?state=" + args.state + "&number=" + args.number;
  std::string body = TF_TRY(client.get(query));
  if (context.json) {
    print_line(body);
    return {};
  }
  TextTable table({"REGISTRATION", "NUMBER", "SUITE", "KEY", "STATE", "SINCE"});
  while (true) {
    auto answer = TF_TRY(wire::JsonObject::parse(body, kUserLimits));
    for (auto& entry : TF_TRY(answer.objects("registrations", 10'000)))
      table.add({TF_TRY(entry.text("id")), TF_TRY(entry.text("number")), TF_TRY(entry.text("suite")), TF_TRY(entry.text("key")), TF_TRY(entry.text("state")),
                 moment(TF_TRY(entry.integer("created_ms", 0, INT64_MAX)))});
    const auto next = TF_TRY(answer.optional_text("next_after"));
    if (!next) break;
    body = TF_TRY(client.get(query + "&after=" + *next));
  }
  table.print();
  return {};
}

Status print_registration(const std::string& body, Context& context) {
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body, kUserLimits));
  auto it = TF_TRY(answer.object("registration"));
  Facts facts;
  for (const char* name : {"id", "number", "imei", "iccid", "suite", "key", "state"}) facts.add(name, TF_TRY(it.text(name)));
  facts.add("wrong passwords", std::to_string(TF_TRY(it.integer("wrong_passwords", 0, INT32_MAX)))).add("locked", TF_TRY(it.boolean("locked")) ? "yes" : "no").print();
  TextTable table({"TOKEN", "KIND", "NUMBER"});
  auto instruments = TF_TRY(answer.objects("instruments", 1000));
  for (auto& each : instruments) {
    const std::string wallet = TF_TRY(each.text("wallet"));
    table.add({TF_TRY(each.text("token")), wallet.empty() ? "card" : wallet, TF_TRY(each.text("masked"))});
  }
  if (!instruments.empty()) table.print();
  return {};
}

Status run_show(const UserArgs& args, Context& context) {
  TF_CHECK(need(args.id, "REGISTRATION"));
  auto client = TF_TRY(AdminClient::open(args.access));
  return print_registration(TF_TRY(client.get("/admin/v1/wallet/registrations/" + args.id)), context);
}

Status run_act(const UserArgs& args, Context& context, const char* act) {
  TF_CHECK(need(args.id, "REGISTRATION"));
  auto client = TF_TRY(AdminClient::open(args.access));
  return print_registration(TF_TRY(client.post("/admin/v1/wallet/registrations/" + args.id + "/" + act, "application/json", "{}")), context);
}

Status run_alarms(const UserArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.get("/admin/v1/wallet/alarms"));
  if (context.json) {
    print_line(body);
    return {};
  }
  TextTable table({"AT", "KIND", "REGISTRATION", "NUMBER", "STATE"});
  auto answer = TF_TRY(wire::JsonObject::parse(body, kUserLimits));
  for (auto& entry : TF_TRY(answer.objects("alarms", 10'000)))
    table.add({moment(TF_TRY(entry.integer("at_ms", 0, INT64_MAX))), TF_TRY(entry.text("kind")), TF_TRY(entry.text("registration")), TF_TRY(entry.text("number")), TF_TRY(entry.text("state"))});
  table.print();
  return {};
}

// Of a platform that is not being served: an e-wallet wants to know our key before it tells its own, and the platform is served with both.
Status run_key(const UserArgs& args, Context& context) {
  TF_CHECK(need(args.id, "NAME"));
  const auto passphrase = TF_TRY(read_passphrase({args.passphrase_file, "trustferry-vault", "Vault passphrase"}));
  const auto opened = TF_TRY(platform::open_directory(args.access.directory, passphrase));
  const std::string pem = crypto::public_key_to_pem(TF_TRY(platform::ensure_front_end_key(*opened->vault, args.id)));
  print_line(context.json ? std::string(wire::JsonWriter().begin_object().member("name", args.id).member("public_key", pem).end_object().text()) : pem);
  return {};
}

Status run_totals(const UserArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.get("/admin/v1/wallet/totals"));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body));
  Facts facts;
  for (const char* state : {"captured", "declined", "reversed", "sent", "unknown", "reversing", "resolved"}) facts.add(state, std::to_string(TF_TRY(answer.integer(state, 0, INT64_MAX))));
  facts.print();
  return {};
}

Status run_front_ends(const UserArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.get("/admin/v1/wallet/front-ends"));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body, kUserLimits));
  for (auto& entry : TF_TRY(answer.objects("front_ends", 1000))) {
    Facts().add("front end", TF_TRY(entry.text("name"))).add("healthy", TF_TRY(entry.boolean("healthy")) ? "yes" : "no").print();
    if (const auto key = TF_TRY(entry.optional_text("public_key"))) print_line(*key);
  }
  return {};
}

}  // namespace

void add_wallet_users(CommandLine& line, CLI::App& wallet) {
  static UserArgs args;
  args.access.as = "operator";
  CLI::App& list = line.command(wallet, "list", "The registrations of phones.", "trustferry wallet list --state waiting", [](Context& context) { return run_list(args, context); });
  list.add_option("--state", args.state, "codes_sent, waiting, proved, preparing, active, locked, superseded, expired or closed");
  list.add_option("--number", args.number, "of this number");
  CLI::App& show = line.command(wallet, "show", "One registration, with its cards and accounts, masked.", "trustferry wallet show REGISTRATION",
                                [](Context& context) { return run_show(args, context); });
  CLI::App& approve = line.command(wallet, "approve", "Lets a registration take over a number that is active otherwise; the phone activates again.", "trustferry wallet approve REGISTRATION",
                                   [](Context& context) { return run_act(args, context, "approve"); });
  CLI::App& unlock = line.command(wallet, "unlock", "Lets a user try passwords again.", "trustferry wallet unlock REGISTRATION", [](Context& context) { return run_act(args, context, "unlock"); });
  CLI::App& close = line.command(wallet, "close", "Ends a registration: its certificate is revoked, its session over.", "trustferry wallet close REGISTRATION",
                                 [](Context& context) { return run_act(args, context, "close"); });
  for (CLI::App* app : {&show, &approve, &unlock, &close}) app->add_option("registration", args.id, "as wallet list shows it");
  CLI::App& alarms = line.command(wallet, "alarms", "What should not happen to an honest user.", "trustferry wallet alarms", [](Context& context) { return run_alarms(args, context); });
  CLI::App& front_ends = line.command(wallet, "front-ends", "The ways to the money, whether they answer, and our public keys for them.", "trustferry wallet front-ends",
                                      [](Context& context) { return run_front_ends(args, context); });
  CLI::App& totals = line.command(wallet, "totals", "How many orders are in which state.", "trustferry wallet totals", [](Context& context) { return run_totals(args, context); });
  for (CLI::App* app : {&list, &show, &approve, &unlock, &close, &alarms, &front_ends, &totals}) add_admin_options(*app, args.access);
  CLI::App& key = line.command(wallet, "key", "Our public key for a front end, made where it is missing; of a platform that is not being served.",
                               "trustferry wallet key ewallet --directory run/platform > app.pub", [](Context& context) { return run_key(args, context); });
  key.add_option("name", args.id, "the front end, as platform.toml will have it");
  key.add_option("--directory", args.access.directory, "the platform's data directory")->capture_default_str();
  key.add_option("--passphrase-file", args.passphrase_file, "vault passphrase; - for standard input");
}

}  // namespace tf::cli
