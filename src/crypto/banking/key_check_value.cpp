#include "crypto/banking/key_check_value.hpp"

#include <bit>

#include "wire/encoding.hpp"

namespace tf::crypto {
namespace {

constexpr ByteArray<16> kZeros{};

// Two DES keys are the same key when they differ in parity bits only.
bool same_des_key(ByteView a, ByteView b) {
  unsigned difference = 0;
  for (std::size_t i = 0; i < 8; ++i) difference |= static_cast<unsigned>(a[i] ^ b[i]) & 0xfeU;
  return difference == 0;
}

}  // namespace

Result<std::string> key_check_value(BlockCipher cipher, ByteView key, std::size_t size) {
  if (size == 0 || size > block_size(cipher))
    return Error{Code::invalid, "crypto.kcv_size", "a check value is no longer than a block"};
  if (cipher == BlockCipher::aes) {
    const Bytes mac = TF_TRY(cmac(cipher, key, kZeros));
    return wire::hex_upper(ByteView(mac).first(size));
  }
  const SecretBytes block = TF_TRY(ecb(cipher, Direction::encrypt, key, ByteView(kZeros).first(8)));
  return wire::hex_upper(block.reveal().first(size));
}

bool has_odd_parity(ByteView tdes_key) {
  unsigned even = 0;
  for (const std::uint8_t byte : tdes_key) even |= ~static_cast<unsigned>(std::popcount(byte)) & 1U;
  return even == 0;
}

void set_odd_parity(MutableByteView tdes_key) {
  for (std::uint8_t& byte : tdes_key) {
    const unsigned high = byte & 0xfeU;
    byte = static_cast<std::uint8_t>(high | (~static_cast<unsigned>(std::popcount(high)) & 1U));
  }
}

bool is_degenerate(ByteView tdes_key) {
  if (tdes_key.size() != 16 && tdes_key.size() != 24) return true;
  const ByteView k1 = tdes_key.first(8);
  const ByteView k2 = tdes_key.subspan(8, 8);
  if (tdes_key.size() == 16) return same_des_key(k1, k2);
  const ByteView k3 = tdes_key.last(8);
  return same_des_key(k1, k2) || same_des_key(k2, k3) || same_des_key(k1, k3);
}

}  // namespace tf::crypto
