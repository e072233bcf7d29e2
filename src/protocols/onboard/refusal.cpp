#include "protocols/onboard/refusal.hpp"

#include "wire/json.hpp"

namespace tf::onboard {
namespace {

struct Published {
  std::string_view exact;
  std::string_view reason;
};
constexpr Published kPublished[] = {
    {"onboard.access_missing", "access"},     {"onboard.access_token", "access"},      {"onboard.access_expired", "access"},
    {"onboard.access_host", "access"},        {"onboard.access_issuer", "access"},     {"onboard.unregistered", "unregistered"},
    {"onboard.expired", "unregistered"},      {"onboard.withdrawn", "unregistered"},   {"onboard.session", "session"},
    {"onboard.session_expired", "session"},   {"onboard.used_by_other", "used"},       {"onboard.closed", "used"},
    {"onboard.other_module", "certificate"},  {"onboard.pinned_otherwise", "certificate"},
    {"ocsp.revoked", "certificate"},          {"ocsp.unknown", "certificate"},
};

}  // namespace

std::string_view public_reason(const Error& error) {
  const std::string_view exact = error.reason;
  for (const Published& published : kPublished)
    if (published.exact == exact) return published.reason;
  return exact.starts_with("pki.") ? "certificate" : "refused";
}

std::string refusal_body(const Error& error) {
  wire::JsonWriter writer;
  writer.begin_object().member("type", "urn:trustferry:problem:refused").member("title", "Refused").member("status", 403);
  return writer.member("code", "refused").member("reason", public_reason(error)).end_object().take();
}

Advice advice_of(std::string_view public_reason) {
  if (public_reason == "access") return Advice::access_again;
  if (public_reason == "unregistered") return Advice::owner_asks;
  if (public_reason == "session") return Advice::hello_again;
  return Advice::stop;
}

std::string read_refusal(std::string_view body) {
  const auto reason = wire::peek_text(body, "reason");
  if (!reason) return "refused";
  for (const char* known : {"access", "unregistered", "session", "used", "certificate"})
    if (*reason == known) return *reason;
  return "refused";
}

}  // namespace tf::onboard
