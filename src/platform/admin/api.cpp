#include "platform/admin/api.hpp"

#include <optional>

#include "base/log.hpp"
#include "net/problem.hpp"
#include "platform/admin/handlers.hpp"
#include "platform/admin/operators.hpp"

namespace tf::platform {
namespace {

constexpr Roles kAll{Role::administrator, Role::custodian, Role::operator_, Role::auditor};
constexpr Roles kAdministrator{Role::administrator};
constexpr Roles kCustodian{Role::custodian};
constexpr Roles kOperator{Role::operator_};
constexpr Roles kDeciders{Role::administrator, Role::operator_};
constexpr Roles kOversight{Role::administrator, Role::auditor};

constexpr Endpoint kEndpoints[] = {
    {"GET", "/admin/v1/status", kAll, admin::status},
    {"GET", "/admin/v1/estate", kAll, admin::estate_list},
    {"POST", "/admin/v1/estate", kOperator, admin::estate_import},
    {"GET", "/admin/v1/estate/{}", kAll, admin::estate_show},
    {"POST", "/admin/v1/estate/{}/deny", kOperator, admin::estate_deny},
    {"POST", "/admin/v1/estate/{}/allow", kOperator, admin::estate_allow},
    {"POST", "/admin/v1/estate/{}/forget-key", kOperator, admin::estate_forget_key},
    {"GET", "/admin/v1/rki/alarms", kAll, admin::rki_alarms},
    {"GET", "/admin/v1/keys", kAll, admin::keys_list},
    {"GET", "/admin/v1/keys/{}", kAll, admin::keys_show},
    {"POST", "/admin/v1/keys/{}/renew", kOperator, admin::keys_renew},
    {"POST", "/admin/v1/keys/{}/export", kCustodian, admin::keys_export},
    {"POST", "/admin/v1/keys/{}/import", kCustodian, admin::keys_import},
    {"GET", "/admin/v1/zones", kAll, admin::zones_list},
    {"POST", "/admin/v1/zones/{}/components", kCustodian, admin::zones_component},
    {"GET", "/admin/v1/batches", kAll, admin::batches_list},
    {"POST", "/admin/v1/batches", kAdministrator, admin::batches_issue},
    {"POST", "/admin/v1/batches/{}/log", kOperator, admin::batches_log},
    {"GET", "/admin/v1/operators", kOversight, admin::operators_list},
    {"POST", "/admin/v1/operators", kAdministrator, admin::operators_enrol},
    {"POST", "/admin/v1/operators/self/renew", kAll, admin::operators_renew},
    {"POST", "/admin/v1/operators/{}/revoke", kAdministrator, admin::operators_revoke},
    {"POST", "/admin/v1/work/request", kAdministrator, admin::work_request},
    {"POST", "/admin/v1/work/install", kAdministrator, admin::work_install},
    {"POST", "/admin/v1/access/codes", kOperator, admin::access_code},
    {"GET", "/admin/v1/access/bindings", kAll, admin::access_bindings},
    {"POST", "/admin/v1/access/bindings/{}/revoke", kOperator, admin::access_revoke},
    {"GET", "/admin/v1/access/alarms", kAll, admin::access_alarms},
    {"POST", "/admin/v1/access/alarms/{}/approve", kOperator, admin::access_approve},
    {"GET", "/admin/v1/access/keys", kAll, admin::access_keys},
    {"POST", "/admin/v1/access/keys/rotate", kAdministrator, admin::access_rotate},
    {"GET", "/admin/v1/peers", kAll, admin::peers_list},
    {"POST", "/admin/v1/peers", kAdministrator, admin::peers_enrol},
    {"POST", "/admin/v1/peers/{}/revoke", kAdministrator, admin::peers_revoke},
    {"GET", "/admin/v1/pki/certificates", kAll, admin::pki_list},
    {"POST", "/admin/v1/pki/certificates", kOperator, admin::pki_issue},
    {"GET", "/admin/v1/pki/certificates/{}", kAll, admin::pki_show},
    {"POST", "/admin/v1/pki/certificates/{}/renew", kOperator, admin::pki_renew},
    {"POST", "/admin/v1/pki/certificates/{}/revoke", kOperator, admin::pki_revoke},
    {"POST", "/admin/v1/pki/certificates/{}/release", kOperator, admin::pki_release},
    {"POST", "/admin/v1/pki/holders/revoke", kOperator, admin::pki_revoke_holder},
    {"GET", "/admin/v1/pki/authorities", kAll, admin::pki_authorities},
    {"GET", "/admin/v1/pki/profiles", kAll, admin::pki_profiles},
    {"POST", "/admin/v1/pki/profiles", kAdministrator, admin::pki_profile},
    {"GET", "/admin/v1/pki/crls/{}/{}", kAll, admin::pki_crl},
    {"GET", "/admin/v1/pki/est/codes", kAll, admin::est_codes},
    {"POST", "/admin/v1/pki/est/codes", kOperator, admin::est_code},
    {"POST", "/admin/v1/pki/est/codes/{}/approve", kOperator, admin::est_approve},
    {"POST", "/admin/v1/pki/est/codes/{}/remove", kOperator, admin::est_remove},
    {"GET", "/admin/v1/wallet/registrations", kAll, admin::wallet_list},
    {"GET", "/admin/v1/wallet/registrations/{}", kAll, admin::wallet_show},
    {"POST", "/admin/v1/wallet/registrations/{}/approve", kOperator, admin::wallet_approve},
    {"POST", "/admin/v1/wallet/registrations/{}/unlock", kOperator, admin::wallet_unlock},
    {"POST", "/admin/v1/wallet/registrations/{}/close", kOperator, admin::wallet_close},
    {"GET", "/admin/v1/wallet/alarms", kAll, admin::wallet_alarms},
    {"GET", "/admin/v1/wallet/front-ends", kAll, admin::wallet_front_ends},
    {"GET", "/admin/v1/wallet/totals", kAll, admin::wallet_totals},
    {"GET", "/admin/v1/cardsign/manufacturers", kAll, admin::cardsign_manufacturers},
    {"POST", "/admin/v1/cardsign/manufacturers", kAdministrator, admin::cardsign_manufacturer},
    {"GET", "/admin/v1/cardsign/record-key", kAll, admin::cardsign_record_key},
    {"GET", "/admin/v1/cardsign/cards", kAll, admin::cardsign_cards},
    {"POST", "/admin/v1/cardsign/cards", kOperator, admin::cardsign_import},
    {"GET", "/admin/v1/cardsign/cards/{}", kAll, admin::cardsign_card},
    {"POST", "/admin/v1/cardsign/cards/{}/assign", kOperator, admin::cardsign_assign},
    {"POST", "/admin/v1/cardsign/cards/{}/containers", kOperator, admin::cardsign_container},
    {"POST", "/admin/v1/cardsign/cards/{}/containers/{}/remove", kOperator, admin::cardsign_container_remove},
    {"POST", "/admin/v1/cardsign/cards/{}/withdraw", kOperator, admin::cardsign_withdraw},
    {"POST", "/admin/v1/cardsign/cards/{}/renew", kOperator, admin::cardsign_renew},
    {"POST", "/admin/v1/cardsign/cards/{}/number", kOperator, admin::cardsign_number},
    {"GET", "/admin/v1/cardsign/users/{}/instruments", kAll, admin::cardsign_instruments},
    {"POST", "/admin/v1/cardsign/users/{}/instruments", kOperator, admin::cardsign_instrument},
    {"GET", "/admin/v1/cardsign/payments/{}", kAll, admin::cardsign_payment},
    {"GET", "/admin/v1/cardsign/alarms", kAll, admin::cardsign_alarms},
    {"GET", "/admin/v1/payments/open", kAll, admin::payments_open},
    {"GET", "/admin/v1/payments/lines", kAll, admin::payments_lines},
    {"GET", "/admin/v1/payments/reconcile", kAll, admin::payments_reconciled},
    {"POST", "/admin/v1/payments/reconcile", kOperator, admin::payments_reconcile},
    {"POST", "/admin/v1/payments/orders/{}/decide", kDeciders, admin::payments_decide},
    {"GET", "/admin/v1/payments/decisions", kAll, admin::payments_decisions},
    {"GET", "/admin/v1/merchants", kAll, admin::merchants_list},
    {"POST", "/admin/v1/merchants", kAdministrator, admin::merchants_enrol},
};

// The open words of the pattern when the path fits it.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  std::vector<std::string> words;
  while (true) {
    const std::size_t pattern_end = std::min(pattern.find('/'), pattern.size());
    const std::size_t path_end = std::min(path.find('/'), path.size());
    const std::string_view expected = pattern.substr(0, pattern_end);
    const std::string_view word = path.substr(0, path_end);
    if (expected == "{}") {
      if (word.empty() || word.size() > 64) return std::nullopt;
      words.emplace_back(word);
    } else if (expected != word) {
      return std::nullopt;
    }
    const bool pattern_done = pattern_end == pattern.size();
    if (pattern_done != (path_end == path.size())) return std::nullopt;
    if (pattern_done) return words;
    pattern.remove_prefix(pattern_end + 1);
    path.remove_prefix(path_end + 1);
  }
}

void audit_denial(Context& context, const Operator& caller, const wire::HttpRequest& request) {
  const std::string what = request.method + " " + request.path;
  const Status written = context.database.write([&](store::Session& session) -> Status {
    return context.trail.append(session, {.at_ms = context.clock.now_ms(), .actor = "operator:" + caller.name,
                                          .action = "admin.call", .subject = what.substr(0, 200), .outcome = audit::Outcome::refused,
                                          .reason = "platform.role_not_allowed", .detail = "{}"});
  });
  if (!written) log::error("a denied call could not be written to the audit trail: " + describe(written.error()));
}

Result<wire::HttpResponse> dispatch(Context& context, const wire::HttpRequest& request) {
  const Operator caller = TF_TRY(authenticate(context, request.client_certificate));
  for (const Endpoint& endpoint : kEndpoints) {
    if (endpoint.method != request.method) continue;
    auto words = match(endpoint.path, request.path);
    if (!words) continue;
    if (!endpoint.roles.contains(caller.role)) {
      audit_denial(context, caller, request);
      return Error{Code::denied, "platform.role_not_allowed", "role " + std::string(name_of(caller.role)) + " may not do this"};
    }
    return endpoint.handler(context, {request, caller, std::move(*words)});
  }
  return Error{Code::not_found, "platform.no_such_endpoint", "there is no " + request.method + " at this path"};
}

}  // namespace

std::span<const Endpoint> admin_endpoints() { return kEndpoints; }

wire::HttpResponse handle_admin(Context& context, const wire::HttpRequest& request) {
  auto response = dispatch(context, request);
  if (response) return std::move(*response);
  log::info("admin " + request.method + " " + log::quoted(request.path) + " " + describe(response.error()));
  return net::to_problem(response.error(), {.audience = net::Audience::operator_, .instance = {}});
}

namespace admin {

Result<wire::JsonObject> json_body(const AdminCall& call, std::size_t max_size) {
  if (call.request.content_type != "application/json")
    return Error{Code::invalid, "admin.content_type", "the body must be application/json"};
  return wire::JsonObject::parse(call.request.body, {.size = max_size, .depth = 8});
}

Result<std::string> query_value(const AdminCall& call, std::string_view name, std::string fallback) {
  for (const auto& [key, value] : call.request.query)
    if (key == name) return value;
  return fallback;
}

HttpResponse json_reply(wire::JsonWriter& writer) { return {.status = 200, .body = writer.take(), .headers = {}}; }

}  // namespace admin
}  // namespace tf::platform
