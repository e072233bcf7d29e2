// Challenges and S202–S203; S211–S212 are in messages_authenticate.cpp.
#include "protocols/access/messages_parts.hpp"

namespace tf::access {

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

}  // namespace tf::access
