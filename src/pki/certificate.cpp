#include "pki/certificate.hpp"

#include <algorithm>
#include <array>
#include <mutex>

#include "crypto/digest.hpp"
#include "pki/algorithms.hpp"
#include "pki/asn1.hpp"
#include "pki/facts.hpp"
#include "pki/path/rules.hpp"

namespace tf::pki {
namespace {

constexpr std::size_t kMaxCertificate = 16U << 10;
constexpr const char* kLabel = "CERTIFICATE";

// Who signed what stays true for good, so a signature that was found right once is not computed again for the same two certificates: a
// server's own peers, an authority's delegate, a device that says hello twice. Both certificates count with every octet. A pair has one
// place, where the next one with that place takes over.
class RightSignatures {
 public:
  // By their fingerprints.
  struct Pair {
    Hash256 leaf{}, issuer{};
    bool operator==(const Pair&) const = default;
  };
  bool has(const Pair& pair) {
    const std::lock_guard lock(mutex_);
    return place_of(pair) == pair;
  }
  void put(const Pair& pair) {
    const std::lock_guard lock(mutex_);
    place_of(pair) = pair;
  }

 private:
  static constexpr std::size_t kPlaces = 4096;
  Pair& place_of(const Pair& pair) { return places_[(pair.leaf[0] | static_cast<std::size_t>(pair.leaf[1]) << 8) % kPlaces]; }
  std::mutex mutex_;
  std::array<Pair, kPlaces> places_{};
};

RightSignatures& right_signatures() {
  static RightSignatures known;
  return known;
}

crypto::X509Handle parsed(ByteView der, OSSL_LIB_CTX* context) {
  const std::uint8_t* at = der.data();
  X509* x509 = X509_new_ex(context, nullptr);
  crypto::must(x509 != nullptr, "X509");
  d2i_X509(&x509, &at, static_cast<long>(der.size()));  // null when it does not parse
  ERR_clear_error();
  return crypto::X509Handle(x509);
}

}  // namespace

struct Certificate::Body {
  crypto::X509Handle x509;  // without its key
  Bytes der;
  Hash256 fingerprint;
  Facts facts;
  mutable std::once_flag once = {};
  mutable crypto::X509Handle native = {};
};

Result<Certificate> Certificate::from_der(ByteView der) {
  const auto bad = [] { return Error{Code::malformed, "pki.certificate", "not a certificate in DER"}; };
  if (der.empty() || der.size() > kMaxCertificate) return bad();
  crypto::X509Handle x509 = parsed(der, no_providers());
  // Encoded again it must be the same: nothing left over, and one certificate has one fingerprint.
  if (!x509 || !std::ranges::equal(der_of<i2d_X509>(x509.get()), der)) return bad();
  Facts facts;
  if (auto read = read_facts(x509.get()); read) {
    facts = std::move(*read);
  } else {
    return Error{Code::malformed, "pki.certificate", read.error().detail};
  }
  return Certificate(std::shared_ptr<const Body>(new Body{std::move(x509), to_bytes(der), crypto::sha256(der), std::move(facts)}));
}

Result<Certificate> Certificate::from_pem(std::string_view pem) { return from_der(TF_TRY(certificate_der(pem))); }
Result<Bytes> certificate_der(std::string_view pem) { return from_pem_text(pem, kLabel); }

const Bytes& Certificate::der() const { return body_->der; }
std::string Certificate::to_pem() const { return to_pem_text(kLabel, body_->der); }
const Hash256& Certificate::fingerprint() const { return body_->fingerprint; }

const std::string& Certificate::common_name() const { return body_->facts.common_name; }
const std::string& Certificate::subject_serial_number() const { return body_->facts.subject_serial_number; }
const std::string& Certificate::serial_hex() const { return body_->facts.serial_hex; }
std::string Certificate::subject_text() const { return text_of(X509_get_subject_name(body_->x509.get())); }
std::string Certificate::issuer_text() const { return text_of(X509_get_issuer_name(body_->x509.get())); }
std::int64_t Certificate::not_before_ms() const { return body_->facts.not_before_ms; }
std::int64_t Certificate::not_after_ms() const { return body_->facts.not_after_ms; }
Result<std::vector<wire::DsnRange>> Certificate::dsn_ranges() const { return body_->facts.dsn_ranges; }
bool Certificate::serves(const wire::Dsn& dsn) const { return check_dsn(body_->facts, dsn).has_value(); }
bool Certificate::has_usage(Usage usage) const { return body_->facts.usages.has(usage); }
bool Certificate::is_ca() const { return body_->facts.is_ca; }
const Facts& Certificate::facts() const { return body_->facts; }

X509* Certificate::native() const {
  std::call_once(body_->once, [this] { body_->native = parsed(body_->der, nullptr); });
  return body_->native.get();
}

Result<crypto::PublicKey> Certificate::public_key() const {
  if (!body_->facts.key)
    return Error{Code::refused, "pki.bad_certificate", "its key is neither P-256 nor RSA of 2048 to 8192 bits"};
  return *body_->facts.key;
}

bool Certificate::is_issued_by(const Certificate& issuer) const {
  const X509* own = body_->x509.get();
  const auto& key = issuer.body_->facts.key;
  const ASN1_BIT_STRING* signature = nullptr;
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(&signature, &algorithm, own);
  const bool named = key && X509_NAME_cmp(X509_get_issuer_name(own), X509_get_subject_name(issuer.body_->x509.get())) == 0;
  if (!named || X509_ALGOR_cmp(algorithm, X509_get0_tbs_sigalg(own)) != 0) return false;
  const RightSignatures::Pair pair{fingerprint(), issuer.fingerprint()};
  if (right_signatures().has(pair)) return true;
  const bool right = is_signature(*key, algorithm, first_element(first_element(body_->der, true), false), signature);
  if (right) right_signatures().put(pair);
  return right;
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

Status check_chain_length(std::size_t certificates) {
  if (certificates >= 1 && certificates <= 4) return {};
  return Error{Code::refused, "pki.bad_certificate", "a chain is one to four certificates"};
}

Result<std::vector<Certificate>> chain_from_der(const std::vector<Bytes>& chain) {
  TF_CHECK(check_chain_length(chain.size()));
  std::vector<Certificate> out;
  for (const Bytes& der : chain) out.push_back(TF_TRY(Certificate::from_der(der)));
  return out;
}

}  // namespace tf::pki
