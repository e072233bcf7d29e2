// A certificate request (PKCS#10, RFC 2986). One that exists was signed by the key it carries: reading verifies it.
// Its extensions are never looked at; names are taken over only after someone approved them.
#pragma once
#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "crypto/keys.hpp"

namespace tf::pki {

class CertificateRequest {
 public:
  // Code::invalid "pki.name" when the name is not 1 to 64 characters of plain text.
  static Result<CertificateRequest> make(std::string_view common_name, const crypto::PrivateKey& key);
  // DER, all of it, at most 16 KiB: Code::malformed "pki.request". Code::refused "pki.bad_key" for a key we do not
  // issue for, "pki.no_possession" when the signature is not the key's own.
  static Result<CertificateRequest> from_der(ByteView der);
  static Result<CertificateRequest> from_pem(std::string_view pem);
  [[nodiscard]] const Bytes& der() const { return der_; }
  [[nodiscard]] std::string to_pem() const;

  [[nodiscard]] const std::string& common_name() const { return common_name_; }  // asked for, not approved; "" for none
  [[nodiscard]] const crypto::PublicKey& public_key() const { return key_; }

 private:
  CertificateRequest(Bytes der, std::string common_name, crypto::PublicKey key)
      : der_(std::move(der)), common_name_(std::move(common_name)), key_(std::move(key)) {}
  Bytes der_;
  std::string common_name_;
  crypto::PublicKey key_;
};

}  // namespace tf::pki
