#include <fmt/format.h>

#include "platform/config/table.hpp"
#include "protocols/access/identity.hpp"

namespace tf::platform::configuration {
namespace {

Status read_suites(Table& table, access::ServicePolicy& out) {
  std::vector<std::string> suites{"modern"};
  TF_CHECK(table.texts("suites", suites));
  out.modern = out.classic = false;
  for (const std::string& suite : suites) (TF_TRY(access::parse_suite(suite)) == access::Suite::modern ? out.modern : out.classic) = true;
  if (suites.empty()) return Error{Code::invalid, "config.value", "suites names modern, classic or both"};
  return {};
}

Result<access::ServicePolicy> read_service(const std::string& name, const toml::table& toml) {
  Table table(toml, fmt::format("access.services.{}.", name));
  access::ServicePolicy out;
  out.name = TF_TRY(access::parse_service(name));
  if (TF_TRY(table.choice("security", "normal", "high", false))) out.key_minutes = 24 * 60;
  TF_CHECK(table.integer("key_minutes", 1, 10LL * 365 * 24 * 60, out.key_minutes));
  out.trust_first_use = TF_TRY(table.choice("first_use", "proof", "trusted", out.trust_first_use));
  out.gateway = TF_TRY(table.choice("gateway", "none", "required", out.gateway));
  out.did_may_change = TF_TRY(table.choice("did_change", "refused", "allowed", out.did_may_change));
  out.key_renews = TF_TRY(table.choice("renewal", "proof", "key", out.key_renews));
  TF_CHECK(read_suites(table, out));
  out.did_beside = TF_TRY(table.choice("did_beside", "refused", "allowed", out.did_beside));
  out.consent_rebinds = TF_TRY(table.choice("rebinding", "approval", "consent", out.consent_rebinds));
  if (const std::string profile = TF_TRY(table.text("private_apn", "")); !profile.empty()) out.private_apn = TF_TRY(access::parse_apn(profile));
  TF_CHECK(table.integer("ticket_seconds", 10, 24 * 3600, out.ticket_seconds));
  out.ticket_names_number = TF_TRY(table.choice("ticket_number", "hidden", "shown", out.ticket_names_number));
  out.audience = TF_TRY(table.text("audience", name));
  TF_CHECK(table.texts("clients", out.clients));
  TF_CHECK(table.finish());
  return out;
}

}  // namespace

Status read_access(const toml::table& toml, Config& config) {
  Table table(toml, "access.");
  TF_CHECK(table.texts("number_headers", config.number_headers));
  for (const std::string& header : config.number_headers)
    if (header.empty() || header.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
      return Error{Code::invalid, "config.value", "number_headers are names of header fields in lower case"};
  config.ticket_issuer = TF_TRY(table.text("issuer", config.ticket_issuer));
  if (const toml::table* services = TF_TRY(table.table("services"))) {
    for (const auto& [name, node] : *services) {
      if (!node.is_table()) return wrong(node, "a service is a table");
      config.services.insert_or_assign(std::string(name.str()), TF_TRY(read_service(std::string(name.str()), *node.as_table())));
    }
  }
  return table.finish();
}

std::string text_of(const access::ServicePolicy& policy) {
  return fmt::format("\n[access.services.{}]\nkey_minutes = {}\nfirst_use = \"{}\"\ngateway = \"{}\"\ndid_change = \"{}\"\nticket_seconds = {}\nticket_number = \"{}\"\naudience = \"{}\"\nsuites = [{}]\ndid_beside = \"{}\"\nrenewal = \"{}\"\nrebinding = \"{}\"\nprivate_apn = \"{}\"\n",
                     policy.name, policy.key_minutes, policy.trust_first_use ? "trusted" : "proof", policy.gateway ? "required" : "none",
                     policy.did_may_change ? "allowed" : "refused", policy.ticket_seconds, policy.ticket_names_number ? "shown" : "hidden", policy.audience,
                     policy.modern && policy.classic ? R"("modern", "classic")" : policy.modern ? R"("modern")" : R"("classic")",
                     policy.did_beside ? "allowed" : "refused", policy.key_renews ? "key" : "proof", policy.consent_rebinds ? "consent" : "approval", policy.private_apn);
}

}  // namespace tf::platform::configuration
