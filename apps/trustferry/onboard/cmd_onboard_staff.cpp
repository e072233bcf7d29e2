// onboard list, show, withdraw, alarms, status, authenticate: what an operator's people see of a credentialing server
#include <fmt/format.h>

#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/onboard/onboard_access.hpp"

namespace tf::cli {
namespace {

constexpr wire::JsonLimits kStaffLimits{.size = 16 * 1024 * 1024, .depth = 8};
constexpr const char* kSubscriptions = "/onboard/v1/subscriptions";

struct StaffArgs {
  AdminAccess access;
  std::string dsim_id, state, after;
  std::int64_t limit = 100;
};

Result<AdminClient> client_of(const StaffArgs& args) {
  TF_CHECK(need(args.access.url, "--credentialing"));
  return AdminClient::open(args.access);
}

Status run_list(const StaffArgs& args, Context& context) {
  auto client = TF_TRY(client_of(args));
  const std::string body = TF_TRY(client.get(fmt::format("{}?state={}&after={}&limit={}", kSubscriptions, args.state, args.after, args.limit)));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body, kStaffLimits));
  TextTable table({"DEVICE", "STATE", "OWNER", "PLAN", "CHANGED", "UNTIL"});
  for (auto& row : TF_TRY(answer.objects("subscriptions", 1000)))
    table.add({TF_TRY(row.text("dsim_id")), TF_TRY(row.text("state")), TF_TRY(row.text("owner")), TF_TRY(row.text("plan")), moment_in(row, "changed_ms"), moment_in(row, "expires_ms")});
  table.print();
  if (const auto next = TF_TRY(answer.optional_text("next_after"))) print_line("more: --after " + *next);
  return {};
}

Status print_one(const std::string& body, Context& context) {
  if (context.json) {
    print_line(body);
    return {};
  }
  auto row = TF_TRY(wire::JsonObject::parse(body));
  Facts facts;
  for (const char* name : {"dsim_id", "state", "owner", "plan", "delivery"}) facts.add(name, TF_TRY(row.text(name)));
  for (const char* name : {"created_ms", "changed_ms", "expires_ms"}) facts.add(std::string(name, std::string_view(name).size() - 3), moment_in(row, name));
  facts.add("pinned", TF_TRY(row.boolean("pinned")) ? "yes" : "no");
  for (const char* name : {"device_hash", "envelope_hash"})
    if (const auto hash = TF_TRY(row.optional_text(name))) facts.add(name, *hash);
  if (const auto verdict = TF_TRY(row.optional_text("verdict"))) facts.add("authenticated ahead", *verdict + ", " + moment_in(row, "checked_ms"));
  facts.print();
  return {};
}

Status run_show(const StaffArgs& args, Context& context) {
  TF_CHECK(need(args.dsim_id, "DEVICE"));
  auto client = TF_TRY(client_of(args));
  return print_one(TF_TRY(client.get(fmt::format("{}/{}", kSubscriptions, args.dsim_id))), context);
}

Status run_withdraw(const StaffArgs& args, Context& context) {
  TF_CHECK(need(args.dsim_id, "DEVICE"));
  auto client = TF_TRY(client_of(args));
  return print_one(TF_TRY(client.post(fmt::format("{}/{}/withdraw", kSubscriptions, args.dsim_id), "application/json", "{}")), context);
}

Status run_alarms(const StaffArgs& args, Context& context) {
  auto client = TF_TRY(client_of(args));
  const std::string body = TF_TRY(client.get("/onboard/v1/alarms"));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body, kStaffLimits));
  TextTable table({"FIRST", "LAST", "TIMES", "KIND", "DEVICE"});
  for (auto& row : TF_TRY(answer.objects("alarms", 1000)))
    table.add({moment_in(row, "at_ms"), moment_in(row, "last_ms"), std::to_string(TF_TRY(row.integer("times", 1, INT64_MAX))), TF_TRY(row.text("kind")), TF_TRY(row.text("dsim_id"))});
  table.print();
  return {};
}

