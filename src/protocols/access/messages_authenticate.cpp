#include "protocols/access/messages_parts.hpp"

namespace tf::access {
namespace {

void write_claim(JsonWriter& writer, const Claim& claim) {
  writer.member("did", claim.did).member("info", claim.info).member("msisdn", claim.msisdn).member("key_time", claim.key_time_ms);
}

Result<Claim> claim_in(JsonObject& object) {
  Claim out;
  out.did = TF_TRY(parse_did(TF_TRY(object.text("did", kDidMax))));
  out.info = TF_TRY(parse_info(TF_TRY(optional(object, "info", kInfoMax))));
  out.msisdn = TF_TRY(optional_number(object));
  out.key_time_ms = TF_TRY(object.integer("key_time", 0, kMaxTime));
  return out;
}

}  // namespace

std::string encode(const Claim& claim) {
  JsonWriter writer;
  writer.begin_object();
  write_claim(writer, claim);
  return writer.end_object().take();
}

Result<Claim> decode_claim(std::string_view text) {
  auto object = TF_TRY(JsonObject::parse(text, kLimits));
  Claim out = TF_TRY(claim_in(object));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const AuthenticateRequest& request) {
  JsonWriter writer;
  writer.begin_object().member("suite", name_of(request.suite)).member("service", request.service);
  if (request.suite == Suite::modern) {
    writer.member("key_id", request.key_id).member("nonce_p", request.nonce_p).member("sealed", request.sealed);
  } else {
    write_claim(writer, request.claim);
    writer.member("time", request.time_ms);
  }
  return writer.member("nonce_t", base64url(request.nonce_t)).member("mac", base64url(request.mac)).end_object().take();
}

Result<AuthenticateRequest> decode_authenticate_request(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  AuthenticateRequest out;
  out.suite = TF_TRY(suite_in(object));
  out.service = TF_TRY(parse_service(TF_TRY(object.text("service", 32))));
  if (out.suite == Suite::modern) {
    out.key_id = TF_TRY(object.text("key_id", kMaxKeyId));
    out.nonce_p = TF_TRY(object.text("nonce_p", kMaxNonce));
    out.sealed = TF_TRY(object.text("sealed", 4096));
  } else {
    out.claim = TF_TRY(claim_in(object));
    out.time_ms = TF_TRY(object.integer("time", 0, kMaxTime));
  }
  out.nonce_t = TF_TRY(object.base64url<16>("nonce_t"));
  out.mac = TF_TRY(object.base64url<32>("mac"));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const AuthenticateAnswer& answer) {
  JsonWriter writer;
  writer.begin_object().member("result", "ok").member("ticket", answer.ticket);
  write_profile(writer, answer.private_apn);
  return writer.member("mac", base64url(answer.mac)).end_object().take();
}

Result<AuthenticateAnswer> decode_authenticate_answer(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  if (TF_TRY(object.text("result", 8)) != "ok") return Error{Code::malformed, "access.result", "neither ok nor a refusal"};
  AuthenticateAnswer out{TF_TRY(object.text("ticket", kMaxJose)), TF_TRY(profile_in(object)), TF_TRY(object.base64url<32>("mac"))};
  TF_CHECK(object.finish());
  return out;
}

}  // namespace tf::access
