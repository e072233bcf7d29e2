#include "terminal/cardsign/display.hpp"

#include <algorithm>

#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "pki/device/attestation.hpp"

namespace tf::terminal {
namespace {

Error other_platform(const char* what) { return {Code::refused, "cardsign.other_platform", std::string(what) + " is of another platform; nothing was signed"}; }
Error wrong_channel(std::string detail) { return {Code::refused, "cardsign.channel", std::move(detail)}; }

Result<std::string> verified(std::string_view jws, std::string_view typ, const crypto::PublicKey& key, const std::string& kid) {
  return kid.empty() ? crypto::jws_verify_es256(key, typ, jws) : crypto::jwt_verify_es256(key, typ, kid, jws);
}

// The payload of what the platform signed, whoever brought it. A JWS may name its key; there are few.
Result<std::string> signed_by_platform(std::string_view jws, std::string_view typ, const cardsign::PlatformKeys& keys, const CardsignTrust& trust,
                                       std::int64_t now_ms) {
  if (keys.platform != trust.platform) return other_platform("the key");
  const std::string kid = crypto::jws_kid(jws).value_or("");
  Error error{Code::refused, "cardsign.display_key", "it is signed by a key the platform does not have"};
  for (const cardsign::PublishedChain& one : keys.results) {
    if (!kid.empty() && one.kid != kid) continue;
    if (one.chain.empty()) return Error{Code::malformed, "pki.certificate", "a key of the platform without its certificate"};
    const auto chain = TF_TRY(trust.known->parse(one.chain));
    const pki::Certificate& leaf = chain.front();
    auto payload = verified(jws, typ, TF_TRY(leaf.public_key()), kid);
    if (!payload) {
      error = std::move(payload).error();
      continue;
    }
    TF_TRY(chain.size() == 2 ? trust.chains->find(leaf, chain.back(), pki::Usage::cardsign_server, now_ms)
                             : trust.chains->find(one.chain, pki::Usage::cardsign_server, now_ms));
    if (leaf.common_name() != trust.platform) return other_platform("the certificate");
    for (const pki::Certificate& each : chain) trust.known->keep(each);
    return payload;
  }
  return error;
}

// T as the card signs it, for the suite that was shown.
Bytes signed_octets(const Shown& shown) {
  const auto& claim = shown.claim;
  return claim.suite == cardsign::Suite::classic ? apdu::signed_hash(claim.serial, claim.payment, claim.card_nonce, claim.counter)
                                                 : apdu::signed_payment(claim.serial, claim.payment, claim.card_nonce, claim.counter);
}

}  // namespace

Result<crypto::PublicKey> verify_channel(const std::vector<Bytes>& der, std::string_view serial, const CardsignTrust& trust, std::int64_t now_ms) {
  const auto chain = TF_TRY(trust.known->parse(der));
  if (chain.size() < 2) return wrong_channel("the factory's certificate of the card is missing");
  if (const Status factory = pki::verify_factory({chain.begin() + 1, chain.end()}, serial, trust.manufacturers, now_ms); !factory)
    return wrong_channel("the card is not that of a manufacturer who is trusted here: " + factory.error().detail);
  auto key = pki::verify_channel(chain[0], chain[1], now_ms);
  if (!key) return wrong_channel("the channel key is not certified by the card's factory key: " + key.error().detail);
  if (chain[0].subject_serial_number() != serial) return wrong_channel("the channel key is of card " + chain[0].subject_serial_number() + ", not of " + std::string(serial));
  for (const pki::Certificate& one : chain) trust.known->keep(one);
  return key;
}

Result<Shown> verify_display(const cardsign::Display& display, const cardsign::PlatformKeys& keys, const CardsignTrust& trust, std::int64_t now_ms) {
  const std::string payload = TF_TRY(signed_by_platform(display.jws, cardsign::typ::display, keys, trust, now_ms));
  cardsign::DisplayClaim claim = TF_TRY(cardsign::decode_display_claim(payload));
  if (claim.platform != trust.platform) return other_platform("what is to be shown");
  auto payment = TF_TRY(apdu::PaymentStructure::parse(claim.payment));
  if (payment.domain != trust.platform) return other_platform("the payment");
  if (payment.expires_ms <= now_ms) return Error{Code::refused, "cardsign.expired", "the payment's time is over"};
  crypto::PublicKey channel = TF_TRY(verify_channel(display.channel, claim.serial, trust, now_ms));
  return Shown{std::move(claim), std::move(payment), std::move(channel), display.tries};
}

Result<Bytes> seal_pin_for(const Shown& shown, const SecretBytes& pin) {
  const auto& claim = shown.claim;
  apdu::PinLetter letter{.serial = claim.serial, .container = claim.container, .pin = TF_TRY(apdu::pin_block(as_text(pin.reveal()))),
                         .bound_to = claim.suite == cardsign::Suite::classic ? crypto::sha256(signed_octets(shown)) : crypto::sha256(claim.payment),
                         .nonce = claim.card_nonce, .puk = {}};
  return apdu::seal_pin(letter, shown.channel);
}

Result<cardsign::ResultClaim> verify_result(std::string_view jws, const Shown& shown, const cardsign::PlatformKeys& keys, const CardsignTrust& trust,
                                            std::int64_t now_ms) {
  auto claim = TF_TRY(cardsign::decode_result_claim(TF_TRY(signed_by_platform(jws, cardsign::typ::result, keys, trust, now_ms))));
  const bool same = claim.platform == trust.platform && claim.serial == shown.claim.serial && claim.user == shown.claim.user &&
                    static_cast<std::uint64_t>(claim.amount) == shown.payment.amount && claim.currency == shown.payment.currency &&
                    claim.digest == crypto::sha256(signed_octets(shown));
  if (!same) return Error{Code::refused, "cardsign.other_result", "the platform's result is not that of the payment that was shown: ask the merchant"};
  return claim;
}

Result<cardsign::ResultClaim> verify_earlier_result(std::string_view jws, std::string_view serial, const cardsign::PlatformKeys& keys, const CardsignTrust& trust,
                                                    std::int64_t now_ms) {
  auto claim = TF_TRY(cardsign::decode_result_claim(TF_TRY(signed_by_platform(jws, cardsign::typ::result, keys, trust, now_ms))));
  if (claim.platform == trust.platform && claim.serial == serial) return claim;
  return Error{Code::refused, "cardsign.other_result", "the platform tells of a payment of another card"};
}

}  // namespace tf::terminal
