#include "protocols/access/terminal.hpp"

#include "crypto/digest.hpp"
#include "crypto/jose.hpp"
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

Result<InitialiseUnderWay> begin_initialise(const Identity& identity, const Challenge& challenge, Random& random) {
  InitialiseUnderWay out;
  Initialisation& content = out.content;
  content.did = identity.did;
  random.fill(content.dkey.reveal_mutable());
  content.msisdn = identity.msisdn;
  content.nonce_p = challenge.nonce;
  content.nonce_t = random.array<16>();
  content.info = identity.info;
  if (identity.device_key) {
    content.jws = TF_TRY(enrolment_signature(identity, content));
  } else {
    content.code = identity.code;
  }
  const std::string jwe =
      TF_TRY(crypto::jwe_seal_to(identity.platform_key, identity.platform_kid, random, typ::initialise, encode(content).reveal()));
  out.body = encode(InitialiseRequest{identity.service, jwe});
  return out;
}

Result<Binding> finish_initialise(const Identity& identity, const InitialiseUnderWay& sent, std::string_view body) {
  const InitialiseAnswer answer = TF_TRY(decode_initialise_answer(body));
  const Initialisation& content = sent.content;
  const Secret<32> key = derive(content.dkey, answer.key_id, label::initialise_answer);
  const Bytes fields = initialise_answer_fields({identity.service, content.did, answer.msisdn}, answer, content.nonce_p, content.nonce_t);
  if (!crypto::verify_hmac_sha256(key.reveal(), fields, answer.mac)) return kNotThePlatform;
  if (answer.msisdn != identity.msisdn)
    return Error{Code::refused, "access.number_differs", "the platform bound another number than our SIM's"};
  return Binding{answer.key_id, answer.key_time_ms, content.dkey.clone()};
}

AuthenticateUnderWay begin_authenticate(const Identity& identity, const Binding& binding, const Challenge& challenge, Random& random) {
  AuthenticateUnderWay out{challenge.nonce, random.array<16>(), {}};
  const Claim claim{identity.did, identity.info, identity.msisdn, binding.key_time_ms};
  AuthenticateRequest request{identity.service, binding.key_id, out.nonce_p, out.nonce_t, {}, {}};
  request.sealed = crypto::jwe_seal_dir(derive(binding.dkey, binding.key_id, label::authenticate_seal), random, typ::authenticate,
                                        as_bytes(encode(claim)));
  request.mac = crypto::hmac_sha256(derive(binding.dkey, binding.key_id, label::authenticate_request).reveal(),
                                    authenticate_request_fields(identity.service, claim, out.nonce_p, out.nonce_t));
  out.body = encode(request);
  return out;
}

Result<std::string> finish_authenticate(const Identity& identity, const Binding& binding, const AuthenticateUnderWay& sent, std::string_view body) {
  const AuthenticateAnswer answer = TF_TRY(decode_authenticate_answer(body));
  const Bytes fields = authenticate_answer_fields({identity.service, identity.did, identity.msisdn}, answer.ticket, sent.nonce_p, sent.nonce_t);
  if (!crypto::verify_hmac_sha256(derive(binding.dkey, binding.key_id, label::authenticate_answer).reveal(), fields, answer.mac))
    return kNotThePlatform;
  const SecretBytes jwt = TF_TRY(crypto::jwe_open_dir(derive(binding.dkey, binding.key_id, label::ticket), typ::ticket, answer.ticket));
  return std::string(as_text(jwt.reveal()));
}

}  // namespace tf::access
