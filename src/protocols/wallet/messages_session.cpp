// S34–S39.
#include "protocols/wallet/messages_parts.hpp"

namespace tf::wallet {

std::string encode(const LoginClaim& claim) {
  JsonWriter writer;
  writer.begin_object().member("label", "wallet login").member("platform", claim.platform).member("certificate", base64url(claim.certificate));
  writer.member("number", claim.number).member("nonce_p", claim.nonce_p);
  write_secret(writer, "r", claim.r.reveal());
  writer.member("ephemeral", base64url(claim.ephemeral)).member("time", claim.time_ms);
  return writer.end_object().take();
}

Result<LoginClaim> decode_login_claim(std::string_view payload) {
  auto object = TF_TRY(JsonObject::parse(payload, kLimits));
  TF_CHECK(check_label(object, "wallet login"));
  LoginClaim out;
  out.platform = TF_TRY(platform_in(object));
  out.certificate = TF_TRY(object.base64url<32>("certificate"));
  out.number = TF_TRY(number_in(object));
  out.nonce_p = TF_TRY(nonce_in(object));
  out.r = TF_TRY(secret32_in(object, "r"));
  out.ephemeral = TF_TRY(object.base64url<65>("ephemeral"));
  out.time_ms = TF_TRY(object.integer("time", 0, kMaxTime));
  TF_CHECK(object.finish());
  return out;
}

SecretBytes encode(const LoginContent& content) {
  JsonWriter writer;
  writer.begin_object().member("jws", content.jws);
  write_secret(writer, "password", content.password.reveal());
  writer.end_object();
  return secret_text(writer);
}

Result<LoginContent> decode_login_content(const SecretBytes& content) {
  auto object = TF_TRY(JsonObject::parse(as_text(content.reveal()), kLimits));
  LoginContent out{TF_TRY(object.text("jws", kMaxJose)), TF_TRY(secret_in(object, "password", 1, 64))};
  TF_CHECK(object.finish());
  return out;
}

SecretBytes encode(const ClassicLoginContent& content) {
  JsonWriter writer;
  writer.begin_object().member("number", content.number);
  write_secret(writer, "password", content.password.reveal());
  writer.member("time", content.time_ms).member("signature", base64url(content.signature)).end_object();
  return secret_text(writer);
}

Result<ClassicLoginContent> decode_classic_login_content(const SecretBytes& content) {
  auto object = TF_TRY(JsonObject::parse(as_text(content.reveal()), kLimits));
  ClassicLoginContent out;
  out.number = TF_TRY(number_in(object));
  out.password = TF_TRY(secret_in(object, "password", 1, 64));
  out.time_ms = TF_TRY(object.integer("time", 0, kMaxTime));
  out.signature = TF_TRY(object.base64url("signature", 64, 1024));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const LoginRequest& request) {
  JsonWriter writer;
  writer.begin_object().member("suite", name_of(request.suite));
  if (request.suite == Suite::modern) return writer.member("jwe", request.jwe).end_object().take();
  writer.member("c1", request.classic.c1).member("c2", request.classic.c2).member("signature", base64url(request.classic.signature));
  return writer.end_object().take();
}

Result<LoginRequest> decode_login_request(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  LoginRequest out;
  out.suite = TF_TRY(suite_in(object));
  if (out.suite == Suite::modern) {
    out.jwe = TF_TRY(object.text("jwe", kMaxJose));
  } else {
    out.classic = {TF_TRY(object.text("c1", kMaxJose)), TF_TRY(object.text("c2", kMaxJose)), TF_TRY(object.base64url("signature", 64, 1024))};
  }
  TF_CHECK(object.finish());
  return out;
}

SecretBytes encode(const SessionContent& content) {
  JsonWriter writer;
  writer.begin_object().member("session", content.session);
  write_secret(writer, "message_key", content.message_key.reveal());
  write_secret(writer, "pin_key", content.pin_key.reveal());
  writer.member("expires_in", content.expires_in_s).member("digest", base64url(content.digest)).end_object();
  return secret_text(writer);
}

Result<SessionContent> decode_session_content(const SecretBytes& content) {
  auto object = TF_TRY(JsonObject::parse(as_text(content.reveal()), kLimits));
  SessionContent out;
  out.session = TF_TRY(id_in(object, "session"));
  out.message_key = TF_TRY(secret32_in(object, "message_key"));
  out.pin_key = TF_TRY(secret32_in(object, "pin_key"));
  out.expires_in_s = TF_TRY(object.integer("expires_in", 1, 86'400));
  out.digest = TF_TRY(object.base64url<32>("digest"));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const LoginAnswer& answer) {
  JsonWriter writer;
  writer.begin_object().member("suite", name_of(answer.suite));
  if (answer.suite == Suite::modern) writer.member("ephemeral", base64url(answer.ephemeral));
  return writer.member("sealed", answer.sealed).end_object().take();
}

Result<LoginAnswer> decode_login_answer(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  LoginAnswer out;
  out.suite = TF_TRY(suite_in(object));
  if (out.suite == Suite::modern) out.ephemeral = TF_TRY(object.base64url<65>("ephemeral"));
  out.sealed = TF_TRY(object.text("sealed", kMaxJose));
  TF_CHECK(object.finish());
  return out;
}

}  // namespace tf::wallet