Status run_status(const StaffArgs& args, Context& context) {
  auto client = TF_TRY(client_of(args));
  const std::string body = TF_TRY(client.get("/onboard/v1/status"));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body));
  Facts facts;
  facts.add("operator", TF_TRY(answer.text("operator")));
  auto counts = TF_TRY(answer.object("subscriptions"));
  for (const char* state : {"registered", "released", "closed", "expired", "withdrawn"})
    if (counts.has(state)) facts.add(state, std::to_string(TF_TRY(counts.integer(state, 0, INT64_MAX))));
  facts.add("still to be told to registration servers", std::to_string(TF_TRY(answer.integer("to_be_told", 0, INT64_MAX)))).print();
  return {};
}

// Page by page, as the server judges them.
Status run_authenticate(const StaffArgs& args, Context& context) {
  auto client = TF_TRY(client_of(args));
  std::string after = args.after;
  std::int64_t judged = 0, good = 0;
  TextTable table({"DEVICE", "VERDICT"});
  wire::JsonWriter writer;
  writer.begin_object().key("refused").begin_array();
  for (bool more = true; more;) {
    const std::string body = TF_TRY(client.post("/onboard/v1/authentications", "application/json", wire::JsonWriter().begin_object().member("after", after).end_object().take()));
    auto answer = TF_TRY(wire::JsonObject::parse(body, kStaffLimits));
    for (auto& row : TF_TRY(answer.objects("devices", 1000))) {
      const std::string dsim_id = TF_TRY(row.text("dsim_id")), verdict = TF_TRY(row.text("verdict"));
      ++judged;
      if (verdict == "good") {
        ++good;
        continue;
      }
      table.add({dsim_id, verdict});
      writer.begin_object().member("dsim_id", dsim_id).member("verdict", verdict).end_object();
    }
    const auto next = TF_TRY(answer.optional_text("next_after"));
    more = next.has_value();
    after = next.value_or("");
  }
  writer.end_array().member("judged", judged).member("good", good).end_object();
  if (context.json) {
    print_line(writer.text());
    return {};
  }
  if (judged != good) table.print();
  print_line(fmt::format("{} devices judged, {} good", judged, good));
  return {};
}

}  // namespace

void add_onboard_staff(CommandLine& line, CLI::App& group) {
  static StaffArgs args;
  args.access.as = "operator";
  CLI::App& list = line.command(group, "list", "Subscriptions of a credentialing server, page by page in the order of devices.",
                                "trustferry onboard list --credentialing https://localhost:8452 --state released", [](Context& context) { return run_list(args, context); });
  list.add_option("--state", args.state, "registered, released, closed, expired or withdrawn");
  list.add_option("--limit", args.limit, "at most so many, up to 1000")->capture_default_str();
  CLI::App& show = line.command(group, "show", "One device's subscription.", "trustferry onboard show M2M-0001 --credentialing https://localhost:8452", [](Context& context) { return run_show(args, context); });
  CLI::App& withdraw = line.command(group, "withdraw", "Ends a subscription that is not closed; a released credential is suspended in the HSS.",
                                    "trustferry onboard withdraw M2M-0001 --credentialing https://localhost:8452", [](Context& context) { return run_withdraw(args, context); });
  CLI::App& alarms = line.command(group, "alarms", "Clones, foreign nonces, revoked modules: the newest first.", "trustferry onboard alarms --credentialing https://localhost:8452",
                                  [](Context& context) { return run_alarms(args, context); });
  CLI::App& status = line.command(group, "status", "How many subscriptions are in which state.", "trustferry onboard status --credentialing https://localhost:8452",
                                  [](Context& context) { return run_status(args, context); });
  CLI::App& authenticate = line.command(group, "authenticate", "Has the certificates of all devices whose contracts name them verified and asked about by OCSP, ahead of time.",
                                        "trustferry onboard authenticate --credentialing https://localhost:8452", [](Context& context) { return run_authenticate(args, context); });
  for (CLI::App* app : {&list, &show, &withdraw, &alarms, &status, &authenticate}) add_onboard_options(*app, args.access, "--credentialing", "https://host:port of the credentialing server");
  for (CLI::App* app : {&show, &withdraw}) app->add_option("device", args.dsim_id, "its DSIM_ID");
  for (CLI::App* app : {&list, &authenticate}) app->add_option("--after", args.after, "begin behind this device");
}

}  // namespace tf::cli
