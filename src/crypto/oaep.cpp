// RSA encryption of crypto/keys.hpp and crypto/oaep_mgf1p.hpp: OAEP and its MGF1 with one hash.
#include <openssl/rsa.h>

#include "crypto/handles.hpp"
#include "crypto/key_context.hpp"
#include "crypto/oaep_mgf1p.hpp"

namespace tf::crypto {
namespace {

bool set_oaep(EVP_PKEY_CTX* ctx, const EVP_MD* hash) {
  return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 && EVP_PKEY_CTX_set_rsa_oaep_md(ctx, hash) == 1 && EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, hash) == 1;
}

Result<Bytes> encrypt(const PublicKey& key, ByteView plaintext, const EVP_MD* hash) {
  if (key.kind() != KeyKind::rsa) return Error{Code::refused, "crypto.wrong_key", "OAEP needs an RSA key"};
  const EvpPkeyCtx ctx = key_context(key.native());
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.native())));
  std::size_t size = out.size();
  if (!ctx || EVP_PKEY_encrypt_init(ctx.get()) != 1 || !set_oaep(ctx.get(), hash) ||
      EVP_PKEY_encrypt(ctx.get(), out.data(), &size, plaintext.data(), plaintext.size()) != 1)
    return openssl_error("crypto.oaep_encrypt");
  out.resize(size);
  return out;
}

Result<SecretBytes> decrypt(const PrivateKey& key, ByteView ciphertext, const EVP_MD* hash) {
  if (key.kind() != KeyKind::rsa) return Error{Code::internal, "crypto.wrong_key", "OAEP needs an RSA key"};
  const EvpPkeyCtx ctx = key_context(key.native());
  SecretBytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.native())));
  std::size_t size = out.size();
  if (!ctx || EVP_PKEY_decrypt_init(ctx.get()) != 1 || !set_oaep(ctx.get(), hash) ||
      EVP_PKEY_decrypt(ctx.get(), out.reveal_mutable().data(), &size, ciphertext.data(), ciphertext.size()) != 1) {
    ERR_clear_error();
    return Error{Code::refused, "crypto.oaep", "the ciphertext does not decrypt"};
  }
  out.shorten(size);
  return out;
}

}  // namespace

Result<Bytes> oaep_encrypt(const PublicKey& key, ByteView plaintext) { return encrypt(key, plaintext, EVP_sha256()); }
Result<SecretBytes> oaep_decrypt(const PrivateKey& key, ByteView ciphertext) { return decrypt(key, ciphertext, EVP_sha256()); }
Result<Bytes> oaep_mgf1p_encrypt(const PublicKey& key, ByteView plaintext) { return encrypt(key, plaintext, EVP_sha1()); }
Result<SecretBytes> oaep_mgf1p_decrypt(const PrivateKey& key, ByteView ciphertext) { return decrypt(key, ciphertext, EVP_sha1()); }

}  // namespace tf::crypto
