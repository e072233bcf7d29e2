// Milenage (3GPP TS 35.206): the functions of authentication and key agreement, with AES-128 and a key of 16 octets. What the
// functions are for: TS 33.102 §6.3; their sizes: crypto/aka/types.hpp.
#pragma once
#include <memory>

#include "base/result.hpp"
#include "crypto/aka/types.hpp"

namespace tf::crypto {

struct MilenageKey {
  Secret<16> k;
  Secret<16> opc;
  [[nodiscard]] MilenageKey clone() const { return {k.clone(), opc.clone()}; }
  friend bool operator==(const MilenageKey&, const MilenageKey&) = default;
};
// OPc = E_K(OP) xor OP (§8.2).
Secret<16> milenage_opc(const Secret<16>& k, const Secret<16>& op);

// A subscription's key in a cipher context. Not for two threads at once.
class Milenage {
 public:
  explicit Milenage(const MilenageKey& key);
  ~Milenage();
  Milenage(Milenage&&) noexcept;
  Milenage& operator=(Milenage&&) noexcept;
  void use(const MilenageKey& key);  // from now on; costs less than another object

  // All functions. sqn at most kMaxSqn.
  [[nodiscard]] AkaOutputs outputs(const Rand& rand, std::uint64_t sqn, const Amf& amf);
  // f1 to f5 of rands[i] and sqns[i] into out[i]; the three have one size. The blocks of many vectors go through the cipher together.
  void vectors(std::span<const Rand> rands, std::span<const std::uint64_t> sqns, const Amf& amf, std::span<AkaVector> out);

 private:
  friend Secret<16> milenage_opc(const Secret<16>& k, const Secret<16>& op);
  void encrypt(Secret<16>& block);
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace tf::crypto
