#include "crypto/jose/rs256.hpp"

#include <openssl/rsa.h>

#include "crypto/digest.hpp"
#include "crypto/handles.hpp"
#include "crypto/key_context.hpp"

namespace tf::crypto {
namespace {

bool set_v15(EVP_PKEY_CTX* ctx) {
  return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 && EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1;
}

}  // namespace

Result<Bytes> sign_rs256(const PrivateKey& key, ByteView data) {
  if (key.kind() != KeyKind::rsa) return Error{Code::internal, "crypto.wrong_key", "RS256 needs an RSA key"};
  const Hash256 digest = sha256(data);
  const EvpPkeyCtx ctx = key_context(key.native());
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.native())));
  std::size_t size = out.size();
  if (!ctx || EVP_PKEY_sign_init(ctx.get()) != 1 || !set_v15(ctx.get()) ||
      EVP_PKEY_sign(ctx.get(), out.data(), &size, digest.data(), digest.size()) != 1)
    return openssl_error("crypto.sign");
  out.resize(size);
  return out;
}

bool verify_rs256(const PublicKey& key, ByteView data, ByteView signature) {
  if (key.kind() != KeyKind::rsa) return false;
  const Hash256 digest = sha256(data);
  const EvpPkeyCtx ctx = key_context(key.native());
  const bool ok = ctx && EVP_PKEY_verify_init(ctx.get()) == 1 && set_v15(ctx.get()) &&
                  EVP_PKEY_verify(ctx.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
  ERR_clear_error();
  return ok;
}

}  // namespace tf::crypto
