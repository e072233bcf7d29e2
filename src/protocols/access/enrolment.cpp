// Who may have a key: certificate, code, the word of the key before, or first use.
#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "protocols/access/platform_steps.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::access {

std::string code_name(const Opened& request) {
  return "code " + wire::hex_lower(code_hash(request.service, request.content.did, request.content.code));
}
std::string key_name(const std::string& key_id) { return "key " + key_id; }

Result<bool> has_word_of(const KeyRecord& key, const Opened& request, const PlatformPorts& ports) {
  const Initialisation& content = request.content;
  if (content.consent.key_id != key.key_id) return false;
  const auto spec = dkey_spec(key.suite);
  const auto row = dkey_row(key.key_id);
  const auto mac_key = TF_TRY(ports.vault.hkdf_sha256(vault::WrappedRef{key.wrapped, spec, row}, as_bytes(key.key_id), label::consent, {}));
  if (crypto::verify_hmac_sha256(mac_key.reveal(), consent_fields(request.service, content), content.consent.mac)) return true;
  return refused("access.wrong_consent", "the consent is not the old key's");
}

namespace {

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

// The key before says so. With the same number that is a renewal, where the policy lets keys renew, up to one KeyTime after its
// end; with another it proves the Did while the key lives, and whether it may move is decided apart.
Result<bool> renews(const Opened& request, const std::string& number, const InitialiseSnapshot& snapshot, std::int64_t now, const PlatformPorts& ports) {
  const auto& old = snapshot.by_did;
  if (!old || !old->proved) return false;
  const bool again = snapshot.before && may_be_shown_again(key_name(snapshot.before->key_id), number, snapshot);
  const KeyRecord& word = again ? *snapshot.before : *old;
  const bool same_number = old->msisdn == number;
  if (same_number && !snapshot.policy.key_renews) return false;
  if (now >= word.ends_ms + (same_number ? snapshot.policy.key_minutes * 60'000 : 0)) return false;
  return has_word_of(word, request, ports);
}

}  // namespace

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

}  // namespace tf::access
