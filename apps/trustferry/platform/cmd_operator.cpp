// operator list, enrol, renew, revoke
#include <fmt/format.h>

#include "apps/trustferry/line/admin_options.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/enrolment.hpp"
#include "apps/trustferry/line/report.hpp"

namespace tf::cli {
namespace {

struct OperatorArgs {
  AdminAccess access;
  std::string name, role, out;
};

Status print_operators(const std::string& body, Context& context) {
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body, {.size = 1024 * 1024}));
  TextTable table({"NAME", "ROLE", "STATE", "CERTIFICATE SHA-256"});
  for (auto& record : TF_TRY(answer.objects("operators", 10'000)))
    table.add({TF_TRY(record.text("name")), TF_TRY(record.text("role")), TF_TRY(record.boolean("revoked")) ? "revoked" : "in office",
               TF_TRY(record.text("fingerprint"))});
  table.print();
  return {};
}

Status run_list(const OperatorArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  return print_operators(TF_TRY(client.get("/admin/v1/operators")), context);
}

void print_files(const std::string& out, const std::string& words, Context& context) {
  if (context.json) {
    wire::JsonWriter result;
    print_line(result.begin_object().member("certificate", out + ".crt").member("key", out + ".key").end_object().text());
  } else {
    print_line(words);
  }
}

Status run_enrol(const OperatorArgs& args, Context& context) {
  TF_CHECK(need(args.name, "NAME"));
  TF_CHECK(need(args.role, "--role"));
  TF_CHECK(need(args.out, "--out"));
  auto client = TF_TRY(AdminClient::open(args.access));
  TF_CHECK(enrol(client, {"/admin/v1/operators", args.name, "role", args.role, args.out}));
  print_files(args.out, fmt::format("{} may now call the platform as {} with {}.crt and {}.key", args.name, args.role, args.out, args.out), context);
  return {};
}

Status run_renew(const OperatorArgs& args, Context& context) {
  TF_CHECK(need(args.out, "--out"));
  auto client = TF_TRY(AdminClient::open(args.access));
  TF_CHECK(renew(client, args.access.as, args.out));
  print_files(args.out, fmt::format("call with {}.crt and {}.key from now on: the first call with them ends the certificate before", args.out, args.out), context);
  return {};
}

Status run_revoke(const OperatorArgs& args, Context& context) {
  TF_CHECK(need(args.name, "NAME"));
  auto client = TF_TRY(AdminClient::open(args.access));
  return print_operators(TF_TRY(client.post("/admin/v1/operators/" + args.name + "/revoke", "application/json", "{}")), context);
}

}  // namespace

void add_operator(CommandLine& line) {
  static OperatorArgs args;
  args.access.as = "administrator";
  CLI::App& group = line.group(line.root(), "operator", "Who may call the platform: administrator, custodian, operator, auditor.");
  CLI::App& list = line.command(group, "list", "Operators and their roles.", "trustferry operator list",
                                [](Context& context) { return run_list(args, context); });
  CLI::App& enrol = line.command(group, "enrol", "Makes a key here and gets a client certificate for a new operator.",
                                 "trustferry operator enrol anna --role custodian --out anna", [](Context& context) { return run_enrol(args, context); });
  CLI::App& renew = line.command(group, "renew", "Makes a new key here and gets a certificate for the operator who calls (--as, or --certificate and --key).",
                                 "trustferry operator renew --as anna --out anna-2027", [](Context& context) { return run_renew(args, context); });
  CLI::App& revoke = line.command(group, "revoke", "Ends an operator's access at once.", "trustferry operator revoke anna",
                                  [](Context& context) { return run_revoke(args, context); });
  for (CLI::App* app : {&list, &enrol, &renew, &revoke}) add_admin_options(*app, args.access);
  for (CLI::App* app : {&enrol, &revoke}) app->add_option("name", args.name, "the operator's name");
  enrol.add_option("--role", args.role, "administrator, custodian, operator or auditor");
  for (CLI::App* app : {&enrol, &renew}) app->add_option("--out", args.out, "files OUT.crt and OUT.key are written");
}

}  // namespace tf::cli
