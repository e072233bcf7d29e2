// S212: the MAC, the number, the claims, and the ticket.
#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "protocols/access/platform_steps.hpp"
#include "wire/encoding.hpp"
#include "wire/fields.hpp"
#include "wire/json.hpp"

namespace tf::access {
namespace {

// classic: the terminal's time may be this far from ours, and its nonce is remembered as long.
constexpr std::int64_t kWindowMs = 120'000;

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

Result<OneUse> once_of(const AuthenticateRequest& request, std::int64_t now, const PlatformPorts& ports) {
  if (request.suite == Suite::modern) return ports.challenges.open(request.nonce_p, ChallengePurpose::authenticate, now);
  if (request.time_ms < now - kWindowMs || request.time_ms > now + kWindowMs)
    return refused("access.time", "the terminal's clock is more than two minutes from ours");
  const Bytes name = wire::FieldWriter().field("access classic nonce").field(request.service).field(request.claim.did).field(request.nonce_t).take();
  return OneUse{crypto::sha256(name), request.time_ms + kWindowMs + 1, "access.nonce_used"};
}

using Derive = std::function<Result<Secret<32>>(std::string_view label)>;

// The claim of whoever holds the key; everybody else is refused.
Result<Claim> proved_claim(const AuthenticateRequest& request, const Fresh& fresh, const Derive& derived) {
  Claim claim = request.claim;
  if (request.suite == Suite::modern) {
    const SecretBytes opened = TF_TRY(crypto::jwe_open_dir(TF_TRY(derived(label::authenticate_seal)), typ::authenticate, request.sealed));
    claim = TF_TRY(decode_claim(as_text(opened.reveal())));
  }
  if (crypto::verify_hmac_sha256(TF_TRY(derived(label::authenticate_request)).reveal(),
                                 authenticate_request_fields(request.suite, request.service, claim, fresh), request.mac))
    return claim;
  // classic names no key: a terminal that never heard of a newer one still MACs with the one before, and must begin again.
  if (request.suite == Suite::classic) return refused("access.another_key", "the terminal does not hold the key that is active for its number");
  return refused("access.wrong_mac", "the terminal does not hold the key");
}

struct Alarmed {
  AlarmKind kind;
  Error refusal;
};

// The key is right and the SIM or the terminal is not: the one thing worth an alarm.
std::optional<Alarmed> misplaced(const KeyRecord& key, const Claim& claim, const std::string& number, const ServicePolicy& policy) {
  const Status same = check_number(policy, number, claim.msisdn);
  if (!same) return Alarmed{AlarmKind::key_from_other_number, same.error()};
  if (number != key.msisdn) return Alarmed{AlarmKind::key_from_other_number, refused("access.number_differs", "the key belongs to another number")};
  if (claim.did != key.did && !policy.did_may_change)
    return Alarmed{AlarmKind::number_under_other_did, refused("access.bound_otherwise", "the SIM is in another terminal")};
  return std::nullopt;
}

Status check_key(const AuthenticateRequest& request, const AuthenticateSnapshot& snapshot, std::int64_t now) {
  if (!snapshot.key || snapshot.key->service != request.service || snapshot.key->suite != request.suite)
    return refused("access.no_key", "no such key is active");
  return now < snapshot.key->ends_ms ? Status() : Status(refused("access.expired", "the key's time is over"));
}

}  // namespace

Result<PlatformStep> authenticate(const AuthenticateRequest& request, const std::string& number, const AuthenticateSnapshot& snapshot,
                                  const PlatformPorts& ports) {
  const std::int64_t now = ports.clock.now_ms();
  TF_CHECK(check_suite(snapshot.policy, request.suite));
  if (snapshot.denied) return refused("access.denied", "the estate denies this terminal");
  PlatformStep out;
  out.writes.once = TF_TRY(once_of(request, now, ports));
  if (snapshot.policy.gateway && number.empty()) return refused("access.number_missing", "the request did not come through a gateway with a number");
  TF_CHECK(check_key(request, snapshot, now));
  KeyRecord key = *snapshot.key;
  const auto spec = dkey_spec(key.suite);
  const auto row = dkey_row(key.key_id);
  const Derive derived = [&](std::string_view label) {
    return ports.vault.hkdf_sha256(vault::WrappedRef{key.wrapped, spec, row}, as_bytes(key.key_id), label, {});
  };
  const std::string time = decimal(request.time_ms);
  const Fresh fresh{request.suite == Suite::modern ? request.nonce_p : time, request.nonce_t};
  const Claim claim = TF_TRY(proved_claim(request, fresh, derived));
  out.writes.action = "access.authenticate";
  out.writes.subject = key.did;
  if (auto wrong = misplaced(key, claim, number, snapshot.policy)) {
    out.writes.alarm = Alarm{wrong->kind, request.service, claim.did, number};
    out.writes.detail = detail_of(request.service, claim.did, name_of(wrong->kind));
    out.refusal = std::move(wrong->refusal);
    return out;
  }
  if (claim.key_time_ms != key.ends_ms) return refused("access.wrong_key_time", "the terminal claims another KeyTime");
  out.writes.did_changes = claim.did != key.did;
  key.did = claim.did;
  key.info = claim.info;
  AuthenticateAnswer answer{{}, snapshot.policy.private_apn, {}};
  const std::string jwt = TF_TRY(ticket_for(key, snapshot.policy, now, ports));
  answer.ticket = crypto::jwe_seal_dir(TF_TRY(derived(label::ticket)), ports.random, typ::ticket, as_bytes(jwt));
  answer.mac = crypto::hmac_sha256(TF_TRY(derived(label::authenticate_answer)).reveal(),
                                   authenticate_answer_fields({key.suite, request.service, key.did, key.msisdn}, answer, fresh));
  out.reply = encode(answer);
  out.writes.detail = detail_of(request.service, key.did, "ok");
  out.writes.updated = std::move(key);
  return out;
}

}  // namespace tf::access
