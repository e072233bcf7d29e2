// Payments: the PIN comes sealed to the card, bound to what is signed and to a nonce that was given out before (docs/protocols/cardsign.md, 605–607).
#include <utility>

#include "apdu/pin_envelope.hpp"
#include "card/piv/pins.hpp"
#include "card/shield/session.hpp"
#include "crypto/digest.hpp"

namespace tf::card::shield {

using apdu::CardNonce;
using apdu::PinLetter;

Answer<Bytes> ShieldSession::prepare_payment(const Command& command) {
  if (command.p1 != 0 || command.p2 != 0) return StatusWord::wrong_p1_p2;
  if (!command.data.empty()) return StatusWord::wrong_length;
  nonce_ = services_.random.array<16>();
  return apdu::shield::encode_prepared({*nonce_, counter()});
}

// Whatever comes of the operation, its nonce is gone.
Answer<CardNonce> ShieldSession::take_nonce() {
  if (!nonce_) return StatusWord::conditions_of_use;
  return *std::exchange(nonce_, std::nullopt);
}

Answer<PinLetter> ShieldSession::open_envelope(ByteView envelope, const CardNonce& nonce, const Hash256& bound_to, bool with_puk) {
  const auto channel = TF_TRY(services_.keys.handle(card_key(kChannelKey), Use::decipher));
  const auto agree = [&](const crypto::PublicKey& peer) { return crypto::ecdh_p256(channel, peer); };
  auto letter = apdu::open_pin(envelope, channel.public_key().point(), nonce, agree);
  if (!letter || !apdu::matches(*letter, slots_.serial(), container_, bound_to, nonce, with_puk)) return StatusWord::wrong_sm_object;
  return std::move(*letter);
}

// Counter and record are durable, together, before anything is signed.
Answer<std::uint64_t> ShieldSession::remember(const apdu::shield::PaymentRecord& record) {
  Bytes octets;
  for (int shift = 56; shift >= 0; shift -= 8) octets.push_back(static_cast<std::uint8_t>(record.counter >> shift));
  Memory::Batch batch(services_.memory);
  TF_CHECK(services_.memory.put(std::string(kCounterRecord), SecretBytes(ByteView(octets))));
  TF_CHECK(services_.files.create(payment_file(record.counter), Access::pin, Access::never, record.encode()));
  TF_CHECK(batch.commit());
  return record.counter;
}

Answer<Bytes> ShieldSession::sign_payment(const Command& command) {
  if (command.p1 != 0 || command.p2 != 0) return StatusWord::wrong_p1_p2;
  const auto key = TF_TRY(slots_.key(container_, Slot::payment));
  const CardNonce nonce = TF_TRY(take_nonce());
  const auto parts = TF_TRY(apdu::shield::parse_sign_payment(command.data));
  TF_TRY(apdu::PaymentStructure::parse(parts.content));
  const PinLetter letter = TF_TRY(open_envelope(parts.envelope, nonce, crypto::sha256(parts.content), false));
  TF_CHECK(services_.pins.verify(pin_name(container_), letter.pin.reveal()));
  const std::uint64_t number = TF_TRY(remember({.counter = counter() + 1, .container = container_, .structure = to_bytes(parts.content)}));
  const Bytes signed_octets = apdu::signed_payment(slots_.serial(), parts.content, nonce, number);
  return apdu::shield::encode_signed({number, TF_TRY(sign_hash_with(key, crypto::sha256(signed_octets)))});
}

Answer<Bytes> ShieldSession::sign_hash(const Command& command) {
  if (command.p1 != 0 || command.p2 != 0) return StatusWord::wrong_p1_p2;
  const SecretBytes* policy = services_.memory.find(kPolicyRecord);
  if (policy == nullptr || policy->size() != 1 || (policy->reveal()[0] & 1) == 0) return StatusWord::function_not_supported;
  const auto key = TF_TRY(slots_.key(container_, Slot::hash));
  const CardNonce nonce = TF_TRY(take_nonce());
  const auto parts = TF_TRY(apdu::shield::parse_sign_hash(command.data));
  Hash256 hash{};
  std::ranges::copy(parts.content, hash.begin());
  const PinLetter letter = TF_TRY(open_envelope(parts.envelope, nonce, hash, false));
  TF_CHECK(services_.pins.verify(pin_name(container_), letter.pin.reveal()));
  const std::uint64_t number = TF_TRY(remember({.counter = counter() + 1, .container = container_, .hash = hash}));
  return apdu::shield::encode_signed({number, TF_TRY(sign_hash_with(key, hash))});
}

Answer<Bytes> ShieldSession::reset_retry_counter(const Command& command) {
  if (command.p1 != 0 || command.p2 != 0) return StatusWord::wrong_p1_p2;
  const CardNonce nonce = TF_TRY(take_nonce());
  const PinLetter letter = TF_TRY(open_envelope(TF_TRY(apdu::shield::parse_envelope(command.data)), nonce, apdu::unblock_binding(), true));
  if (!piv::valid_pin(letter.pin.reveal()) || !piv::valid_puk(letter.puk->reveal())) return StatusWord::wrong_data;
  TF_CHECK(services_.pins.unblock(pin_name(container_), puk_name(container_), letter.puk->reveal(), letter.pin.reveal()));
  return Bytes{};
}

}  // namespace tf::card::shield
