// pki: issue, list, show, renew, revoke, release; authorities, profiles, revocation lists.
#include <charconv>

#include "ca/certificate_authority.hpp"
#include "crypto/digest.hpp"
#include "platform/admin/handlers.hpp"
#include "platform/ca/foundation.hpp"
#include "platform/ca/root_items.hpp"
#include "wire/encoding.hpp"

namespace tf::platform::admin {
namespace {

constexpr std::int64_t kCertificatesPage = 200;
constexpr std::size_t kMostRequest = 32 * 1024;

Result<ca::CertificateAuthority*> authority_of(const Context& context) {
  if (context.authority != nullptr) return context.authority;
  return Error{Code::unavailable, "pki.not_serving", "the certificate authority is not open in this process"};
}

Result<pki::CertificateRequest> request_in(wire::JsonObject& body) {
  return pki::CertificateRequest::from_der(TF_TRY(wire::from_base64(TF_TRY(body.text("request", kMostRequest)))));
}

void write(wire::JsonWriter& writer, const ca::Record& record) {
  writer.begin_object().member("serial", record.serial_hex).member("authority", record.authority).member("profile", record.profile);
  writer.member("holder", record.holder).member("subject", record.subject).member("state", ca::name_of(record.state));
  writer.member("not_before_ms", record.not_before_ms).member("not_after_ms", record.not_after_ms).member("shard", record.shard);
  writer.member("key_sha256", wire::hex_lower(record.spki_hash));
  if (!record.renews.empty()) writer.member("renews", record.renews);
  if (record.state == ca::State::revoked) writer.member("reason", ca::name_of(record.reason)).member("revoked_ms", record.revoked_ms);
  if (!record.der.empty()) writer.member("certificate", wire::base64(record.der));
  writer.end_object();
}

HttpResponse reply(const ca::Record& record) {
  wire::JsonWriter writer;
  write(writer, record);
  return json_reply(writer);
}

HttpResponse reply(const ca::Issued& issued) {
  wire::JsonWriter writer;
  writer.begin_object().member("serial", issued.serial_hex).member("authority", issued.authority).member("not_after_ms", issued.not_after_ms);
  writer.member("certificate", wire::base64(issued.der)).member("issuer", wire::base64(issued.issuer.der())).end_object();
  return json_reply(writer);
}

// "AB12…" in upper case, as the register has it.
std::string serial_of(const AdminCall& call) {
  std::string out = call.words[0];
  for (char& c : out)
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

Result<std::int64_t> number_of(const std::string& text, std::int64_t max) {
  std::int64_t out = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error == std::errc{} && end == text.data() + text.size() && out >= 0 && out <= max) return out;
  return Error{Code::invalid, "admin.number", "\"" + text + "\" is not a number from 0 to " + std::to_string(max)};
}

}  // namespace

Result<HttpResponse> pki_issue(Context& context, const AdminCall& call) {
  auto* authority = TF_TRY(authority_of(context));
  auto body = TF_TRY(json_body(call));
  const std::string profile = TF_TRY(body.text("profile", 64));
  const std::string subject = TF_TRY(body.text("subject", 1024));
  const auto alternative = body.has("alternative") ? TF_TRY(body.texts("alternative", 32, 255)) : std::vector<std::string>{};
  const std::string holder = TF_TRY(body.text("holder", 128));
  auto request = TF_TRY(request_in(body));
  const std::int64_t days = body.has("days") ? TF_TRY(body.integer("days", 1, 11'000)) : 0;
  TF_CHECK(body.finish());
  auto key = request.public_key();
  return reply(TF_TRY(authority->issue({.profile = profile, .holder = holder, .names = TF_TRY(pki::parse_names(subject, alternative)), .key = std::move(key),
                                        .actor = call.actor(), .days = static_cast<int>(days), .request = std::move(request)})));
}

Result<HttpResponse> pki_list(Context& context, const AdminCall& call) {
  auto* authority = TF_TRY(authority_of(context));
  ca::Filter filter{.authority = TF_TRY(query_value(call, "authority", "")), .holder = TF_TRY(query_value(call, "holder", "")),
                    .after = TF_TRY(query_value(call, "after", "")), .limit = TF_TRY(number_of(TF_TRY(query_value(call, "limit", std::to_string(kCertificatesPage))), 1000))};
  if (const std::string state = TF_TRY(query_value(call, "state", "")); !state.empty()) filter.state = TF_TRY(ca::parse_state(state));
  const auto records = TF_TRY(authority->list(filter));
  wire::JsonWriter writer;
  writer.begin_object().key("certificates").begin_array();
  for (const ca::Record& record : records) write(writer, record);
  writer.end_array();
  if (!records.empty() && static_cast<std::int64_t>(records.size()) == filter.limit) writer.member("next_after", records.back().serial_hex);
  writer.end_object();
  return json_reply(writer);
}

Result<HttpResponse> pki_show(Context& context, const AdminCall& call) { return reply(TF_TRY(TF_TRY(authority_of(context))->show(serial_of(call)))); }

Result<HttpResponse> pki_renew(Context& context, const AdminCall& call) {
  auto* authority = TF_TRY(authority_of(context));
  auto body = TF_TRY(json_body(call));
  auto request = TF_TRY(request_in(body));
  TF_CHECK(body.finish());
  auto key = request.public_key();
  return reply(TF_TRY(authority->renew({.serial_hex = serial_of(call), .key = std::move(key), .actor = call.actor(), .request = std::move(request)})));
}

Result<HttpResponse> pki_revoke(Context& context, const AdminCall& call) {
  auto* authority = TF_TRY(authority_of(context));
  auto body = TF_TRY(json_body(call));
  const auto reason = TF_TRY(ca::parse_reason(TF_TRY(body.text("reason", 32))));
  TF_CHECK(body.finish());
  return reply(TF_TRY(authority->revoke(serial_of(call), reason, call.actor())));
}

Result<HttpResponse> pki_release(Context& context, const AdminCall& call) {
  return reply(TF_TRY(TF_TRY(authority_of(context))->release(serial_of(call), call.actor())));
}

Result<HttpResponse> pki_revoke_holder(Context& context, const AdminCall& call) {
  auto* authority = TF_TRY(authority_of(context));
  auto body = TF_TRY(json_body(call));
  const std::string holder = TF_TRY(body.text("holder", 128));
  const auto reason = TF_TRY(ca::parse_reason(TF_TRY(body.text("reason", 32))));
  TF_CHECK(body.finish());
  const std::int64_t count = TF_TRY(authority->revoke_holder(holder, reason, call.actor()));
  wire::JsonWriter writer;
  writer.begin_object().member("holder", holder).member("revoked", count).end_object();
  return json_reply(writer);
}

Result<HttpResponse> pki_authorities(Context& context, const AdminCall&) {
  auto* authority = TF_TRY(authority_of(context));
  const auto delegates = authority->delegates();
  wire::JsonWriter writer;
  writer.begin_object().key("authorities").begin_array();
  for (const ca::Authority& one : authority->authorities()) {
    writer.begin_object().member("name", one.name).member("subject", one.certificate.subject_text()).member("offline", one.key_name.empty());
    writer.member("not_after_ms", one.certificate.not_after_ms()).member("certificate", wire::base64(one.certificate.der()));
    if (!one.key_name.empty())
      writer.member("shards", one.places.shards).member("crl_url", one.places.crl_pattern).member("ocsp_url", one.places.ocsp_url);
    for (const ca::Delegate& delegate : delegates) {
      if (delegate.authority != one.name) continue;
      writer.member("ocsp_signer_until_ms", delegate.certificate.not_after_ms());
      break;
    }
    writer.end_object();
  }
  writer.end_array().key("missing").begin_array();
  for (const std::string& name : missing_authorities(context.certificates)) writer.value(name);
  writer.end_array().end_object();
  return json_reply(writer);
}

// One that came with a later version than the platform was made by.
Result<HttpResponse> pki_profile(Context& context, const AdminCall& call) {
  auto body = TF_TRY(json_body(call));
  const std::string name = TF_TRY(body.text("name", 64));
  TF_CHECK(body.finish());
  TF_CHECK(add_default_profile(context, call.actor(), name));
  wire::JsonWriter writer;
  writer.begin_object().member("profile", name).member("authority", TF_TRY(default_profile(name)).authority).end_object();
  return json_reply(writer);
}

Result<HttpResponse> pki_profiles(Context& context, const AdminCall&) {
  auto* authority = TF_TRY(authority_of(context));
  wire::JsonWriter writer;
  writer.begin_object().key("profiles").begin_array();
  for (const auto& [name, profile] : authority->profiles()) {
    writer.begin_object().member("name", name).member("purpose", pki::name_of(profile.purpose)).member("authority", profile.authority);
    writer.member("days", profile.validity_days_max).member("renewal_days_after_expiry", profile.renewal_days_after_expiry);
    writer.member("keys", profile.p256 && profile.rsa ? "P-256, RSA" : profile.p256 ? "P-256" : "RSA").end_object();
  }
  writer.end_array().key("missing").begin_array();
  for (const std::string& name : TF_TRY(missing_profiles(context.profiles_directory))) writer.value(name);
  writer.end_array().end_object();
  return json_reply(writer);
}

// What has changed until now is in it: a list is made anew first where there is need.
Result<HttpResponse> pki_crl(Context& context, const AdminCall& call) {
  auto* authority = TF_TRY(authority_of(context));
  const ca::Authority found = TF_TRY(authority->authority(call.words[0]));
  if (found.key_name.empty())
    return HttpResponse{.status = 200, .content_type = "application/pkix-crl", .body = std::string(as_text(context.certificates.crl())), .headers = {}};
  const auto shard = static_cast<std::uint32_t>(TF_TRY(number_of(call.words[1], found.places.shards - 1)));
  TF_TRY(authority->lists().refresh(found));
  const auto list = TF_TRY(authority->lists().find(found.name, shard));
  return HttpResponse{.status = 200, .content_type = "application/pkix-crl", .body = std::string(as_text(list->der)), .headers = {}};
}

}  // namespace tf::platform::admin
