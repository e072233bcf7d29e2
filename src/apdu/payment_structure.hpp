// M, the payment as payer, card and platform have it before them (docs/protocols/cardsign.md, 601–608), and T, the octets that are signed.
// BER-TLV C0 to C8 in this order, lengths in their shortest form: one payment has one encoding.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tf::apdu {

inline constexpr std::size_t kMaxPaymentStructure = 1024;
using CardNonce = ByteArray<16>;  // N_c

struct PaymentStructure {
  std::string domain;    // the platform's name, 1 to 64 octets
  std::string payee;     // the merchant, 1 to 64
  std::uint64_t amount = 0;  // smallest units, above 0
  std::string currency;  // three letters A–Z
  std::string order;     // 1 to 64
  std::string subject;   // text shown, UTF-8, up to 128
  ByteArray<32> nonce{};      // the server's
  std::int64_t expires_ms = 0;

  // Code::invalid "cardsign.structure" when a member is out of its bounds. Text is without control characters.
  [[nodiscard]] Result<Bytes> encode() const;
  // Code::malformed "cardsign.structure" for anything but what encode() gives, purpose `payment` included.
  static Result<PaymentStructure> parse(ByteView octets);
  friend bool operator==(const PaymentStructure&, const PaymentStructure&) = default;
};

// T of suite modern: fields(`cardsign payment`, serial, M, N_c, counter); the signature is over its SHA-256.
Bytes signed_payment(std::string_view serial, ByteView structure, const CardNonce& nonce, std::uint64_t counter);
// T of suite classic, whose hash h is all that the card sees: the same under the label `cardsign hash`. counter: the one PREPARE PAYMENT told, plus one.
Bytes signed_hash(std::string_view serial, ByteView structure, const CardNonce& nonce, std::uint64_t counter);

}  // namespace tf::apdu
