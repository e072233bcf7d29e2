// Verifies again and again under one key, from many threads: like crypto/kept_signer.hpp, the contexts of OpenSSL are kept, as many as
// verified at once. They hold the key as long as this lives.
#pragma once
#include <memory>

#include "crypto/keys.hpp"

namespace tf::crypto {

class KeptVerifier {
 public:
  explicit KeptVerifier(PublicKey key);
  ~KeptVerifier();

  // As crypto::verify_ecdsa_sha256(); false under a key of another kind.
  bool verify_ecdsa_sha256(ByteView data, ByteView signature);

 private:
  struct Contexts;
  const PublicKey key_;
  const std::unique_ptr<Contexts> contexts_;
};

}  // namespace tf::crypto
