#include "crypto/aead.hpp"

#include "crypto/handles.hpp"

namespace tf::crypto {
namespace {

const EVP_CIPHER* gcm() {
  static const EvpCipher cipher(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
  return cipher.get();
}

EVP_CIPHER_CTX* context() {
  thread_local const EvpCipherCtx made(EVP_CIPHER_CTX_new());
  return made.get();
}

const Error kNotAuthentic{Code::refused, "crypto.aead", "the ciphertext does not authenticate"};

}  // namespace

Sealed aes256_gcm_seal(const Secret<32>& key, const ByteArray<12>& nonce, ByteView aad, ByteView plaintext) {
  Sealed out{nonce, Bytes(plaintext.size()), {}};
  EVP_CIPHER_CTX* ctx = context();
  int written = 0;
  std::uint8_t unused[16];
  bool ok = EVP_EncryptInit_ex2(ctx, gcm(), key.reveal().data(), nonce.data(), nullptr) == 1;
  if (!aad.empty()) ok = ok && EVP_EncryptUpdate(ctx, nullptr, &written, aad.data(), static_cast<int>(aad.size())) == 1;
  if (!plaintext.empty()) {
    ok = ok && EVP_EncryptUpdate(ctx, out.ciphertext.data(), &written, plaintext.data(),
                                 static_cast<int>(plaintext.size())) == 1;
  }
  ok = ok && EVP_EncryptFinal_ex(ctx, unused, &written) == 1 &&
       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, out.tag.data()) == 1;
  EVP_CIPHER_CTX_reset(ctx);
  must(ok, "AES-256-GCM");
  return out;
}

Result<SecretBytes> aes256_gcm_open(const Secret<32>& key, ByteView nonce, ByteView aad, ByteView ciphertext,
                                    ByteView tag) {
  if (nonce.size() != 12 || tag.size() != 16) return kNotAuthentic;
  SecretBytes out(ciphertext.size());
  EVP_CIPHER_CTX* ctx = context();
  int written = 0;
  std::uint8_t unused[16];
  bool ok = EVP_DecryptInit_ex2(ctx, gcm(), key.reveal().data(), nonce.data(), nullptr) == 1;
  if (!aad.empty()) ok = ok && EVP_DecryptUpdate(ctx, nullptr, &written, aad.data(), static_cast<int>(aad.size())) == 1;
  if (!ciphertext.empty()) {
    ok = ok && EVP_DecryptUpdate(ctx, out.reveal_mutable().data(), &written, ciphertext.data(),
                                 static_cast<int>(ciphertext.size())) == 1;
  }
  ok = ok && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 16, const_cast<std::uint8_t*>(tag.data())) == 1 &&
       EVP_DecryptFinal_ex(ctx, unused, &written) == 1;
  EVP_CIPHER_CTX_reset(ctx);
  if (!ok) {
    ERR_clear_error();
    return kNotAuthentic;
  }
  return out;
}

Bytes seal_blob(const Secret<32>& key, Random& random, ByteView aad, ByteView plaintext) {
  const Sealed sealed = aes256_gcm_seal(key, random.array<12>(), aad, plaintext);
  Bytes out(sealed.nonce.begin(), sealed.nonce.end());
  append(out, sealed.ciphertext);
  append(out, sealed.tag);
  return out;
}

Result<SecretBytes> open_blob(const Secret<32>& key, ByteView aad, ByteView blob) {
  if (blob.size() < 28) return kNotAuthentic;
  return aes256_gcm_open(key, blob.first(12), aad, blob.subspan(12, blob.size() - 28), blob.last(16));
}

}  // namespace tf::crypto
