// S203: a new DKey, and whether it may be bound.
#include "protocols/access/platform.hpp"
#include "crypto/digest.hpp"
#include "crypto/jose.hpp"
#include "protocols/access/platform_steps.hpp"
#include "wire/encoding.hpp"
#include "wire/fields.hpp"
#include "wire/json.hpp"

namespace tf::access {

Status check_suite(const ServicePolicy& policy, Suite suite) {
  if (suite == Suite::modern ? policy.modern : policy.classic) return {};
  return refused("access.suite", "the service does not take suite " + std::string(name_of(suite)));
}

Status check_number(const ServicePolicy& policy, const std::string& number, const std::string& claimed) {
  if (!policy.gateway) {
    if (number.empty() && claimed.empty()) return {};
    return refused("access.number_differs", "the service has no gateway and takes no number");
  }
  if (number.empty()) return refused("access.number_missing", "the request did not come through a gateway with a number");
  if (number != claimed) return refused("access.number_differs", "the gateway says another number than the terminal expects");
  return {};
}

std::string detail_of(const std::string& service, const std::string& did, std::string_view what) {
  return wire::JsonWriter().begin_object().member("service", service).member("did", did).member("result", what).end_object().take();
}

namespace {

constexpr std::int64_t kNever = 253'402'300'799'000;  // the year 9999

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

std::string code_name(const Opened& request) {
  return "code " + wire::hex_lower(code_hash(request.service, request.content.did, request.content.code));
}
std::string key_name(const std::string& key_id) { return "key " + key_id; }

// The answer was lost on its way: nobody has used the key that this proof made.
bool may_be_shown_again(const std::string& proof, const std::string& number, const InitialiseSnapshot& snapshot) {
  const auto& made = snapshot.by_did;
  return made && !made->used && made->made_by == proof && made->msisdn == number;
}

Status check_code(const Opened& request, const InitialiseSnapshot& snapshot, const std::string& number, std::int64_t now) {
  const Initialisation& content = request.content;
  if (snapshot.code_locked) return refused("access.code_locked", "too many wrong codes for this Did");
  if (!snapshot.code || now >= snapshot.code->ends_ms || (snapshot.code->used && !may_be_shown_again(code_name(request), number, snapshot)))
    return refused("access.wrong_code", "not a code issued for this Did, or used, or too old");
  if (snapshot.code->msisdn.empty() || snapshot.code->msisdn == number) return {};
  return refused("access.wrong_code", "the code of " + content.did + " is for another number");
}

// The word of a key bound before, for what is to be bound now. A wrong one is no word at all, and more: an attempt.
Result<bool> has_word_of(const KeyRecord& key, const Opened& request, const PlatformPorts& ports) {
  const Initialisation& content = request.content;
  if (content.consent.key_id != key.key_id) return false;
  const auto spec = dkey_spec(key.suite);
  const auto row = dkey_row(key.key_id);
  const auto mac_key = TF_TRY(ports.vault.hkdf_sha256(vault::WrappedRef{key.wrapped, spec, row}, as_bytes(key.key_id), label::consent, {}));
  if (crypto::verify_hmac_sha256(mac_key.reveal(), consent_fields(request.service, content), content.consent.mac)) return true;
  return refused("access.wrong_consent", "the consent is not the old key's");
}

// Same Did, same number, and the key before says so.
Result<bool> renews(const Opened& request, const std::string& number, const InitialiseSnapshot& snapshot, std::int64_t now, const PlatformPorts& ports) {
  const auto& old = snapshot.by_did;
  if (!snapshot.policy.key_renews || !old || !old->proved || old->msisdn != number) return false;
  if (now >= old->ends_ms + snapshot.policy.key_minutes * 60'000) return false;
  const bool again = snapshot.before && may_be_shown_again(key_name(snapshot.before->key_id), number, snapshot);
  return has_word_of(again ? *snapshot.before : *old, request, ports);
}

// Whether this terminal proved to be the one with this Did; refused where it must and did not. A code that was shown must be
// right even where none is needed, and who proved himself once is not replaced by somebody who did not.
Result<bool> check_proof(const Opened& request, const std::string& number, const InitialiseSnapshot& snapshot, std::int64_t now, const PlatformPorts& ports) {
  const Initialisation& content = request.content;
  if (!content.jws.empty() && !content.code.empty()) return refused("access.no_proof", "two proofs");
  if (!content.jws.empty() || !content.code.empty()) {
    TF_CHECK(content.jws.empty() ? check_code(request, snapshot, number, now) : check_signature(request, ports));
    return true;
  }
  if (TF_TRY(renews(request, number, snapshot, now, ports))) return true;
  if (!snapshot.policy.trust_first_use) return refused("access.no_proof", "the service wants a device certificate or an enrolment code");
  if (snapshot.by_did && snapshot.by_did->proved && snapshot.by_did->msisdn == number && !snapshot.approval)
    return refused("access.no_proof", "the binding before was made with a proof");
  return false;
}

// Did or number bound otherwise, not given up by the key it is bound with, and not approved.
Result<std::optional<AlarmKind>> conflict(const Opened& request, const InitialiseSnapshot& snapshot, const std::string& number,
                                          std::int64_t now, const PlatformPorts& ports) {
  const auto given_up = [&](const KeyRecord& key) -> Result<bool> {
    if (snapshot.approval) return true;
    return snapshot.policy.consent_rebinds && now < key.ends_ms && TF_TRY(has_word_of(key, request, ports));
  };
  if (snapshot.by_did && snapshot.by_did->msisdn != number && !TF_TRY(given_up(*snapshot.by_did))) return AlarmKind::did_under_other_number;
  if (snapshot.by_number && snapshot.by_number->did != request.content.did && !TF_TRY(given_up(*snapshot.by_number)))
    return AlarmKind::number_under_other_did;
  return std::optional<AlarmKind>();
}

Status check_policy(const Opened& request, const std::string& number, const InitialiseSnapshot& snapshot) {
  const Initialisation& content = request.content;
  TF_CHECK(check_suite(snapshot.policy, content.suite));
  if (snapshot.denied) return refused("access.denied", "the estate denies this terminal");
  // EDKey names no number: whose SIM carried it is all there is.
  TF_CHECK(check_number(snapshot.policy, number, content.suite == Suite::classic ? number : content.msisdn));
  if (request.did_beside && !snapshot.policy.did_beside) return refused("access.did_beside", "the service wants Did inside EDKey");
  if (content.suite == Suite::classic && snapshot.by_did && snapshot.by_did->suite == Suite::modern)
    return refused("access.downgrade", "this Did has a key of suite modern and now offers less");
  return {};
}

Result<crypto::JweRecipient> recipient(const std::string& kid, const PlatformPorts& ports) {
  const auto key = ports.platform_key(kid);
  if (!key) return refused("access.unknown_key", "encrypted to a key that is not in use here");
  return crypto::JweRecipient{
      .kind = key->second,
      .agree = [&vault = ports.vault, name = key->first](const crypto::PublicKey& peer) { return vault.ecdh_p256(name, peer); },
      .decrypt = [&vault = ports.vault, name = key->first](ByteView wrapped) { return vault.oaep_decrypt(name, wrapped); }};
}

// EDKey is unique: it works once, ever.
Result<Opened> opened_classic(InitialiseRequest request, Initialisation content) {
  const bool beside = !request.did.empty();
  if (beside != content.did.empty()) return Error{Code::malformed, "access.did", "Did stands inside EDKey or beside it, once"};
  if (beside) content.did = request.did;
  content.info = request.info;
  const OneUse once{crypto::sha256(wire::FieldWriter().field("access edkey").field(request.jwe).take()), kNever, "access.edkey_used"};
  return Opened{request.service, std::move(content), std::move(request.jwe), beside, once};
}

}  // namespace

vault::SymmetricSpec dkey_spec(Suite suite) {
  return {vault::SymmetricAlgorithm::hmac, dkey_size(suite), vault::SymmetricPurpose::derive};
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
  InitialiseRequest request = TF_TRY(decode_initialise_request(body));
  const std::string kid = TF_TRY(crypto::jwe_kid(request.jwe));
  const std::string_view type = request.suite == Suite::modern ? typ::initialise : typ::edkey;
  const SecretBytes plain = TF_TRY(crypto::jwe_open(TF_TRY(recipient(kid, ports)), kid, type, request.jwe));
  Initialisation content = TF_TRY(decode_initialisation(request.suite, plain));
  if (request.suite == Suite::classic) return opened_classic(std::move(request), std::move(content));
  const OneUse once = TF_TRY(ports.challenges.open(content.nonce_p, ChallengePurpose::initialise, ports.clock.now_ms()));
  if (content.service != request.service) return Error{Code::malformed, "access.service", "the envelope names another service than the JWE"};
  return Opened{request.service, std::move(content), {}, false, once};
}

namespace {

// The key made from what the terminal sent, and the answer that proves we could read it.
Status bind(const Opened& request, const std::string& number, bool proved, const ServicePolicy& policy, std::int64_t now,
            const PlatformPorts& ports, PlatformStep& out) {
  const Initialisation& content = request.content;
  KeyRecord key{wire::hex_lower(ports.random.array<16>()), request.service, content.did, number, content.suite, {}, now,
                now + policy.key_minutes * 60'000, content.info, proved, {}, false};
  if (proved && !content.code.empty()) key.made_by = code_name(request);
  if (proved && content.code.empty() && content.jws.empty()) key.made_by = key_name(content.consent.key_id);
  key.wrapped = TF_TRY(ports.vault.wrap(content.dkey.clone(), dkey_spec(key.suite), dkey_row(key.key_id))).wrapped;
  InitialiseAnswer answer{number, key.key_id, key.ends_ms, policy.private_apn, {}};
  const Fresh fresh = content.suite == Suite::modern ? Fresh{content.nonce_p, content.nonce_t} : Fresh{request.edkey, {}};
  answer.mac = crypto::hmac_sha256(derive(content.dkey, key.key_id, label::initialise_answer).reveal(),
                                   initialise_answer_fields({content.suite, request.service, content.did, number}, answer, fresh));
  out.reply = encode(answer);
  out.writes.detail = detail_of(request.service, content.did, "active");
  out.writes.new_key = std::move(key);
  return {};
}

}  // namespace

Result<PlatformStep> initialise(const Opened& request, const std::string& number, const InitialiseSnapshot& snapshot, const PlatformPorts& ports) {
  const std::int64_t now = ports.clock.now_ms();
  const Initialisation& content = request.content;
  TF_CHECK(check_policy(request, number, snapshot));
  const bool proved = TF_TRY(check_proof(request, number, snapshot, now, ports));
  PlatformStep out;
  out.writes.once = request.once;
  out.writes.action = "access.initialise";
  out.writes.subject = content.did;
  if (const auto kind = TF_TRY(conflict(request, snapshot, number, now, ports))) {  // a code is not used up: it will be needed once more
    out.writes.alarm = Alarm{*kind, request.service, content.did, number};
    out.writes.detail = detail_of(request.service, content.did, name_of(*kind));
    out.refusal = refused("access.bound_otherwise", "waits for an operator: access bindings approve");
    return out;
  }
  out.writes.consumed_approval = snapshot.approval;
  if (snapshot.code && !snapshot.code->used) out.writes.consumed_code = code_hash(request.service, content.did, content.code);
  if (snapshot.by_did) out.writes.superseded.push_back(snapshot.by_did->key_id);
  if (snapshot.by_number && (!snapshot.by_did || snapshot.by_number->key_id != snapshot.by_did->key_id))
    out.writes.superseded.push_back(snapshot.by_number->key_id);
  TF_CHECK(bind(request, number, proved, snapshot.policy, now, ports, out));
  return out;
}

}  // namespace tf::access
