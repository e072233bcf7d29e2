// pki est code, codes, approve, remove
#include <fmt/format.h>

#include "apps/trustferry/line/admin_options.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"

namespace tf::cli {
namespace {

constexpr const char* kCodes = "/admin/v1/pki/est/codes";

struct EstArgs {
  AdminAccess access;
  std::string label, holder, subject, name;
  std::vector<std::string> alternative;
  std::int64_t hours = 72;
  bool approval = false;
};

Status run_code(const EstArgs& args, Context& context) {
  TF_CHECK(need(args.label, "--label"));
  TF_CHECK(need(args.holder, "--holder"));
  TF_CHECK(need(args.subject, "--subject"));
  auto client = TF_TRY(AdminClient::open(args.access));
  wire::JsonWriter writer;
  writer.begin_object().member("label", args.label).member("holder", args.holder).member("subject", args.subject);
  if (!args.alternative.empty()) {
    writer.key("alternative").begin_array();
    for (const std::string& name : args.alternative) writer.value(name);
    writer.end_array();
  }
  writer.member("hours", args.hours).member("approval", args.approval).end_object();
  const std::string body = TF_TRY(client.post(kCodes, "application/json", writer.take()));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body));
  Facts().add("user name", TF_TRY(answer.text("name"))).add("password", TF_TRY(answer.text("secret")) + "   works once; it is not shown again")
      .add("until", moment(TF_TRY(answer.integer("expires_ms", 0, INT64_MAX)))).print();
  return {};
}

Status run_codes(const EstArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.get(kCodes));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body, {.size = 16 * 1024 * 1024, .depth = 8}));
  TextTable table({"NAME", "LABEL", "HOLDER", "SUBJECT", "STATE", "UNTIL"});
  for (auto& one : TF_TRY(answer.objects("codes", 100'000))) {
    const bool locked = TF_TRY(one.boolean("locked"));
    table.add({TF_TRY(one.text("name")), TF_TRY(one.text("label")), TF_TRY(one.text("holder")), TF_TRY(one.text("subject")),
               locked ? "locked" : TF_TRY(one.text("state")), moment(TF_TRY(one.integer("expires_ms", 0, INT64_MAX)))});
  }
  table.print();
  return {};
}

Status run_act(const EstArgs& args, Context& context, const char* act) {
  TF_CHECK(need(args.name, "NAME"));
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.post(fmt::format("{}/{}/{}", kCodes, args.name, act), "application/json", "{}"));
  print_line(context.json ? body : fmt::format("{}: done", args.name));
  return {};
}

}  // namespace

void add_pki_est(CommandLine& line, CLI::App& pki) {
  static EstArgs args;
  args.access.as = "operator";
  CLI::App& group = line.group(pki, "est", "Enrolment over EST (RFC 7030): the codes with which devices and people fetch their certificates.");
  CLI::App& code = line.command(group, "code", "Makes a one-time code: user name and password for HTTP Basic at /.well-known/est/LABEL/simpleenroll.",
      "trustferry pki est code --label device --holder device:TF000001 --subject serialNumber=TF000001\n"
      "curl --cacert root.crt -u NAME:PASSWORD -H 'Content-Type: application/pkcs10' --data-binary @request.b64 https://host:8447/.well-known/est/device/simpleenroll",
      [](Context& context) { return run_code(args, context); });
  code.add_option("--label", args.label, "the profile");
  code.add_option("--holder", args.holder, "whom it is for, \"device:TF000001\"");
  code.add_option("--subject", args.subject, "what the certificate says: ATTRIBUTE=VALUE, …");
  code.add_option("--alt", args.alternative, "dns:, ip:, email:, uri:, upn:NAME or hardware:OID:SERIAL; may be repeated");
  code.add_option("--hours", args.hours, "how long the code is good")->capture_default_str();
  code.add_flag("--approval", args.approval, "the request waits until pki est approve");
  CLI::App& codes = line.command(group, "codes", "Codes that were made, without their secrets.", "trustferry pki est codes", [](Context& context) { return run_codes(args, context); });
  CLI::App& approve = line.command(group, "approve", "Lets a request that waits be issued.", "trustferry pki est approve e-0A1B2C3D4E5F",
                                   [](Context& context) { return run_act(args, context, "approve"); });
  CLI::App& remove = line.command(group, "remove", "Removes a code.", "trustferry pki est remove e-0A1B2C3D4E5F",
                                  [](Context& context) { return run_act(args, context, "remove"); });
  for (CLI::App* app : {&code, &codes, &approve, &remove}) add_admin_options(*app, args.access);
  for (CLI::App* app : {&approve, &remove}) app->add_option("name", args.name, "the code's user name");
}

}  // namespace tf::cli
