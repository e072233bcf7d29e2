#include "protocols/access/platform.hpp"

#include "crypto/digest.hpp"
#include "crypto/jose.hpp"
#include "wire/encoding.hpp"
#include "wire/fields.hpp"
#include "wire/json.hpp"

namespace tf::access {
namespace {

Error refused(const char* reason, std::string detail) { return {Code::refused, reason, std::move(detail)}; }

// The number the gateway vouches for and the one the terminal expects are the same one, or there is none.
Status check_number(const ServicePolicy& policy, const std::string& number, const std::string& claimed) {
  if (!policy.gateway) {
    if (number.empty() && claimed.empty()) return {};
    return refused("access.number_differs", "the service has no gateway and takes no number");
  }
  if (number.empty()) return refused("access.number_missing", "the request did not come through a gateway with a number");
  if (number != claimed) return refused("access.number_differs", "the gateway says another number than the terminal expects");
  return {};
}

Status check_signature(const Opened& request, const PlatformPorts& ports) {
  const auto parsed = TF_TRY(crypto::jws_parse_es256(request.content.jws, typ::enrolment));
  const auto key = ports.verify_device(parsed.chain, request.content.did);
  if (!key) return refused("access.wrong_device", describe(key.error()));
  const auto payload = crypto::jws_verify_es256(*key, typ::enrolment, request.content.jws);
  if (!payload) return refused("access.wrong_device", "the enrolment is not signed by the device's key");
  auto object = TF_TRY(wire::JsonObject::parse(*payload));
  const auto digest = TF_TRY(object.base64url<32>("digest"));
  TF_CHECK(object.finish());
  if (digest == enrolment_digest(request.service, request.content)) return {};
  return refused("access.wrong_device", "the device signed another enrolment");
}

// The proof that this terminal is the one with this Did. A code that was shown must be right even where none is needed.
Status check_proof(const Opened& request, const InitialiseSnapshot& snapshot, std::int64_t now, const PlatformPorts& ports) {
  const Initialisation& content = request.content;
  if (!content.jws.empty() && !content.code.empty()) return refused("access.no_proof", "two proofs");
  if (!content.jws.empty()) return check_signature(request, ports);
  if (content.code.empty()) {
    if (snapshot.policy.trust_first_use) return {};
    return refused("access.no_proof", "the service wants a device certificate or an enrolment code");
  }
  if (snapshot.code_locked) return refused("access.code_locked", "too many wrong codes for this Did");
  if (!snapshot.code || snapshot.code->used || now >= snapshot.code->ends_ms)
    return refused("access.wrong_code", "not a code issued for this Did, or used, or too old");
  return {};
}

std::optional<AlarmKind> conflict(const InitialiseSnapshot& snapshot, const std::string& did, const std::string& number) {
  if (snapshot.by_did && snapshot.by_did->msisdn != number) return AlarmKind::did_under_other_number;
  if (snapshot.by_number && snapshot.by_number->did != did) return AlarmKind::number_under_other_did;
  return std::nullopt;
}

std::string detail_of(const std::string& service, const std::string& did, std::string_view what) {
  return wire::JsonWriter().begin_object().member("service", service).member("did", did).member("result", what).end_object().take();
}

Result<std::string> ticket_for(const KeyRecord& key, const ServicePolicy& policy, std::int64_t now, const PlatformPorts& ports) {
  wire::JsonWriter writer;
  writer.begin_object().member("iss", ports.issuer).member("aud", policy.audience).member("sub", key.key_id);
  writer.member("iat", now / 1000).member("exp", std::min(now / 1000 + policy.ticket_seconds, key.ends_ms / 1000));
  writer.member("jti", wire::base64url(ports.random.array<16>()));
  writer.key("cnf").begin_object().member("kid", key.key_id).end_object();
  if (policy.ticket_names_number && !key.msisdn.empty()) writer.member("msisdn", key.msisdn);
  writer.end_object();
  const auto sign = [&](ByteView data) { return ports.vault.sign_es256(ports.ticket_key, data); };
  return crypto::jwt_sign_es256(sign, typ::jwt, ports.ticket_key, writer.text());
}

}  // namespace

vault::SymmetricSpec dkey_spec(Suite suite) {
  return {vault::SymmetricAlgorithm::hmac, suite == Suite::classic ? kClassicDkeySize : kDkeySize, vault::SymmetricPurpose::derive};
}

vault::RowId dkey_row(std::string_view key_id) { return {"access_keys", std::string(key_id), 1}; }

std::string_view name_of(AlarmKind kind) {
  switch (kind) {
    case AlarmKind::did_under_other_number: return "did-under-other-number";
    case AlarmKind::number_under_other_did: return "number-under-other-did";
    case AlarmKind::wrong_code: return "wrong-code";
    case AlarmKind::key_from_other_number: return "key-from-other-number";
  }
  return "";
}

Hash256 code_hash(std::string_view service, std::string_view did, std::string_view code) {
  return crypto::sha256(wire::FieldWriter().field("access code").field(service).field(did).field(code).take());
}

Result<Opened> open_initialise(std::string_view body, const PlatformPorts& ports) {
  const InitialiseRequest request = TF_TRY(decode_initialise_request(body));
  const std::string kid = TF_TRY(crypto::jwe_kid(request.jwe));
  const auto key = ports.platform_key(kid);
  if (!key) return refused("access.unknown_key", "encrypted to a key that is not in use here");
  const crypto::JweRecipient recipient{
      .kind = key->second,
      .agree = [&](const crypto::PublicKey& peer) { return ports.vault.ecdh_p256(key->first, peer); },
      .decrypt = [&](ByteView wrapped) { return ports.vault.oaep_decrypt(key->first, wrapped); }};
  const SecretBytes content = TF_TRY(crypto::jwe_open(recipient, kid, typ::initialise, request.jwe));
  Initialisation opened = TF_TRY(decode_initialisation(content));
  const auto challenge = TF_TRY(ports.challenges.open(opened.nonce_p, ChallengePurpose::initialise, ports.clock.now_ms()));
  return Opened{request.service, std::move(opened), challenge};
}

Result<PlatformStep> initialise(const Opened& request, const std::string& number, const InitialiseSnapshot& snapshot, const PlatformPorts& ports) {
  const std::int64_t now = ports.clock.now_ms();
  const Initialisation& content = request.content;
  TF_CHECK(check_number(snapshot.policy, number, content.msisdn));
  TF_CHECK(check_proof(request, snapshot, now, ports));
  PlatformStep out;
  out.writes.challenge = request.challenge;
  out.writes.action = "access.initialise";
  out.writes.subject = content.did;
  if (!content.code.empty()) out.writes.consumed_code = code_hash(request.service, content.did, content.code);
  if (const auto kind = conflict(snapshot, content.did, number)) {
    out.writes.consumed_code.reset();  // it will be needed once more, after the approval
    out.writes.alarm = Alarm{*kind, request.service, content.did, number};
    out.writes.detail = detail_of(request.service, content.did, name_of(*kind));
    out.refusal = refused("access.bound_otherwise", "waits for an operator: access bindings approve");
    return out;
  }
  if (snapshot.by_did) out.writes.superseded.push_back(snapshot.by_did->key_id);
  if (snapshot.by_number && (!snapshot.by_did || snapshot.by_number->key_id != snapshot.by_did->key_id))
    out.writes.superseded.push_back(snapshot.by_number->key_id);
  KeyRecord key{wire::hex_lower(ports.random.array<16>()), request.service, content.did, number, Suite::modern, {}, now,
                now + snapshot.policy.key_minutes * 60'000, content.info};
  key.wrapped = TF_TRY(ports.vault.wrap(SecretBytes(content.dkey.reveal()), dkey_spec(key.suite), dkey_row(key.key_id))).wrapped;
  InitialiseAnswer answer{number, key.key_id, key.ends_ms, {}};
  const Secret<32> mac_key = derive(content.dkey, key.key_id, label::initialise_answer);
  answer.mac = crypto::hmac_sha256(mac_key.reveal(),
                                   initialise_answer_fields({request.service, content.did, number}, answer, content.nonce_p, content.nonce_t));
  out.reply = encode(answer);
  out.writes.detail = detail_of(request.service, content.did, "active");
  out.writes.new_key = std::move(key);
  return out;
}

Result<PlatformStep> authenticate(const AuthenticateRequest& request, const std::string& number, const AuthenticateSnapshot& snapshot,
                                  const PlatformPorts& ports) {
  const std::int64_t now = ports.clock.now_ms();
  const auto challenge = TF_TRY(ports.challenges.open(request.nonce_p, ChallengePurpose::authenticate, now));
  if (!snapshot.key || snapshot.key->service != request.service) return refused("access.no_key", "no such key is active");
  KeyRecord key = *snapshot.key;
  if (now >= key.ends_ms) return refused("access.expired", "the key's time is over");
  const auto spec = dkey_spec(key.suite);
  const auto row = dkey_row(key.key_id);
  const vault::WrappedRef dkey{key.wrapped, spec, row};
  const auto derived = [&](std::string_view label) { return ports.vault.hkdf_sha256(dkey, as_bytes(key.key_id), label, {}); };
  const SecretBytes opened = TF_TRY(crypto::jwe_open_dir(TF_TRY(derived(label::authenticate_seal)), typ::authenticate, request.sealed));
  const Claim claim = TF_TRY(decode_claim(as_text(opened.reveal())));
  if (!crypto::verify_hmac_sha256(TF_TRY(derived(label::authenticate_request)).reveal(),
                                  authenticate_request_fields(request.service, claim, request.nonce_p, request.nonce_t), request.mac))
    return refused("access.wrong_mac", "the terminal does not hold the key");
  PlatformStep out;
  out.writes.challenge = challenge;
  out.writes.action = "access.authenticate";
  out.writes.subject = key.did;
  if (snapshot.policy.gateway && number.empty()) return refused("access.number_missing", "the request did not come through a gateway with a number");
  if (const Status same = check_number(snapshot.policy, number, claim.msisdn); !same || number != key.msisdn) {
    // The key is right and the SIM is not: the one thing worth an alarm.
    out.writes.alarm = Alarm{AlarmKind::key_from_other_number, request.service, claim.did, number};
    out.writes.detail = detail_of(request.service, claim.did, name_of(AlarmKind::key_from_other_number));
    out.refusal = same ? refused("access.number_differs", "the key belongs to another number") : same.error();
    return out;
  }
  if (claim.key_time_ms != key.ends_ms) return refused("access.wrong_key_time", "the terminal claims another KeyTime");
  if (claim.did != key.did && !snapshot.policy.did_may_change) {
    out.writes.alarm = Alarm{AlarmKind::number_under_other_did, request.service, claim.did, number};
    out.writes.detail = detail_of(request.service, claim.did, name_of(AlarmKind::number_under_other_did));
    out.refusal = refused("access.bound_otherwise", "the SIM is in another terminal");
    return out;
  }
  key.did = claim.did;
  key.info = claim.info;
  AuthenticateAnswer answer;
  const std::string jwt = TF_TRY(ticket_for(key, snapshot.policy, now, ports));
  answer.ticket = crypto::jwe_seal_dir(TF_TRY(derived(label::ticket)), ports.random, typ::ticket, as_bytes(jwt));
  answer.mac = crypto::hmac_sha256(
      TF_TRY(derived(label::authenticate_answer)).reveal(),
      authenticate_answer_fields({request.service, key.did, key.msisdn}, answer.ticket, request.nonce_p, request.nonce_t));
  out.reply = encode(answer);
  out.writes.detail = detail_of(request.service, key.did, "ok");
  out.writes.updated = std::move(key);
  return out;
}

}  // namespace tf::access
