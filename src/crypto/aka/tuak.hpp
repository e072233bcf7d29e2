// TUAK (3GPP TS 35.231): the functions of authentication and key agreement, by Keccak.
//
// Keccak's input (§5.2, §6) is TOPc, INSTANCE, ALGONAME, RAND, AMF, SQN and K, 96 octets, and a padding that begins 11111: that is SHAKE256 (FIPS 202 §6.2) of
// the 96 octets, and what one more iteration of the permutation gives is its next block of 136. So OpenSSL's SHAKE256 is all that is needed. The standard
// counts bits from the right (§4.2.2): each value goes in, and comes out, with its octets turned round.
#pragma once
#include <memory>

#include "base/result.hpp"
#include "crypto/aka/types.hpp"

namespace tf::crypto {

struct TuakKey {
  Secret<16> k;
  Secret<32> topc;
  [[nodiscard]] TuakKey clone() const { return {k.clone(), topc.clone()}; }
  friend bool operator==(const TuakKey&, const TuakKey&) = default;
};

// A subscription's key in the sizes that this system has: one iteration, K, CK and IK of 16 octets, MAC and RES of 8. Not for two threads at once.
class Tuak {
 public:
  explicit Tuak(const TuakKey& key);
  ~Tuak();
  Tuak(Tuak&&) noexcept;
  Tuak& operator=(Tuak&&) noexcept;

  // All functions. sqn at most kMaxSqn.
  [[nodiscard]] AkaOutputs outputs(const Rand& rand, std::uint64_t sqn, const Amf& amf);
  // f1 to f5 of rands[i] and sqns[i] into out[i]; the three have one size.
  void vectors(std::span<const Rand> rands, std::span<const std::uint64_t> sqns, const Amf& amf, std::span<AkaVector> out);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// --- in all sizes of the standard, to compare others with ---
// Octets (§5.1). Another combination than these: Code::invalid "aka.tuak".
struct TuakForm {
  std::size_t mac = 8;      // or 16, 32
  std::size_t res = 8;      // or 4, 16, 32
  std::size_t ck = 16;      // or 32
  std::size_t ik = 16;      // or 32
  unsigned iterations = 1;  // of the permutation; to 255
};
struct TuakOutputs {
  SecretBytes mac_a, mac_s, res, ck, ik;
  Secret<6> ak, ak_s;
};
// k: 16 or 32 octets. TOPc (§6.1).
Result<Secret<32>> tuak_topc(const SecretBytes& k, const Secret<32>& top, unsigned iterations = 1);
// f1, f1*, f2 to f5, f5* (§6.2 to §6.5).
Result<TuakOutputs> tuak_outputs(const SecretBytes& k, const Secret<32>& topc, const Rand& rand, std::uint64_t sqn, const Amf& amf, const TuakForm& form = {});

}  // namespace tf::crypto
