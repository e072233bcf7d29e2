// What the steps have in common, and the signed answer of S46.
#include "protocols/wallet/platform.hpp"

#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "protocols/wallet/platform_steps.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::wallet {

Result<OneUse> open_challenge(std::string_view nonce, ChallengePurpose purpose, const PlatformPorts& ports) {
  return ports.challenges.open(nonce, name_of(purpose), ports.clock.now_ms(), "wallet.challenge", "wallet.challenge_used");
}

Result<SecretBytes> open_jwe(std::string_view jwe, std::string_view typ, const PlatformPorts& ports) {
  const std::string kid = TF_TRY(crypto::jwe_kid(jwe));
  const auto key = ports.encryption_key(kid);
  if (!key) return refused("wallet.unknown_key", "encrypted to a key that is not in use here");
  const crypto::JweRecipient recipient{
      .kind = key->second,
      .agree = [&](const crypto::PublicKey& peer) { return ports.vault.ecdh_p256(key->first, peer); },
      .decrypt = [&](ByteView wrapped) { return ports.vault.oaep_decrypt(key->first, wrapped); }};
  return crypto::jwe_open(recipient, kid, typ, jwe);
}

Status check_platform(std::string_view named, const PlatformPorts& ports) {
  if (named == ports.platform) return {};
  return refused("wallet.other_platform", "made for another platform");
}

Status check_suite(const Policy& policy, Suite suite) {
  if (suite == Suite::modern ? policy.modern : policy.classic) return {};
  return refused("wallet.suite", "the platform does not take suite " + std::string(name_of(suite)));
}

Status check_time(std::int64_t time_ms, const PlatformPorts& ports) {
  const std::int64_t now = ports.clock.now_ms();
  if (time_ms >= now - kClassicWindowMs && time_ms <= now + kClassicWindowMs) return {};
  return refused("wallet.time", "the phone's clock is more than 300 seconds from ours");
}

Update update_of(const Registration& was, Registration to) {
  return {.to = std::move(to), .state_was = was.state, .tries_was = was.tries, .failures_was = was.failures, .locked_until_was = was.locked_until_ms};
}

Result<Secret<32>> derived(const vault::Wrapped& wrapped, const vault::RowId& row, std::string_view salt, std::string_view label,
                           const PlatformPorts& ports, ByteView context) {
  const auto spec = derive_spec();
  return ports.vault.hkdf_sha256(vault::WrappedRef{wrapped, spec, row}, as_bytes(salt), label, context);
}

Status check_mac(const Session& session, std::string_view label, std::string_view jws, const Hash256& mac, const PlatformPorts& ports) {
  const auto key = TF_TRY(derived(session.message_key, message_key_row(session.id), session.id, label, ports));
  if (crypto::verify_hmac_sha256(key.reveal(), as_bytes(jws), mac)) return {};
  return refused("wallet.wrong_mac", "the MAC is not of this session");
}

std::string detail_of(const Registration& registration, std::string_view what) {
  wire::JsonWriter writer;
  writer.begin_object().member("number", registration.subscriber.number).member("suite", name_of(registration.suite));
  return writer.member("key", name_of(registration.key_maker)).member("result", what).end_object().take();
}

Result<std::string> challenge(std::string_view body, const PlatformPorts& ports) {
  const ChallengePurpose purpose = TF_TRY(decode_challenge_request(body));
  return encode(Challenge{ports.challenges.issue(name_of(purpose), ports.clock.now_ms()), protocols::SealedChallenges::kLifeMs / 1000});
}

Result<std::string> result_of(const Booked& booked, std::string_view order, std::string_view refund, const PlatformPorts& ports) {
  const ResultClaim claim{.platform = ports.platform, .request = booked.request, .order = std::string(order), .refund = std::string(refund),
                          .transaction = booked.transaction, .outcome = booked.outcome, .amount = booked.amount, .refunded = booked.refunded,
                          .time_ms = ports.clock.now_ms(), .tn = booked.tn};
  const auto sign = [&](ByteView data) { return ports.vault.sign_es256(ports.result_key, data); };
  return encode_result(TF_TRY(crypto::jwt_sign_es256(sign, typ::result, ports.result_key, encode(claim))));
}

}  // namespace tf::wallet
