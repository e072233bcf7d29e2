// The PIN on its way from the PIN pad to the card, sealed to the card's certified channel key and good for one structure and one moment
// (docs/protocols/cardsign.md, PIN envelope): 65 octets of an ephemeral P-256 point ‖ AES-256-GCM under HKDF-SHA256 of the agreed secret.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "apdu/payment_structure.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/keys.hpp"

namespace tf::apdu {

using PinBlock8 = Secret<8>;  // FF-padded, as VERIFY has it
inline constexpr std::size_t kMaxPinEnvelope = 512;

// Code::invalid "cardsign.pin" unless text is 4 to 8 printable ASCII characters; a PUK is 8.
Result<PinBlock8> pin_block(std::string_view text);

// What is inside. bound_to: H(M); in suite classic h; for RESET RETRY COUNTER unblock_binding().
struct PinLetter {
  std::string serial;
  std::uint8_t container = 0;
  PinBlock8 pin;  // for RESET RETRY COUNTER the new one
  Hash256 bound_to{};
  CardNonce nonce{};
  std::optional<PinBlock8> puk = {};  // RESET RETRY COUNTER only
};
Hash256 unblock_binding();  // H(`cardsign unblock`): there is no structure to bind to

// Seals to the channel key. Errors of the cryptographic library only.
Result<Bytes> seal_pin(const PinLetter& letter, const crypto::PublicKey& channel);

// ECDH by the channel key, wherever that is kept: the x-coordinate for the peer's point.
using Agree = std::function<Result<Secret<32>>(const crypto::PublicKey& peer)>;
// What opening needs to know before: whose channel key it is and the nonce that was given out. Everything that is wrong with the octets or the
// key is one error, Code::refused "cardsign.envelope"; the letter's members are compared by the caller (matches()).
Result<PinLetter> open_pin(ByteView envelope, const crypto::EcPoint& channel, const CardNonce& nonce, const Agree& agree);
// serial, container, binding and nonce are these, and a PUK is there exactly when it is asked for.
bool matches(const PinLetter& letter, std::string_view serial, std::uint8_t container, const Hash256& bound_to, const CardNonce& nonce, bool with_puk);

}  // namespace tf::apdu
