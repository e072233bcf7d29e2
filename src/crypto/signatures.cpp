// Signatures of crypto/keys.hpp.
#include <openssl/rsa.h>

#include "crypto/digest.hpp"
#include "crypto/handles.hpp"
#include "crypto/key_context.hpp"
#include "crypto/kept_signer.hpp"
#include "crypto/keys.hpp"

namespace tf::crypto {
namespace {

using EcdsaSignature = Handle<ECDSA_SIG, ECDSA_SIG_free>;

bool set_pss(EVP_PKEY_CTX* ctx) {
  return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 && EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, 32) == 1;
}

}  // namespace

Result<Es256Signature> sign_es256(const PrivateKey& key, ByteView data) {
  if (key.kind() != KeyKind::p256) return Error{Code::internal, "crypto.wrong_key", "ES256 needs a P-256 key"};
  const Hash256 digest = sha256(data);
  const EvpPkeyCtx ctx = key_context(key.native());
  std::uint8_t der[80];
  std::size_t size = sizeof der;
  if (!ctx || EVP_PKEY_sign_init(ctx.get()) != 1 ||
      EVP_PKEY_sign(ctx.get(), der, &size, digest.data(), digest.size()) != 1)
    return openssl_error("crypto.sign");
  return es256_of(ByteView(der, size));
}

bool verify_es256(const PublicKey& key, ByteView data, ByteView signature) {
  if (key.kind() != KeyKind::p256 || signature.size() != 64) return false;
  const EcdsaSignature parsed(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(signature.data(), 32, nullptr);
  BIGNUM* s = BN_bin2bn(signature.data() + 32, 32, nullptr);
  must(parsed && r != nullptr && s != nullptr && ECDSA_SIG_set0(parsed.get(), r, s) == 1, "ECDSA signature");
  std::uint8_t der[80];
  std::uint8_t* at = der;
  const int size = i2d_ECDSA_SIG(parsed.get(), &at);
  return verify_ecdsa_sha256(key, data, ByteView(der, static_cast<std::size_t>(size)));
}

bool verify_ecdsa_sha256(const PublicKey& key, ByteView data, ByteView signature) {
  if (key.kind() != KeyKind::p256) return false;
  const Hash256 digest = sha256(data);
  const EvpPkeyCtx ctx = key_context(key.native());
  const bool ok = ctx && EVP_PKEY_verify_init(ctx.get()) == 1 &&
                  EVP_PKEY_verify(ctx.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
  ERR_clear_error();
  return ok;
}

Result<Bytes> sign_ps256(const PrivateKey& key, ByteView data) {
  if (key.kind() != KeyKind::rsa) return Error{Code::internal, "crypto.wrong_key", "PS256 needs an RSA key"};
  const Hash256 digest = sha256(data);
  const EvpPkeyCtx ctx = key_context(key.native());
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.native())));
  std::size_t size = out.size();
  if (!ctx || EVP_PKEY_sign_init(ctx.get()) != 1 || !set_pss(ctx.get()) ||
      EVP_PKEY_sign(ctx.get(), out.data(), &size, digest.data(), digest.size()) != 1)
    return openssl_error("crypto.sign");
  out.resize(size);
  return out;
}

bool verify_ps256(const PublicKey& key, ByteView data, ByteView signature) {
  if (key.kind() != KeyKind::rsa) return false;
  const Hash256 digest = sha256(data);
  const EvpPkeyCtx ctx = key_context(key.native());
  const bool ok = ctx && EVP_PKEY_verify_init(ctx.get()) == 1 && set_pss(ctx.get()) &&
                  EVP_PKEY_verify(ctx.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
  ERR_clear_error();
  return ok;
}

}  // namespace tf::crypto
