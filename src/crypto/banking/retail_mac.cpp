#include "crypto/banking/retail_mac.hpp"

#include <algorithm>

#include "crypto/block_cipher.hpp"

namespace tf::crypto {
namespace {

constexpr std::size_t kDesBlock = 8;

SecretBytes padded(ByteView data, MacPadding padding) {
  const std::size_t marked = data.size() + (padding == MacPadding::method_2 ? 1 : 0);
  SecretBytes out(std::max(kDesBlock, (marked + kDesBlock - 1) / kDesBlock * kDesBlock));
  std::ranges::copy(data, out.reveal_mutable().begin());
  if (padding == MacPadding::method_2) out.reveal_mutable()[data.size()] = 0x80;
  return out;
}

}  // namespace

Result<ByteArray<8>> retail_mac(ByteView key, ByteView data, MacPadding padding) {
  if (key.size() != 2 * kDesBlock) return Error{Code::invalid, "crypto.key_size", "a retail MAC has a key of 16 octets"};
  SecretBytes text = padded(data, padding);
  const std::size_t before = text.size() - kDesBlock;
  if (before > 0) {
    // Single DES is TDES with two equal halves; OpenSSL 3 keeps DES itself with the legacy algorithms.
    SecretBytes single(2 * kDesBlock);
    std::ranges::copy(key.first(kDesBlock), single.reveal_mutable().begin());
    std::ranges::copy(key.first(kDesBlock), single.reveal_mutable().begin() + kDesBlock);
    const SecretBytes chained =
        TF_TRY(cbc(BlockCipher::tdes, Direction::encrypt, single.reveal(), ByteArray<kDesBlock>{}, text.reveal().first(before)));
    for (std::size_t i = 0; i < kDesBlock; ++i) text.reveal_mutable()[before + i] ^= chained.reveal()[before - kDesBlock + i];
  }
  // Output transformation 3: decrypt with K′, encrypt with K; with the last step of the chain that is two-key TDES.
  const SecretBytes last = TF_TRY(ecb(BlockCipher::tdes, Direction::encrypt, key, text.reveal().last(kDesBlock)));
  ByteArray<kDesBlock> mac;
  std::ranges::copy(last.reveal(), mac.begin());
  return mac;
}

}  // namespace tf::crypto
