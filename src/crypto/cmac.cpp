// CMAC of crypto/block_cipher.hpp. A context is bound to its cipher once and belongs to a thread: looking the cipher up by
// name costs more than the MAC itself, and restarting under the same key a fifth of setting the key.
#include <openssl/core_names.h>
#include <openssl/params.h>

#include <algorithm>

#include "crypto/block_cipher.hpp"
#include "crypto/handles.hpp"

namespace tf::crypto {
namespace {

EvpMacCtx bound_to(const char* cipher) {
  static const EvpMac mac(EVP_MAC_fetch(nullptr, "CMAC", nullptr));
  EvpMacCtx made(EVP_MAC_CTX_new(mac.get()));
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, const_cast<char*>(cipher), 0), OSSL_PARAM_construct_end()};
  must(made && EVP_MAC_CTX_set_params(made.get(), params) == 1, "CMAC");
  return made;
}

EVP_MAC_CTX* context_for(BlockCipher cipher, std::size_t key_size) {
  thread_local const EvpMacCtx tdes = bound_to("DES-EDE3-CBC");
  if (cipher == BlockCipher::tdes) return tdes.get();
  thread_local const EvpMacCtx aes128 = bound_to("AES-128-CBC");
  thread_local const EvpMacCtx aes192 = bound_to("AES-192-CBC");
  thread_local const EvpMacCtx aes256 = bound_to("AES-256-CBC");
  return key_size == 16 ? aes128.get() : key_size == 24 ? aes192.get() : aes256.get();
}

}  // namespace

void cmac_each(BlockCipher cipher, ByteView key, std::initializer_list<ByteView> messages, MutableByteView out) {
  const std::size_t block = block_size(cipher);
  must(valid_key_size(cipher, key.size()) && out.size() == block * messages.size(), "CMAC sizes");
  // CMAC knows two-key TDES as the three-key cipher with K3 = K1 only.
  Secret<24> expanded;
  if (cipher == BlockCipher::tdes && key.size() == 16) {
    std::ranges::copy(key, expanded.reveal_mutable().begin());
    std::ranges::copy(key.first(8), expanded.reveal_mutable().begin() + 16);
    key = expanded.reveal();
  }
  EVP_MAC_CTX* ctx = context_for(cipher, key.size());
  bool ok = EVP_MAC_init(ctx, key.data(), key.size(), nullptr) == 1;
  bool first = true;
  for (const ByteView message : messages) {
    std::size_t size = 0;
    if (!first) ok = ok && EVP_MAC_init(ctx, nullptr, 0, nullptr) == 1;
    ok = ok && EVP_MAC_update(ctx, message.data(), message.size()) == 1 &&
         EVP_MAC_final(ctx, out.data(), &size, out.size()) == 1 && size == block;
    out = out.subspan(block);
    first = false;
  }
  must(ok, "CMAC");
}

CmacKeyEraser::~CmacKeyEraser() {
  static constexpr ByteArray<32> nothing{};  // another key overwrites the schedule
  const std::size_t size = cipher_ == BlockCipher::tdes ? 24 : key_size_;
  must(EVP_MAC_init(context_for(cipher_, size), nothing.data(), size, nullptr) == 1, "CMAC");
}

Result<Bytes> cmac(BlockCipher cipher, ByteView key, ByteView data) {
  if (!valid_key_size(cipher, key.size())) return Error{Code::invalid, "crypto.key_size", "a key of that size does not exist"};
  const CmacKeyEraser eraser(cipher, key.size());
  Bytes out(block_size(cipher));
  cmac_each(cipher, key, {data}, out);
  return out;
}

}  // namespace tf::crypto
