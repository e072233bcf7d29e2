#include "protocols/wallet/refusal.hpp"

#include "wire/json.hpp"

namespace tf::wallet {
namespace {

struct Published {
  std::string_view exact;
  std::string_view reason;
};
constexpr Published kPublished[] = {
    {"wallet.no_registration", "register"},    {"wallet.codes_expired", "register"},
    {"wallet.codes_locked", "register"},       {"wallet.codes_used", "register"},
    {"wallet.no_file", "register"},            {"wallet.too_many_registrations", "later"},
    {"wallet.wrong_codes", "codes"},           {"wallet.bound_otherwise", "waiting"},
    {"wallet.challenge", "challenge"},         {"wallet.challenge_used", "challenge"},
    {"wallet.time", "time"},                   {"wallet.r_used", "time"},
    {"wallet.nonce_used", "time"},             {"wallet.wrong_password", "password"},
    {"wallet.password_locked", "locked"},      {"wallet.session", "session"},
    {"wallet.order_differs", "order"},         {"wallet.order_expired", "expired"},
    {"wallet.order_expiry", "expired"},        {"wallet.not_sealed", "critical"},
    {"wallet.no_instrument", "instrument"},    {"wallet.no_gateway", "gateway"},
    {"wallet.gateway_result", "gateway"},          {"wallet.pin_missing", "pin"},
    {"wallet.not_paid", "refund"},             {"wallet.refund_too_high", "refund"},
    {"wallet.certificate_revoked", "certificate"}, {"wallet.certificate_expired", "certificate"},
};

}  // namespace

std::string_view public_reason(const Error& error) {
  for (const Published& published : kPublished)
    if (published.exact == error.reason) return published.reason;
  return "refused";
}

std::string refusal_body(const Error& error) {
  wire::JsonWriter writer;
  writer.begin_object().member("type", "urn:trustferry:problem:refused").member("title", "Refused").member("status", 403);
  return writer.member("code", "refused").member("reason", public_reason(error)).end_object().take();
}

}  // namespace tf::wallet
