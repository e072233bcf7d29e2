// What differs from module to module: where the two keys are, and what seals. Everything else is the same (kept.hpp). Private to module;
// its tests stand between.
#pragma once
#include "module/module.hpp"

namespace tf::module {

inline constexpr std::size_t kMaxSealed = 128;  // what a TPM's sealed object holds (MAX_SYM_DATA)

class Chip {
 public:
  virtual ~Chip() = default;
  [[nodiscard]] virtual crypto::PublicKey public_key(Key key) const = 0;
  virtual Result<crypto::Es256Signature> sign(ByteView message) = 0;
  // RSASSA-PKCS1-v1_5 with SHA-256 by the decryption key, over its own certificate request alone.
  virtual Result<Bytes> sign_own_request(ByteView to_be_signed) = 0;
  virtual Result<SecretBytes> unwrap(Oaep oaep, ByteView wrapped) = 0;  // Code::refused, whatever its reason

  // A secret of at most kMaxSealed bytes that nobody but this chip opens.
  virtual Result<Bytes> seal(const SecretBytes& secret) = 0;
  virtual Result<SecretBytes> unseal(ByteView sealed) = 0;  // Code::integrity "module.state"

  // A number that only grows, by which an older copy of the state is told. A chip that does not count stays at 0.
  [[nodiscard]] virtual bool counts() const = 0;
  virtual Result<std::uint64_t> counter() = 0;
  virtual Result<std::uint64_t> advance() = 0;  // the new value
};

}  // namespace tf::module
