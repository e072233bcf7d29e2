// 1 to 3: access token, referral, hello.
#include "protocols/onboard/messages.hpp"

#include "protocols/onboard/messages_parts.hpp"

namespace tf::onboard {

std::string encode_token(std::string_view token) { return one_text("token", token); }
Result<std::string> decode_token(std::string_view body) { return one_text_in(body, "token", kMaxJose); }

std::string encode(const AccessClaim& claim) {
  JsonWriter writer;
  writer.begin_object().member("iss", claim.issuer).member("sub", claim.pimsi).member("iat", claim.issued_s).member("exp", claim.expires_s);
  write_texts(writer, "hosts", claim.hosts);
  return writer.end_object().take();
}

Result<AccessClaim> decode_access_claim(std::string_view payload) {
  auto object = TF_TRY(JsonObject::parse(payload, kLimits));
  AccessClaim out;
  out.issuer = TF_TRY(object.text("iss", kMaxId));
  out.pimsi = TF_TRY(parse_imsi(TF_TRY(object.text("sub", 15))));
  out.issued_s = TF_TRY(object.integer("iat", 0, kMaxTime / 1000));
  out.expires_s = TF_TRY(object.integer("exp", 0, kMaxTime / 1000));
  out.hosts = TF_TRY(object.texts("hosts", 32, 300));
  for (const std::string& host : out.hosts) (void)TF_TRY(parse_host(host));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const ReferralRequest& request) {
  JsonWriter writer;
  writer.begin_object().member("dsim_id", request.dsim_id).member("nonce_a", base64url(request.nonce_a));
  write_chain(writer, "decryption", request.decryption);
  return writer.end_object().take();
}

Result<ReferralRequest> decode_referral_request(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  ReferralRequest out{TF_TRY(dsim_id_in(object)), TF_TRY(object.base64url<16>("nonce_a")), TF_TRY(chain_in(object, "decryption"))};
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const ReferralAnswer& answer) {
  return JsonWriter().begin_object().member("sealed", answer.sealed).member("referral", answer.referral).end_object().take();
}

Result<ReferralAnswer> decode_referral_answer(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  ReferralAnswer out{TF_TRY(object.text("sealed", kMaxJose)), TF_TRY(object.text("referral", kMaxJose))};
  TF_CHECK(object.finish());
  return out;
}

SecretBytes encode(const ReferralContent& content) {
  JsonWriter writer;
  writer.begin_object().member("operator", content.operator_id);
  write_texts(writer, "route", content.route);
  write_secret(writer, "registration_nonce", content.nonce.reveal());
  writer.member("expires", content.expires_ms).end_object();
  return secret_text(writer);
}

Result<ReferralContent> decode_referral_content(const SecretBytes& content) {
  auto object = TF_TRY(JsonObject::parse(as_text(content.reveal()), kLimits));
  ReferralContent out;
  out.operator_id = TF_TRY(id_in(object, "operator"));
  out.route = TF_TRY(route_in(object, "route"));
  out.nonce = TF_TRY(secret32_in(object, "registration_nonce"));
  out.expires_ms = TF_TRY(time_in(object, "expires"));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const ReferralClaim& claim) {
  JsonWriter writer;
  writer.begin_object().member("dsim_id", claim.dsim_id).member("nonce_a", base64url(claim.nonce_a));
  return writer.member("sealed_hash", base64url(claim.sealed_hash)).end_object().take();
}

Result<ReferralClaim> decode_referral_claim(std::string_view payload) {
  auto object = TF_TRY(JsonObject::parse(payload, kLimits));
  ReferralClaim out{TF_TRY(dsim_id_in(object)), TF_TRY(object.base64url<16>("nonce_a")), TF_TRY(object.base64url<32>("sealed_hash"))};
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const Hello& hello) {
  JsonWriter writer;
  writer.begin_object().member("dsim_id", hello.dsim_id).member("nonce_d", base64url(hello.nonce_d));
  write_chain(writer, "signing", hello.signing);
  write_chain(writer, "decryption", hello.decryption);
  return writer.end_object().take();
}

Result<Hello> decode_hello(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  Hello out;
  out.dsim_id = TF_TRY(dsim_id_in(object));
  out.nonce_d = TF_TRY(object.base64url<16>("nonce_d"));
  out.signing = TF_TRY(chain_in(object, "signing"));
  out.decryption = TF_TRY(chain_in(object, "decryption"));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const HelloAnswer& answer) {
  JsonWriter writer;
  writer.begin_object().member("session", answer.session).member("nonce_c", base64url(answer.nonce_c)).member("operator", answer.operator_id);
  write_chain(writer, "certificate", answer.certificate);
  return writer.member("expires_in", answer.expires_in_s).end_object().take();
}

Result<HelloAnswer> decode_hello_answer(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  HelloAnswer out;
  out.session = TF_TRY(id_in(object, "session"));
  out.nonce_c = TF_TRY(object.base64url<16>("nonce_c"));
  out.operator_id = TF_TRY(id_in(object, "operator"));
  out.certificate = TF_TRY(chain_in(object, "certificate"));
  out.expires_in_s = TF_TRY(object.integer("expires_in", 0, 3600));
  TF_CHECK(object.finish());
  return out;
}

}  // namespace tf::onboard
