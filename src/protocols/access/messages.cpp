#include "protocols/access/messages.hpp"

#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::access {
namespace {

using wire::base64url;
using wire::JsonObject;
using wire::JsonWriter;

constexpr std::size_t kMaxNonce = 256;
constexpr std::size_t kMaxKeyId = 64;
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

Result<Suite> suite_in(JsonObject& object) { return parse_suite(TF_TRY(object.text("suite", 16))); }

Result<std::string> profile_in(JsonObject& object) {
  const std::string text = TF_TRY(optional(object, "private_apn", kApnMax));
  if (text.empty()) return text;
  return parse_apn(text);
}

void write_profile(JsonWriter& writer, const std::string& profile) {
  if (!profile.empty()) writer.member("private_apn", profile);
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

SecretBytes encode(const Initialisation& content, bool did_beside) {
  JsonWriter writer;
  std::string dkey = base64url(content.dkey.reveal());
  writer.begin_object();
  if (!did_beside) writer.member("did", content.did);
  writer.member("dkey", dkey);
  wipe(dkey.data(), dkey.size());
  if (content.suite == Suite::modern) {
    writer.member("service", content.service);
    if (!content.msisdn.empty()) writer.member("msisdn", content.msisdn);
    writer.member("nonce_p", content.nonce_p).member("nonce_t", base64url(content.nonce_t));
    if (!content.info.empty()) writer.member("info", content.info);
    if (!content.jws.empty()) writer.member("jws", content.jws);
    if (!content.consent.key_id.empty())
      writer.member("consent_key", content.consent.key_id).member("consent", base64url(content.consent.mac));
  }
  if (!content.code.empty()) writer.member("code", content.code);
  std::string text = writer.end_object().take();
  SecretBytes out{as_bytes(text)};
  wipe(text.data(), text.size());
  return out;
}

namespace {

Status decode_modern(JsonObject& object, Initialisation& out) {
  out.service = TF_TRY(parse_service(TF_TRY(object.text("service", 32))));
  out.did = TF_TRY(parse_did(TF_TRY(object.text("did", kDidMax))));
  out.msisdn = TF_TRY(optional_number(object));
  out.nonce_p = TF_TRY(object.text("nonce_p", kMaxNonce));
  out.nonce_t = TF_TRY(object.base64url<16>("nonce_t"));
  out.info = TF_TRY(parse_info(TF_TRY(optional(object, "info", kInfoMax))));
  out.jws = TF_TRY(optional(object, "jws", kMaxJose));
  out.consent.key_id = TF_TRY(optional(object, "consent_key", kMaxKeyId));
  if (!out.consent.key_id.empty()) out.consent.mac = TF_TRY(object.base64url<32>("consent"));
  return {};
}

}  // namespace

Result<Initialisation> decode_initialisation(Suite suite, const SecretBytes& content) {
  auto object = TF_TRY(JsonObject::parse(as_text(content.reveal()), kLimits));
  Initialisation out;
  out.suite = suite;
  Bytes dkey = TF_TRY(object.base64url("dkey", dkey_size(suite), dkey_size(suite)));
  out.dkey = SecretBytes(ByteView(dkey));
  wipe(dkey.data(), dkey.size());
  if (suite == Suite::modern) {
    TF_CHECK(decode_modern(object, out));
  } else if (object.has("did")) {
    out.did = TF_TRY(parse_did(TF_TRY(object.text("did", kDidMax))));
  }
  out.code = TF_TRY(optional(object, "code", 64));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const InitialiseRequest& request) {
  JsonWriter writer;
  writer.begin_object().member("suite", name_of(request.suite)).member("service", request.service);
  if (request.suite == Suite::modern) return writer.member("jwe", request.jwe).end_object().take();
  if (!request.did.empty()) writer.member("did", request.did);
  if (!request.info.empty()) writer.member("info", request.info);
  return writer.member("edkey", request.jwe).end_object().take();
}

Result<InitialiseRequest> decode_initialise_request(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  InitialiseRequest out{.suite = TF_TRY(suite_in(object)), .service = TF_TRY(parse_service(TF_TRY(object.text("service", 32)))),
                        .jwe = {}, .did = {}, .info = {}};
  if (out.suite == Suite::modern) {
    out.jwe = TF_TRY(object.text("jwe", kMaxJose));
  } else {
    out.jwe = TF_TRY(object.text("edkey", kMaxJose));
    if (object.has("did")) out.did = TF_TRY(parse_did(TF_TRY(object.text("did", kDidMax))));
    out.info = TF_TRY(parse_info(TF_TRY(optional(object, "info", kInfoMax))));
  }
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const InitialiseAnswer& answer) {
  JsonWriter writer;
  writer.begin_object();
  if (!answer.msisdn.empty()) writer.member("msisdn", answer.msisdn);
  writer.member("key_id", answer.key_id).member("key_time", answer.key_time_ms);
  write_profile(writer, answer.private_apn);
  return writer.member("mac", base64url(answer.mac)).end_object().take();
}

Result<InitialiseAnswer> decode_initialise_answer(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  InitialiseAnswer out;
  out.msisdn = TF_TRY(optional_number(object));
  out.key_id = TF_TRY(object.text("key_id", kMaxKeyId));
  out.key_time_ms = TF_TRY(object.integer("key_time", 0, kMaxTime));
  out.private_apn = TF_TRY(profile_in(object));
  out.mac = TF_TRY(object.base64url<32>("mac"));
  TF_CHECK(object.finish());
  return out;
}

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
