#include "protocols/access/messages.hpp"

#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::access {
namespace {

using wire::base64url;
using wire::JsonObject;
using wire::JsonWriter;

constexpr std::size_t kMaxNonce = 256;
constexpr std::size_t kMaxJose = 16 * 1024;
constexpr std::int64_t kMaxTime = 253'402'300'799'000;  // the year 9999
constexpr wire::JsonLimits kLimits{.size = 64 * 1024, .depth = 3};

Result<std::string> optional(JsonObject& object, std::string_view name, std::size_t max) {
  return TF_TRY(object.optional_text(name, max)).value_or("");
}

Result<std::string> optional_number(JsonObject& object) {
  const std::string text = TF_TRY(optional(object, "msisdn", 15));
  if (text.empty()) return text;
  return parse_msisdn(text);
}

Status expect_modern(JsonObject& object) {
  if (TF_TRY(parse_suite(TF_TRY(object.text("suite", 16)))) == Suite::modern) return {};
  return Error{Code::malformed, "access.unknown_suite", "another suite than this message's"};
}

}  // namespace

std::string_view name_of(ChallengePurpose purpose) { return purpose == ChallengePurpose::initialise ? "initialise" : "authenticate"; }

std::string encode_challenge_request(ChallengePurpose purpose) {
  return JsonWriter().begin_object().member("purpose", name_of(purpose)).end_object().take();
}

Result<ChallengePurpose> decode_challenge_request(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  const std::string purpose = TF_TRY(object.text("purpose", 16));
  TF_CHECK(object.finish());
  for (const auto known : {ChallengePurpose::initialise, ChallengePurpose::authenticate})
    if (purpose == name_of(known)) return known;
  return Error{Code::malformed, "access.purpose", "a challenge is for initialise or authenticate"};
}

std::string encode(const Challenge& challenge) {
  JsonWriter writer;
  return writer.begin_object().member("nonce", challenge.nonce).member("expires_in", challenge.expires_in_s).end_object().take();
}

Result<Challenge> decode_challenge(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  Challenge out{TF_TRY(object.text("nonce", kMaxNonce)), TF_TRY(object.integer("expires_in", 1, 3600))};
  TF_CHECK(object.finish());
  return out;
}

SecretBytes encode(const Initialisation& content) {
  JsonWriter writer;
  std::string dkey = base64url(content.dkey.reveal());
  writer.begin_object().member("did", content.did).member("dkey", dkey);
  wipe(dkey.data(), dkey.size());
  if (!content.msisdn.empty()) writer.member("msisdn", content.msisdn);
  writer.member("nonce_p", content.nonce_p).member("nonce_t", base64url(content.nonce_t));
  if (!content.info.empty()) writer.member("info", content.info);
  if (!content.code.empty()) writer.member("code", content.code);
  if (!content.jws.empty()) writer.member("jws", content.jws);
  std::string text = writer.end_object().take();
  SecretBytes out{as_bytes(text)};
  wipe(text.data(), text.size());
  return out;
}

Result<Initialisation> decode_initialisation(const SecretBytes& content) {
  auto object = TF_TRY(JsonObject::parse(as_text(content.reveal()), kLimits));
  Initialisation out;
  out.did = TF_TRY(parse_did(TF_TRY(object.text("did", kDidMax))));
  ByteArray<kDkeySize> dkey = TF_TRY(object.base64url<kDkeySize>("dkey"));
  out.dkey = Secret<kDkeySize>(dkey);
  wipe(dkey.data(), dkey.size());
  out.msisdn = TF_TRY(optional_number(object));
  out.nonce_p = TF_TRY(object.text("nonce_p", kMaxNonce));
  out.nonce_t = TF_TRY(object.base64url<16>("nonce_t"));
  out.info = TF_TRY(parse_info(TF_TRY(optional(object, "info", kInfoMax))));
  out.code = TF_TRY(optional(object, "code", 64));
  out.jws = TF_TRY(optional(object, "jws", kMaxJose));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const InitialiseRequest& request) {
  JsonWriter writer;
  writer.begin_object().member("suite", name_of(Suite::modern)).member("service", request.service);
  return writer.member("jwe", request.jwe).end_object().take();
}

Result<InitialiseRequest> decode_initialise_request(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  TF_CHECK(expect_modern(object));
  InitialiseRequest out{TF_TRY(parse_service(TF_TRY(object.text("service", 32)))), TF_TRY(object.text("jwe", kMaxJose))};
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const InitialiseAnswer& answer) {
  JsonWriter writer;
  writer.begin_object();
  if (!answer.msisdn.empty()) writer.member("msisdn", answer.msisdn);
  writer.member("key_id", answer.key_id).member("key_time", answer.key_time_ms);
  return writer.member("mac", base64url(answer.mac)).end_object().take();
}

Result<InitialiseAnswer> decode_initialise_answer(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  InitialiseAnswer out;
  out.msisdn = TF_TRY(optional_number(object));
  out.key_id = TF_TRY(object.text("key_id", 64));
  out.key_time_ms = TF_TRY(object.integer("key_time", 0, kMaxTime));
  out.mac = TF_TRY(object.base64url<32>("mac"));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const Claim& claim) {
  JsonWriter writer;
  writer.begin_object().member("did", claim.did).member("info", claim.info).member("msisdn", claim.msisdn);
  return writer.member("key_time", claim.key_time_ms).end_object().take();
}

Result<Claim> decode_claim(std::string_view text) {
  auto object = TF_TRY(JsonObject::parse(text, kLimits));
  Claim out;
  out.did = TF_TRY(parse_did(TF_TRY(object.text("did", kDidMax))));
  out.info = TF_TRY(parse_info(TF_TRY(object.text("info", kInfoMax))));
  out.msisdn = TF_TRY(optional_number(object));
  out.key_time_ms = TF_TRY(object.integer("key_time", 0, kMaxTime));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const AuthenticateRequest& request) {
  JsonWriter writer;
  writer.begin_object().member("suite", name_of(Suite::modern)).member("service", request.service).member("key_id", request.key_id);
  writer.member("nonce_p", request.nonce_p).member("nonce_t", base64url(request.nonce_t)).member("sealed", request.sealed);
  return writer.member("mac", base64url(request.mac)).end_object().take();
}

Result<AuthenticateRequest> decode_authenticate_request(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  TF_CHECK(expect_modern(object));
  AuthenticateRequest out;
  out.service = TF_TRY(parse_service(TF_TRY(object.text("service", 32))));
  out.key_id = TF_TRY(object.text("key_id", 64));
  out.nonce_p = TF_TRY(object.text("nonce_p", kMaxNonce));
  out.nonce_t = TF_TRY(object.base64url<16>("nonce_t"));
  out.sealed = TF_TRY(object.text("sealed", 4096));
  out.mac = TF_TRY(object.base64url<32>("mac"));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const AuthenticateAnswer& answer) {
  JsonWriter writer;
  writer.begin_object().member("result", "ok").member("ticket", answer.ticket);
  return writer.member("mac", base64url(answer.mac)).end_object().take();
}

Result<AuthenticateAnswer> decode_authenticate_answer(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  if (TF_TRY(object.text("result", 8)) != "ok") return Error{Code::malformed, "access.result", "neither ok nor a refusal"};
  AuthenticateAnswer out{TF_TRY(object.text("ticket", kMaxJose)), TF_TRY(object.base64url<32>("mac"))};
  TF_CHECK(object.finish());
  return out;
}

}  // namespace tf::access
