#include "protocols/access/terminal.hpp"

#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::access {
namespace {

const Error kNotThePlatform{Code::refused, "access.platform_mac", "the answer was not made by the platform we asked"};

Result<std::string> enrolment_signature(const Identity& identity, const Initialisation& content) {
  wire::JsonWriter payload;
  payload.begin_object().member("digest", wire::base64url(enrolment_digest(identity.service, content))).end_object();
  return crypto::jws_sign_es256(*identity.device_key, typ::enrolment, payload.text(), identity.device_chain);
}

}  // namespace

namespace {

Status fill_modern(const Identity& identity, const Challenge& challenge, const Binding* old, Random& random, Initialisation& content) {
  content.service = identity.service;
  content.msisdn = identity.msisdn;
  content.nonce_p = challenge.nonce;
  content.nonce_t = random.array<16>();
  content.info = identity.info;
  if (identity.device_key) content.jws = TF_TRY(enrolment_signature(identity, content));
  if (old == nullptr) return {};
  content.consent = {old->key_id, crypto::hmac_sha256(derive(old->dkey, old->key_id, label::consent).reveal(), consent_fields(identity.service, content))};
  return {};
}

}  // namespace

Result<InitialiseUnderWay> begin_initialise(const Identity& identity, const Challenge& challenge, const Binding* old, Random& random) {
  InitialiseUnderWay out;
  Initialisation& content = out.content;
  content.suite = identity.suite;
  content.did = identity.did;
  content.dkey = SecretBytes(dkey_size(identity.suite));
  random.fill(content.dkey.reveal_mutable());
  if (identity.suite == Suite::modern) TF_CHECK(fill_modern(identity, challenge, old, random, content));
  if (content.jws.empty()) content.code = identity.code;
  const bool classic = identity.suite == Suite::classic;
  const SecretBytes plain = encode(content, identity.did_beside);
  InitialiseRequest request{.suite = identity.suite, .service = identity.service, .jwe = {}, .did = identity.did_beside ? identity.did : "",
                            .info = identity.info};
  request.jwe = TF_TRY(crypto::jwe_seal_to(identity.platform_key, identity.platform_kid, random, classic ? typ::edkey : typ::initialise, plain.reveal()));
  out.body = encode(request);
  if (classic) out.edkey = std::move(request.jwe);
  return out;
}

Result<Binding> finish_initialise(const Identity& identity, const InitialiseUnderWay& sent, std::string_view body) {
  InitialiseAnswer answer = TF_TRY(decode_initialise_answer(body));
  const Initialisation& content = sent.content;
  const Secret<32> key = derive(content.dkey, answer.key_id, label::initialise_answer);
  const Fresh fresh = content.suite == Suite::modern ? Fresh{content.nonce_p, content.nonce_t} : Fresh{sent.edkey, {}};
  const Bytes fields = initialise_answer_fields({content.suite, identity.service, content.did, answer.msisdn}, answer, fresh);
  if (!crypto::verify_hmac_sha256(key.reveal(), fields, answer.mac)) return kNotThePlatform;
  if (answer.msisdn != identity.msisdn)
    return Error{Code::refused, "access.number_differs", "the platform bound another number than our SIM's"};
  return Binding{std::move(answer.key_id), answer.key_time_ms, content.dkey.clone(), std::move(answer.private_apn)};
}

AuthenticateUnderWay begin_authenticate(const Identity& identity, const Binding& binding, const Challenge& challenge, std::int64_t now_ms, Random& random) {
  const bool modern = identity.suite == Suite::modern;
  AuthenticateUnderWay out{modern ? challenge.nonce : decimal(now_ms), random.array<16>(), {}};
  const Claim claim{identity.did, identity.info, identity.msisdn, binding.key_time_ms};
  const auto derived = [&](std::string_view label) { return derive(binding.dkey, binding.key_id, label); };
  AuthenticateRequest request{.suite = identity.suite, .service = identity.service, .key_id = {}, .nonce_p = {}, .nonce_t = out.nonce_t,
                              .sealed = {}, .claim = {}, .time_ms = now_ms, .mac = {}};
  if (modern) {
    request.key_id = binding.key_id;
    request.nonce_p = challenge.nonce;
    request.sealed = crypto::jwe_seal_dir(derived(label::authenticate_seal), random, typ::authenticate, as_bytes(encode(claim)));
  } else {
    request.claim = claim;
  }
  request.mac = crypto::hmac_sha256(derived(label::authenticate_request).reveal(),
                                    authenticate_request_fields(identity.suite, identity.service, claim, {out.first, out.nonce_t}));
  out.body = encode(request);
  return out;
}

Result<Authenticated> finish_authenticate(const Identity& identity, const Binding& binding, const AuthenticateUnderWay& sent, std::string_view body) {
  const AuthenticateAnswer answer = TF_TRY(decode_authenticate_answer(body));
  const Parties who{identity.suite, identity.service, identity.did, identity.msisdn};
  if (!crypto::verify_hmac_sha256(derive(binding.dkey, binding.key_id, label::authenticate_answer).reveal(),
                                  authenticate_answer_fields(who, answer, {sent.first, sent.nonce_t}), answer.mac))
    return kNotThePlatform;
  const SecretBytes jwt = TF_TRY(crypto::jwe_open_dir(derive(binding.dkey, binding.key_id, label::ticket), typ::ticket, answer.ticket));
  return Authenticated{std::string(as_text(jwt.reveal())), answer.private_apn};
}

}  // namespace tf::access
