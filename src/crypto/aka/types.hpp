// What AKA's functions take and give, whichever algorithm is behind them (3GPP TS 33.102 §6.3). Sizes in octets: RAND, CK, IK, AUTN 16; RES (f2),
// MAC-A (f1), MAC-S (f1*) 8; SQN, AK (f5), AK* (f5*) 6; AMF 2. AUTN = (SQN xor AK) ‖ AMF ‖ MAC-A. AUTS = (SQN_MS xor AK*) ‖ MAC-S.
#pragma once
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "base/secret.hpp"

namespace tf::crypto {

using Rand = ByteArray<16>;
using Autn = ByteArray<16>;
using Auts = ByteArray<14>;
using Amf = ByteArray<2>;
inline constexpr std::uint64_t kMaxSqn = (std::uint64_t{1} << 48) - 1;

ByteArray<6> sqn_octets(std::uint64_t sqn);
std::uint64_t sqn_of_octets(std::span<const std::uint8_t, 6> octets);

struct AkaOutputs {
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

}  // namespace tf::crypto
