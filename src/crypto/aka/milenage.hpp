// Milenage (3GPP TS 35.206): the functions of authentication and key agreement, with AES-128 and a key of 16 octets. What the
// functions are for: TS 33.102 §6.3. Sizes: RAND, OPc, CK, IK, AUTN 16 octets; RES (f2), MAC-A (f1), MAC-S (f1*) 8; SQN, AK (f5),
// AK* (f5*) 6; AMF 2. AUTN = (SQN xor AK) ‖ AMF ‖ MAC-A. AUTS = (SQN_MS xor AK*) ‖ MAC-S.
#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace tf::crypto {

using Rand = ByteArray<16>;
using Autn = ByteArray<16>;
using Auts = ByteArray<14>;
using Amf = ByteArray<2>;
inline constexpr std::uint64_t kMaxSqn = (std::uint64_t{1} << 48) - 1;

ByteArray<6> sqn_octets(std::uint64_t sqn);
std::uint64_t sqn_of_octets(std::span<const std::uint8_t, 6> octets);

struct MilenageKey {
  Secret<16> k;
  Secret<16> opc;
  [[nodiscard]] MilenageKey clone() const { return {k.clone(), opc.clone()}; }
  friend bool operator==(const MilenageKey&, const MilenageKey&) = default;
};
// OPc = E_K(OP) xor OP (§8.2).
Secret<16> milenage_opc(const Secret<16>& k, const Secret<16>& op);

struct MilenageOutputs {
  Secret<8> mac_a, mac_s;
  Secret<8> res;
  Secret<16> ck, ik;
  Secret<6> ak, ak_s;
};

// What a home network hands out for one authentication.
struct AkaVector {
  Rand rand{};
  Autn autn{};
  Secret<8> res;
  Secret<16> ck, ik;
};

// A subscription's key in a cipher context. Not for two threads at once.
class Milenage {
 public:
  explicit Milenage(const MilenageKey& key);
  ~Milenage();
  Milenage(Milenage&&) noexcept;
  Milenage& operator=(Milenage&&) noexcept;
  void use(const MilenageKey& key);  // from now on; costs less than another object

  // All functions. sqn at most kMaxSqn.
  [[nodiscard]] MilenageOutputs outputs(const Rand& rand, std::uint64_t sqn, const Amf& amf);
  // f1 to f5 of rands[i] and sqns[i] into out[i]; the three have one size. The blocks of many vectors go through the cipher together.
  void vectors(std::span<const Rand> rands, std::span<const std::uint64_t> sqns, const Amf& amf, std::span<AkaVector> out);

  // TS 33.102 §6.3.3, §6.3.5. The SQN the USIM named. Code::refused "aka.mac_s" when it is not the USIM's word for this RAND.
  [[nodiscard]] Result<std::uint64_t> open_auts(const Rand& rand, const Auts& auts);

 private:
  friend Secret<16> milenage_opc(const Secret<16>& k, const Secret<16>& op);
  void encrypt(Secret<16>& block);
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace tf::crypto
