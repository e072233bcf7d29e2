// S203: a new DKey, and whether it may be bound.
#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "protocols/access/platform.hpp"
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
