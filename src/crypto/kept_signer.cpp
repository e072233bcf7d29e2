#include "crypto/kept_signer.hpp"

#include <openssl/rsa.h>

#include "crypto/digest.hpp"
#include "crypto/handles.hpp"
#include "crypto/kept_contexts.hpp"

namespace tf::crypto {

struct KeptSigner::Contexts : KeptContexts {};

namespace {

EvpPkeyCtx made_for(const PrivateKey& key) {
  EvpPkeyCtx out(EVP_PKEY_CTX_new_from_pkey(nullptr, key.native(), nullptr));
  bool ok = out && EVP_PKEY_sign_init(out.get()) == 1;
  if (ok && key.kind() == KeyKind::rsa)
    ok = EVP_PKEY_CTX_set_rsa_padding(out.get(), RSA_PKCS1_PSS_PADDING) == 1 && EVP_PKEY_CTX_set_signature_md(out.get(), EVP_sha256()) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(out.get(), EVP_sha256()) == 1 && EVP_PKEY_CTX_set_rsa_pss_saltlen(out.get(), 32) == 1;
  if (!ok) out.reset();
  return out;
}

}  // namespace

KeptSigner::KeptSigner(PrivateKey key) : key_(std::move(key)), contexts_(std::make_unique<Contexts>()) {}
KeptSigner::~KeptSigner() = default;

Result<Bytes> KeptSigner::sign(ByteView data) {
  EvpPkeyCtx context = contexts_->take();
  if (!context) context = made_for(key_);
  const Hash256 digest = sha256(data);
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key_.native())));
  std::size_t size = out.size();
  if (!context || EVP_PKEY_sign(context.get(), out.data(), &size, digest.data(), digest.size()) != 1) return openssl_error("crypto.sign");
  out.resize(size);
  contexts_->give_back(std::move(context));
  return out;
}

Result<Es256Signature> KeptSigner::sign_es256(ByteView data) {
  if (key_.kind() != KeyKind::p256) return Error{Code::internal, "crypto.wrong_key", "ES256 needs a P-256 key"};
  return es256_of(TF_TRY(sign(data)));
}

Result<Es256Signature> es256_of(ByteView der) {
  const std::uint8_t* at = der.data();
  const Handle<ECDSA_SIG, ECDSA_SIG_free> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  Es256Signature out;
  if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out.data(), 32) != 32 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out.data() + 32, 32) != 32)
    return openssl_error("crypto.sign");
  return out;
}

}  // namespace tf::crypto
