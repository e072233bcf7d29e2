#include "protocols/cardsign/new_key.hpp"

#include "pki/device/attestation.hpp"

namespace tf::cardsign {
namespace {

Error attestation(std::string why) { return {Code::refused, "cardsign.attestation", std::move(why)}; }
Error request(std::string why) { return {Code::refused, "cardsign.request", std::move(why)}; }

Result<std::vector<pki::Certificate>> factory_chain(const CardRow& card) {
  auto chain = pki::chain_from_der(card.factory);
  if (!chain) return attestation("factory chain: " + describe(chain.error()));
  return chain;
}

}  // namespace

Status check_factory(const CardRow& card, const std::vector<pki::Certificate>& manufacturers, std::int64_t at_ms) {
  const auto chain = TF_TRY(factory_chain(card));
  if (const Status good = pki::verify_factory(chain, card.serial, manufacturers, at_ms); !good) return attestation("factory certificate: " + describe(good.error()));
  const auto channel = pki::Certificate::from_der(card.channel);
  if (!channel) return attestation("channel certificate: " + describe(channel.error()));
  if (const auto key = pki::verify_channel(*channel, chain.front(), at_ms); !key) return attestation("channel certificate: " + describe(key.error()));
  return {};
}

Result<crypto::PublicKey> check_new_key(const NewKey& made, std::int64_t at_ms) {
  const auto asked = pki::read_card_request(made.request);
  if (!asked) return request(describe(asked.error()));
  if (asked->serial != made.card.serial) return request("it names the card " + asked->serial);
  if (asked->nonce != made.nonce) return request("it is not for this enrolment");
  const crypto::PublicKey& key = asked->request.public_key();
  if (key.kind() != made.kind) return request("another kind of key was asked for");

  const auto factory = TF_TRY(factory_chain(made.card));
  const auto certificate = pki::Certificate::from_der(made.attestation);
  if (!certificate) return attestation(describe(certificate.error()));
  const auto stated = pki::verify_attestation(*certificate, factory.front(), at_ms);
  if (!stated) return attestation(describe(stated.error()));
  const pki::Attestation wanted{.serial = made.card.serial, .nonce = made.nonce, .slot = static_cast<std::uint8_t>(made.slot), .container = made.card.container};
  if (*stated != wanted) return attestation("it is for another card, enrolment, slot or container");
  const auto use = pki::attested_use(*certificate);
  if (!use || *use != (made.slot == Slot::encryption ? pki::AttestedUse::decipher : pki::AttestedUse::sign)) return attestation("it is for a key of another use than its slot's");
  const auto attested = certificate->public_key();
  if (!attested || attested->spki() != key.spki()) return attestation("it is for another key than the request");
  return key;
}

pki::Usage usage_of(Slot slot) {
  switch (slot) {
    case Slot::payment: return pki::Usage::cardsign_payment;
    case Slot::hash: return pki::Usage::cardsign_hash;
    default: return pki::Usage::tls_client;
  }
}

std::string_view profile_of(Slot slot, crypto::KeyKind key) {
  switch (slot) {
    case Slot::payment: return "cardsign-payment";
    case Slot::hash: return "cardsign-hash";
    case Slot::authentication: return "cardsign-authentication";
    case Slot::card: return "cardsign-card";
    case Slot::encryption: return key == crypto::KeyKind::rsa ? "cardsign-encryption" : "cardsign-encryption-ec";
    default: return "cardsign-signature";
  }
}

}  // namespace tf::cardsign
