// Signs again and again with one key, from many threads: setting OpenSSL's context up costs a tenth of a P-256 signature, so contexts
// are kept, as many as signed at once. They hold the key as long as this lives.
#pragma once
#include <memory>

#include "crypto/keys.hpp"

namespace tf::crypto {

class KeptSigner {
 public:
  explicit KeptSigner(PrivateKey key);
  ~KeptSigner();

  // ECDSA with SHA-256 in DER (X.509), or RSASSA-PSS as sign_ps256() has it; by the key's kind.
  Result<Bytes> sign(ByteView data);
  // As crypto::sign_es256().
  Result<Es256Signature> sign_es256(ByteView data);

 private:
  struct Contexts;
  const PrivateKey key_;
  const std::unique_ptr<Contexts> contexts_;
};

// r ‖ s of a signature in DER.
Result<Es256Signature> es256_of(ByteView der);

}  // namespace tf::crypto
