#include "pki/certificate.hpp"

#include <algorithm>

#include "crypto/digest.hpp"
#include "pki/asn1.hpp"
#include "pki/facts.hpp"

namespace tf::pki {
namespace {

constexpr std::size_t kMaxDer = 16U << 10;
constexpr const char* kLabel = "CERTIFICATE";

}  // namespace

struct Certificate::Body {
  crypto::X509Handle x509;
  Bytes der;
  Facts facts;
};

Result<Certificate> Certificate::from_der(ByteView der) {
  const Error bad{Code::malformed, "pki.certificate", "not a certificate in DER"};
  if (der.empty() || der.size() > kMaxDer) return bad;
  const std::uint8_t* at = der.data();
  crypto::X509Handle x509(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  // Encoded again it must be the same: nothing left over, and one certificate has one fingerprint.
  if (!x509 || !std::ranges::equal(der_of<i2d_X509>(x509.get()), der)) return bad;
  Facts facts;
  if (auto read = read_facts(x509.get()); read) {
    facts = std::move(*read);
  } else {
    return Error{Code::malformed, "pki.certificate", read.error().detail};
  }
  return Certificate(std::make_shared<const Body>(Body{std::move(x509), to_bytes(der), std::move(facts)}));
}

Result<Certificate> Certificate::from_pem(std::string_view pem) { return from_der(TF_TRY(from_pem_text(pem, kLabel))); }

const Bytes& Certificate::der() const { return body_->der; }
std::string Certificate::to_pem() const { return to_pem_text(kLabel, body_->der); }
Hash256 Certificate::fingerprint() const { return crypto::sha256(body_->der); }

const std::string& Certificate::common_name() const { return body_->facts.common_name; }
const std::string& Certificate::subject_serial_number() const { return body_->facts.subject_serial_number; }
const std::string& Certificate::serial_hex() const { return body_->facts.serial_hex; }
std::string Certificate::subject_text() const { return text_of(X509_get_subject_name(native())); }
std::string Certificate::issuer_text() const { return text_of(X509_get_issuer_name(native())); }
std::int64_t Certificate::not_before_ms() const { return body_->facts.not_before_ms; }
std::int64_t Certificate::not_after_ms() const { return body_->facts.not_after_ms; }
Result<std::vector<wire::DsnRange>> Certificate::dsn_ranges() const { return body_->facts.dsn_ranges; }
bool Certificate::has_usage(Usage usage) const { return body_->facts.usages.has(usage); }
bool Certificate::is_ca() const { return body_->facts.is_ca; }
const Facts& Certificate::facts() const { return body_->facts; }
X509* Certificate::native() const { return body_->x509.get(); }

Result<crypto::PublicKey> Certificate::public_key() const {
  if (!body_->facts.acceptable_key)
    return Error{Code::refused, "pki.bad_certificate", "its key is neither P-256 nor RSA of 2048 to 8192 bits"};
  return crypto::PublicKey(std::shared_ptr<EVP_PKEY>(body_, X509_get0_pubkey(native())));
}

Result<std::vector<Certificate>> certificates_from_pem(std::string_view pem) {
  std::vector<Certificate> out;
  for (const Bytes& der : TF_TRY(from_pem_text(pem, kLabel, 64))) out.push_back(TF_TRY(Certificate::from_der(der)));
  return out;
}

std::string to_pem(const std::vector<Certificate>& certificates) {
  std::string out;
  for (const Certificate& certificate : certificates) out += certificate.to_pem();
  return out;
}

Result<std::vector<Certificate>> chain_from_der(const std::vector<Bytes>& chain) {
  if (chain.empty() || chain.size() > 4)
    return Error{Code::refused, "pki.bad_certificate", "a chain is one to four certificates"};
  std::vector<Certificate> out;
  for (const Bytes& der : chain) out.push_back(TF_TRY(Certificate::from_der(der)));
  return out;
}

}  // namespace tf::pki
