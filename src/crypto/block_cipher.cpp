#include "crypto/block_cipher.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "crypto/handles.hpp"

namespace tf::crypto {
namespace {

enum class Mode { ecb, cbc };

const char* algorithm_name(BlockCipher cipher, std::size_t key_size, Mode mode) {
  const bool is_cbc = mode == Mode::cbc;
  if (cipher == BlockCipher::tdes) {
    if (key_size == 16) return is_cbc ? "DES-EDE-CBC" : "DES-EDE-ECB";
    return is_cbc ? "DES-EDE3-CBC" : "DES-EDE3-ECB";
  }
  if (key_size == 16) return is_cbc ? "AES-128-CBC" : "AES-128-ECB";
  if (key_size == 24) return is_cbc ? "AES-192-CBC" : "AES-192-ECB";
  return is_cbc ? "AES-256-CBC" : "AES-256-ECB";
}

std::size_t index_of(BlockCipher cipher, std::size_t key_size, Mode mode) {
  return (cipher == BlockCipher::tdes ? 0U : 8U) + (key_size / 8 - 1) * 2 + (mode == Mode::cbc ? 1U : 0U);
}

const EVP_CIPHER* fetched(BlockCipher cipher, std::size_t key_size, Mode mode) {
  static const auto table = [] {
    std::array<EvpCipher, 16> made;
    for (const auto kind : {BlockCipher::tdes, BlockCipher::aes})
      for (const std::size_t size : {16U, 24U, 32U})
        for (const auto m : {Mode::ecb, Mode::cbc})
          if (valid_key_size(kind, size))
            made[index_of(kind, size, m)].reset(EVP_CIPHER_fetch(nullptr, algorithm_name(kind, size, m), nullptr));
    return made;
  }();
  return table[index_of(cipher, key_size, mode)].get();
}

// Contexts belong to a thread and keep their cipher: setting one up, and telling it not to pad, costs more than a few blocks.
EVP_CIPHER_CTX* context_for(BlockCipher cipher, std::size_t key_size, Mode mode) {
  thread_local std::array<EvpCipherCtx, 16> contexts;
  EvpCipherCtx& kept = contexts[index_of(cipher, key_size, mode)];
  if (kept) return kept.get();
  kept.reset(EVP_CIPHER_CTX_new());
  unsigned padding = 0;
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_uint(OSSL_CIPHER_PARAM_PADDING, &padding), OSSL_PARAM_construct_end()};
  must(kept && EVP_CipherInit_ex2(kept.get(), fetched(cipher, key_size, mode), nullptr, nullptr, 1, nullptr) == 1 &&
           EVP_CIPHER_CTX_set_params(kept.get(), params) == 1,
       "block cipher");
  return kept.get();
}

Result<SecretBytes> run(BlockCipher cipher, Mode mode, Direction direction, ByteView key, ByteView iv, ByteView data) {
  const std::size_t block = block_size(cipher);
  if (!valid_key_size(cipher, key.size())) return Error{Code::invalid, "crypto.key_size", "a key of that size does not exist"};
  if (data.size() % block != 0 || (mode == Mode::cbc && iv.size() != block))
    return Error{Code::invalid, "crypto.data_size", "data are not whole blocks"};
  static constexpr ByteArray<32> nothing{};  // another key overwrites the schedule
  EVP_CIPHER_CTX* ctx = context_for(cipher, key.size(), mode);
  const int encrypts = direction == Direction::encrypt ? 1 : 0;
  SecretBytes out(data.size());
  int written = 0;
  const bool ok = EVP_CipherInit_ex2(ctx, nullptr, key.data(), mode == Mode::cbc ? iv.data() : nullptr, encrypts, nullptr) == 1 &&
                  EVP_CipherUpdate(ctx, out.reveal_mutable().data(), &written, data.data(), static_cast<int>(data.size())) == 1 &&
                  static_cast<std::size_t>(written) == data.size();
  must(EVP_CipherInit_ex2(ctx, nullptr, nothing.data(), nullptr, encrypts, nullptr) == 1 && ok, "block cipher");
  return out;
}

}  // namespace

bool valid_key_size(BlockCipher cipher, std::size_t size) {
  return size == 16 || size == 24 || (cipher == BlockCipher::aes && size == 32);
}

Result<SecretBytes> ecb(BlockCipher cipher, Direction direction, ByteView key, ByteView data) {
  return run(cipher, Mode::ecb, direction, key, {}, data);
}

Result<SecretBytes> cbc(BlockCipher cipher, Direction direction, ByteView key, ByteView iv, ByteView data) {
  return run(cipher, Mode::cbc, direction, key, iv, data);
}

}  // namespace tf::crypto
