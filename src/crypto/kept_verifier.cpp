#include "crypto/kept_verifier.hpp"

#include "crypto/digest.hpp"
#include "crypto/handles.hpp"
#include "crypto/kept_contexts.hpp"

namespace tf::crypto {

struct KeptVerifier::Contexts : KeptContexts {};

KeptVerifier::KeptVerifier(PublicKey key) : key_(std::move(key)), contexts_(std::make_unique<Contexts>()) {}
KeptVerifier::~KeptVerifier() = default;

bool KeptVerifier::verify_ecdsa_sha256(ByteView data, ByteView signature) {
  if (key_.kind() != KeyKind::p256) return false;
  EvpPkeyCtx context = contexts_->take();
  if (!context) {
    context.reset(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.native(), nullptr));
    must(context && EVP_PKEY_verify_init(context.get()) == 1, "ECDSA verification");
  }
  const Hash256 digest = sha256(data);
  const bool right = EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
  if (!right) ERR_clear_error();
  contexts_->give_back(std::move(context));
  return right;
}

}  // namespace tf::crypto
