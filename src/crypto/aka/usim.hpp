// The device's side of AKA: what a USIM answers to RAND and AUTN (3GPP TS 33.102 §6.3.3), by its key's algorithm. SQN = SEQ ‖ IND with an IND of
// 5 bits; the USIM keeps the highest SEQ of each IND (annex C.2), so that vectors may come out of order.
#pragma once
#include <array>
#include <variant>

#include "crypto/aka/functions.hpp"

namespace tf::crypto {

inline constexpr unsigned kIndBits = 5;
inline constexpr std::size_t kIndCount = std::size_t{1} << kIndBits;
// Annex C.2.1: a jump of more than this is refused, so that nobody can wear the counter out.
inline constexpr std::uint64_t kMaxSeqJump = std::uint64_t{1} << 28;

// What a USIM remembers. It is to be durable before an answer leaves: an SQN that was accepted must not be accepted again.
class UsimSequence {
 public:
  static constexpr std::size_t kSize = kIndCount * 6;
  // Code::integrity "aka.sequence" unless it is what encode() gave.
  static Result<UsimSequence> decode(ByteView octets);
  [[nodiscard]] ByteArray<kSize> encode() const;

  [[nodiscard]] bool fresh(std::uint64_t sqn) const;
  void accept(std::uint64_t sqn);
  // SQN_MS: the highest that was ever accepted.
  [[nodiscard]] std::uint64_t highest() const;
  friend bool operator==(const UsimSequence&, const UsimSequence&) = default;

 private:
  std::array<std::uint64_t, kIndCount> seq_{};
};

struct AkaAccepted {
  Secret<8> res;
  Secret<16> ck, ik;
};
struct AkaOutOfSequence {
  Auts auts{};
};
using AkaAnswer = std::variant<AkaAccepted, AkaOutOfSequence>;

// Whose sequence it is. IMSI and ICCID have no part in it: under one key no SQN may be accepted twice.
Hash256 sequence_owner(const AkaKey& key);

// sequence moves only when the vector is accepted. Code::refused "aka.mac" when the network does not know K.
Result<AkaAnswer> aka_answer(const AkaKey& key, UsimSequence& sequence, const Rand& rand, const Autn& autn);

}  // namespace tf::crypto
