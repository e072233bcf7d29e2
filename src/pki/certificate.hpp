// An X.509 certificate (RFC 5280), parsed strictly and never changed; copies share it, threads may too.
// Parsing believes nothing: pki/path/path.hpp decides whether to trust it.
#pragma once
#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "crypto/keys.hpp"
#include "pki/usage.hpp"
#include "wire/dsn.hpp"

namespace tf::pki {

struct Facts;

class Certificate {
 public:
  // DER, all of the input, at most 16 KiB. Code::malformed "pki.certificate".
  static Result<Certificate> from_der(ByteView der);
  static Result<Certificate> from_pem(std::string_view pem);  // one certificate
  [[nodiscard]] const Bytes& der() const;
  [[nodiscard]] std::string to_pem() const;
  [[nodiscard]] const Hash256& fingerprint() const;  // SHA-256 of the DER

  [[nodiscard]] const std::string& common_name() const;            // "" when the subject has none
  [[nodiscard]] const std::string& subject_serial_number() const;  // a device's DSN; "" when there is none
  [[nodiscard]] const std::string& serial_hex() const;             // of the certificate, upper case
  [[nodiscard]] std::string subject_text() const;                  // RFC 2253, for people
  [[nodiscard]] std::string issuer_text() const;
  [[nodiscard]] std::int64_t not_before_ms() const;
  [[nodiscard]] std::int64_t not_after_ms() const;  // the first moment at which it is no longer valid
  // Code::refused "pki.bad_certificate" unless it is P-256 or RSA of 2048 to 8192 bits.
  [[nodiscard]] Result<crypto::PublicKey> public_key() const;
  // Empty without the extension; Code::malformed "pki.dsn_ranges" when it does not parse.
  [[nodiscard]] Result<std::vector<wire::DsnRange>> dsn_ranges() const;
  [[nodiscard]] bool serves(const wire::Dsn& dsn) const;  // it lies in the DSN ranges
  [[nodiscard]] bool has_usage(Usage usage) const;
  [[nodiscard]] bool is_ca() const;

  [[nodiscard]] const Facts& facts() const;  // for pki
  // It bears the issuer's name as its issuer's, and the signature is of the issuer's key. Believes the issuer.
  [[nodiscard]] bool is_issued_by(const Certificate& issuer) const;
  // OpenSSL's own, with its key decoded at the first call; stays ours, do not alter it.
  [[nodiscard]] X509* native() const;
  friend bool operator==(const Certificate& a, const Certificate& b) { return a.der() == b.der(); }

 private:
  struct Body;
  explicit Certificate(std::shared_ptr<const Body> body) : body_(std::move(body)) {}
  std::shared_ptr<const Body> body_;
};

// A file of certificates, in its order: at least one, at most 64.
Result<std::vector<Certificate>> certificates_from_pem(std::string_view pem);
Result<Bytes> certificate_der(std::string_view pem);  // one certificate, not looked at
std::string to_pem(const std::vector<Certificate>& certificates);
// A chain as protocols carry it, leaf first: at least one, at most 4.
Result<std::vector<Certificate>> chain_from_der(const std::vector<Bytes>& chain);
Status check_chain_length(std::size_t certificates);

}  // namespace tf::pki
