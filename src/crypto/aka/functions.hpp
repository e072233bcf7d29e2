// AKA's functions under a subscription's key, by the key's algorithm: what a home network and a USIM reckon with.
#pragma once
#include <variant>

#include "crypto/aka/key.hpp"

namespace tf::crypto {

// Not for two threads at once.
class AkaFunctions {
 public:
  explicit AkaFunctions(const AkaKey& key);

  // All functions. sqn at most kMaxSqn.
  [[nodiscard]] AkaOutputs outputs(const Rand& rand, std::uint64_t sqn, const Amf& amf);
  // f1 to f5 of rands[i] and sqns[i] into out[i]; the three have one size.
  void vectors(std::span<const Rand> rands, std::span<const std::uint64_t> sqns, const Amf& amf, std::span<AkaVector> out);
  // TS 33.102 §6.3.3, §6.3.5. The SQN the USIM named. Code::refused "aka.mac_s" when it is not the USIM's word for this RAND.
  [[nodiscard]] Result<std::uint64_t> open_auts(const Rand& rand, const Auts& auts);

 private:
  std::variant<Milenage, Tuak> functions_;
};

}  // namespace tf::crypto
