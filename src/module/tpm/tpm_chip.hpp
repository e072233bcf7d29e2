// The two keys, sealing and the counter in a TPM 2.0. Private to module.
#pragma once
#include <memory>

#include "module/chip.hpp"
#include "module/tpm/connection.hpp"
#include "module/tpm/counter.hpp"
#include "module/tpm/objects.hpp"

namespace tf::module::tpm {

class TpmChip final : public Chip {
 public:
  struct Keys {
    Wrapped sign;
    Wrapped decrypt;
  };
  // auth: what every object of this module wants to hear.
  static Result<std::unique_ptr<TpmChip>> make(std::unique_ptr<Connection> connection, const TPM2B_AUTH& auth, Keys keys, Counter counter);
  // New keys, made in the TPM.
  static Result<Keys> generate(Connection& connection, const TPM2B_AUTH& auth);
  // As Chip's, before there is a chip.
  static Result<Bytes> seal(Connection& connection, const TPM2B_AUTH& auth, const SecretBytes& secret);
  static Result<SecretBytes> unseal(Connection& connection, const TPM2B_AUTH& auth, ByteView sealed);

  [[nodiscard]] crypto::PublicKey public_key(Key key) const override { return key == Key::sign ? sign_public_ : decrypt_public_; }
  Result<crypto::Es256Signature> sign(ByteView message) override;
  Result<Bytes> sign_own_request(ByteView to_be_signed) override;
  Result<SecretBytes> unwrap(Oaep oaep, ByteView wrapped) override;
  Result<Bytes> seal(const SecretBytes& secret) override { return seal(*connection_, auth_, secret); }
  Result<SecretBytes> unseal(ByteView sealed) override { return unseal(*connection_, auth_, sealed); }
  [[nodiscard]] bool counts() const override { return true; }
  Result<std::uint64_t> counter() override { return counter_.value(); }
  Result<std::uint64_t> advance() override { return counter_.increment(); }

 private:
  TpmChip(std::unique_ptr<Connection> connection, const TPM2B_AUTH& auth, Keys keys, Counter counter, crypto::PublicKey sign, crypto::PublicKey decrypt)
      : connection_(std::move(connection)), auth_(auth), keys_(std::move(keys)), counter_(counter), sign_public_(std::move(sign)),
        decrypt_public_(std::move(decrypt)) {}
  std::unique_ptr<Connection> connection_;
  TPM2B_AUTH auth_;
  Keys keys_;
  Counter counter_;
  crypto::PublicKey sign_public_;
  crypto::PublicKey decrypt_public_;
};

}  // namespace tf::module::tpm
