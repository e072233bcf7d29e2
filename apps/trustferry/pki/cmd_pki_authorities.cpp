// pki authorities, profiles, profile add
#include <fmt/format.h>

#include "apps/trustferry/line/admin_options.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "base/file.hpp"
#include "pki/certificate.hpp"
#include "wire/encoding.hpp"

namespace tf::cli {
namespace {

constexpr wire::JsonLimits kAuthorityLimits{.size = 4 * 1024 * 1024, .depth = 8};

struct AuthorityArgs {
  AdminAccess access;
  std::string out, name;
};

Status run_authorities(const AuthorityArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.get("/admin/v1/pki/authorities"));
  auto answer = TF_TRY(wire::JsonObject::parse(body, kAuthorityLimits));
  auto all = TF_TRY(answer.objects("authorities", 64));
  std::string pem;
  TextTable table({"NAME", "SUBJECT", "KEY", "SHARDS", "UNTIL", "OCSP SIGNER UNTIL"});
  for (auto& one : all) {
    const auto certificate = TF_TRY(pki::Certificate::from_der(TF_TRY(wire::from_base64(TF_TRY(one.text("certificate", 64 * 1024))))));
    pem += certificate.to_pem();
    const std::int64_t shards = one.has("shards") ? TF_TRY(one.integer("shards", 1, 4096)) : 0;
    table.add({TF_TRY(one.text("name")), TF_TRY(one.text("subject")), TF_TRY(one.boolean("offline")) ? "offline" : "vault", shards == 0 ? "" : std::to_string(shards),
               moment_in(one, "not_after_ms"), one.has("ocsp_signer_until_ms") ? moment_in(one, "ocsp_signer_until_ms") : "none"});
  }
  if (!args.out.empty()) TF_CHECK(write_file_atomic(args.out, as_bytes(pem), 0644));
  if (context.json) return print_line(body), Status();
  table.print();
  for (const std::string& name : TF_TRY(answer.texts("missing", 64, 64)))
    print_line("missing: " + name + "   it came, or grew, with a later version: work request --authorities-only, root sign, work install");
  return {};
}

Status run_profiles(const AuthorityArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.get("/admin/v1/pki/profiles"));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body, kAuthorityLimits));
  TextTable table({"PROFILE", "AUTHORITY", "KEYS", "DAYS", "RENEWABLE AFTER ITS END"});
  for (auto& one : TF_TRY(answer.objects("profiles", 1000)))
    table.add({TF_TRY(one.text("name")), TF_TRY(one.text("authority")), TF_TRY(one.text("keys")), std::to_string(TF_TRY(one.integer("days", 0, INT32_MAX))),
               fmt::format("{} days", TF_TRY(one.integer("renewal_days_after_expiry", 0, INT32_MAX)))});
  table.print();
  for (const std::string& name : TF_TRY(answer.texts("missing", 1000, 64))) print_line("not in DIRECTORY/profiles: " + name + "   pki profile add " + name);
  return {};
}

Status run_profile_add(const AuthorityArgs& args, Context& context) {
  TF_CHECK(need(args.name, "NAME"));
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.post("/admin/v1/pki/profiles", "application/json", wire::JsonWriter().begin_object().member("name", args.name).end_object().take()));
  if (context.json) return print_line(body), Status();
  Facts().add("profile", args.name).add("in force", "when the platform is next started").print();
  return {};
}

}  // namespace

void add_pki_authorities(CommandLine& line, CLI::App& pki) {
  static AuthorityArgs args, add;
  args.access.as = "operator";
  add.access.as = "administrator";
  CLI::App& authorities = line.command(pki, "authorities", "Who issues, and what this platform lacks of it; with --out their certificates.", "trustferry pki authorities --out authorities.pem",
                                       [](Context& context) { return run_authorities(args, context); });
  authorities.add_option("--out", args.out, "a PEM file");
  CLI::App& profiles = line.command(pki, "profiles", "After what certificates are issued: the files of DIRECTORY/profiles.", "trustferry pki profiles",
                                    [](Context& context) { return run_profiles(args, context); });
  CLI::App& profile = line.group(pki, "profile", "Profiles that came with a later version than the platform was made by.");
  CLI::App& add_app = line.command(profile, "add", "Puts one into DIRECTORY/profiles.", "trustferry pki profile add cardsign-payment", [](Context& context) { return run_profile_add(add, context); });
  add_app.add_option("name", add.name, "of those that pki profiles names as missing");
  for (CLI::App* app : {&authorities, &profiles}) add_admin_options(*app, args.access);
  add_admin_options(add_app, add.access);
}

}  // namespace tf::cli
