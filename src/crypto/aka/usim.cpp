#include "crypto/aka/usim.hpp"

#include <algorithm>

#include "crypto/digest.hpp"

namespace tf::crypto {

Result<UsimSequence> UsimSequence::decode(ByteView octets) {
  if (octets.size() != kSize) return Error{Code::integrity, "aka.sequence", "a USIM's sequence numbers have another size"};
  UsimSequence out;
  for (std::size_t i = 0; i < kIndCount; ++i) {
    out.seq_[i] = sqn_of_octets(octets.subspan(i * 6).first<6>());
    if (out.seq_[i] > kMaxSqn >> kIndBits) return Error{Code::integrity, "aka.sequence", "a USIM's sequence number is too large"};
  }
  return out;
}

ByteArray<UsimSequence::kSize> UsimSequence::encode() const {
  ByteArray<kSize> out;
  for (std::size_t i = 0; i < kIndCount; ++i) {
    const ByteArray<6> octets = sqn_octets(seq_[i]);
    std::ranges::copy(octets, out.begin() + static_cast<std::ptrdiff_t>(i * 6));
  }
  return out;
}

bool UsimSequence::fresh(std::uint64_t sqn) const {
  const std::uint64_t seq = sqn >> kIndBits;
  return seq > seq_[sqn % kIndCount] && seq <= (highest() >> kIndBits) + kMaxSeqJump;
}

void UsimSequence::accept(std::uint64_t sqn) { seq_[sqn % kIndCount] = sqn >> kIndBits; }

std::uint64_t UsimSequence::highest() const {
  const auto found = std::ranges::max_element(seq_);
  return *found << kIndBits | static_cast<std::uint64_t>(found - seq_.begin());
}

Hash256 sequence_owner(const AkaKey& key) { return sha256({as_bytes("trustferry/usim/sequence"), key.octets().reveal()}); }

Result<AkaAnswer> aka_answer(const AkaKey& key, UsimSequence& sequence, const Rand& rand, const Autn& autn) {
  AkaFunctions functions(key);
  const Amf amf{autn[6], autn[7]};
  // AK first: SQN is hidden under it.
  const AkaOutputs hidden = functions.outputs(rand, 0, amf);
  ByteArray<6> octets;
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = autn[i] ^ hidden.ak.reveal()[i];
  const std::uint64_t sqn = sqn_of_octets(octets);
  AkaOutputs right = functions.outputs(rand, sqn, amf);
  if (!equal_in_constant_time(right.mac_a.reveal(), ByteView(autn).last(8)))
    return Error{Code::refused, "aka.mac", "the network's MAC is not of this subscription's key"};
  if (sequence.fresh(sqn)) {
    sequence.accept(sqn);
    return AkaAnswer(AkaAccepted{std::move(right.res), std::move(right.ck), std::move(right.ik)});
  }
  const ByteArray<6> own = sqn_octets(sequence.highest());
  const AkaOutputs named = functions.outputs(rand, sequence.highest(), Amf{});
  AkaOutOfSequence out;
  for (std::size_t i = 0; i < own.size(); ++i) out.auts[i] = own[i] ^ named.ak_s.reveal()[i];
  std::ranges::copy(named.mac_s.reveal(), out.auts.begin() + 6);
  return AkaAnswer(out);
}

}  // namespace tf::crypto
