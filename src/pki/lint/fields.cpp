// The fields outside the extensions (RFC 5280 §4.1).
#include <fmt/format.h>
#include <openssl/core_names.h>

#include <ctime>

#include "pki/asn1.hpp"
#include "pki/lint/parts.hpp"

namespace tf::pki::linting {
namespace {

constexpr int kEnoughBits = 112;  // SP 800-57: RSA of 2048, curves of 224

void lint_version(const Subject& it) {
  if (it.outline.version != X509_VERSION_3) it.error("rfc5280.version", "version", "not version 3 (§4.1.2.1)");
  if (it.outline.unique_identifiers)
    it.error("rfc5280.unique_identifier", "uniqueID", "unique identifiers are not to be made (§4.1.2.8)");
}

void lint_serial(const Subject& it) {
  const crypto::Handle<BIGNUM, BN_free> number(ASN1_INTEGER_to_BN(it.outline.serial, nullptr));
  lint_number(it, number.get());
}

// Read as generously as OpenSSL does.
std::optional<std::int64_t> lint_time(const Subject& it, const ASN1_TIME* time, const char* where) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
    it.error("rfc5280.time_unreadable", where, "not a time");
    return std::nullopt;
  }
  if (!ms_of(time)) it.error("rfc5280.time_form", where, "not in UTC with seconds and without fractions (§4.1.2.5)");
  lint_time_type(it, ASN1_STRING_type(time) == V_ASN1_UTCTIME, parts.tm_year + 1900, where);
  return static_cast<std::int64_t>(timegm(&parts)) * 1000;
}

void lint_validity(const Subject& it) {
  const auto from = lint_time(it, it.outline.not_before, "validity.notBefore");
  const auto until = lint_time(it, it.outline.not_after, "validity.notAfter");
  if (!from || !until) return;
  lint_period(it, *from, *until, it.context.issuer ? &*it.context.issuer : nullptr, it.context.now_ms);
}

void lint_rsa(const Subject& it, const EVP_PKEY* key) {
  BIGNUM* exponent = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent);
  const crypto::Handle<BIGNUM, BN_free> owned(exponent);
  if (!owned || BN_is_odd(exponent) != 1 || BN_num_bits(exponent) < 17)
    it.error("practice.rsa_exponent", "subjectPublicKeyInfo", "an exponent below 65537, or an even one (BR §6.1.6)");
  if (EVP_PKEY_get_bits(key) % 8 != 0) it.error("practice.rsa_size", "subjectPublicKeyInfo", "a modulus that is not whole octets (BR §6.1.5)");
}

void lint_curve(const Subject& it) {
  int parameter = V_ASN1_UNDEF;
  const void* value = nullptr;
  X509_ALGOR_get0(nullptr, &parameter, &value, it.outline.key_algorithm);
  const int nid = parameter == V_ASN1_OBJECT ? it.curve() : NID_undef;
  if (nid != NID_X9_62_prime256v1 && nid != NID_secp384r1 && nid != NID_secp521r1)
    it.error("practice.curve", "subjectPublicKeyInfo", "not a named curve of P-256, P-384 and P-521 (RFC 5480 §2.1.1)");
}

void lint_key(const Subject& it) {
  const EVP_PKEY* key = it.key();
  if (key == nullptr) {
    it.error("rfc5280.key_unreadable", "subjectPublicKeyInfo", "not a key that can be read");
    return;
  }
  if (EVP_PKEY_get_security_bits(key) < kEnoughBits)
    it.error("practice.weak_key", "subjectPublicKeyInfo", fmt::format("{} bits are too weak", EVP_PKEY_get_bits(key)));
  if (it.key_kind() == Key::rsa) lint_rsa(it, key);
  if (it.key_kind() == Key::ec) lint_curve(it);
}

void lint_signature(const Subject& it) {
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(nullptr, &algorithm, it.x509);
  if (X509_ALGOR_cmp(algorithm, X509_get0_tbs_sigalg(it.x509)) != 0)
    it.error("rfc5280.signature_algorithm", "signatureAlgorithm", "not the one that was signed (§4.1.1.2)");
  // OpenSSL keeps what it finds in the certificate; nothing that is encoded changes.
  X509* x509 = const_cast<X509*>(it.x509);
  int strength = 0;
  if (X509_get_signature_info(x509, nullptr, nullptr, &strength, nullptr) != 1)
    it.error("practice.unknown_signature", "signatureAlgorithm", "an algorithm we do not know");
  else if (strength < kEnoughBits)
    it.error("practice.weak_hash", "signatureAlgorithm", "a hash that is too weak to sign with");
  if (it.context.issuer && X509_verify(x509, X509_get0_pubkey(it.context.issuer->native())) != 1)
    it.error("rfc5280.signature_wrong", "signatureValue", "not a signature of the issuer's key");
}

}  // namespace

void lint_number(const Report& report, const BIGNUM* serial) {
  if (serial == nullptr || BN_is_negative(serial) == 1 || BN_is_zero(serial) == 1) {
    report.error("rfc5280.serial_sign", "serialNumber", "not a positive number (§4.1.2.2)");
    return;
  }
  const int octets = BN_num_bits(serial) / 8 + 1;  // with room for the sign
  if (octets > 20) report.error("rfc5280.serial_size", "serialNumber", fmt::format("{} octets; at most 20 (§4.1.2.2)", octets));
  if (BN_num_bytes(serial) < 8)
    report.error("practice.serial_entropy", "serialNumber", fmt::format("{} octets are no room for 64 random bits (BR §7.1)", BN_num_bytes(serial)));
}

void lint_time_type(const Report& report, bool utc_time, int year, const char* where) {
  if (utc_time != (year < 2050)) report.error("rfc5280.time_type", where, "UTCTime through 2049, GeneralizedTime from 2050 (§4.1.2.5)");
}

void lint_period(const Report& report, std::int64_t not_before_ms, std::int64_t not_after_ms, const Certificate* issuer, std::optional<std::int64_t> now_ms) {
  if (not_after_ms <= not_before_ms) report.error("rfc5280.validity_order", "validity", "it ends before it begins");
  if (now_ms && not_before_ms > *now_ms) report.error("practice.not_before_future", "validity.notBefore", "it begins in the future");
  if (now_ms && not_after_ms <= *now_ms) report.note("practice.expired", "validity.notAfter", "it has expired");
  if (issuer == nullptr) return;
  if (not_after_ms > issuer->not_after_ms()) report.error("practice.outlives_issuer", "validity.notAfter", "it ends after its issuer's certificate");
  if (not_before_ms < issuer->not_before_ms()) report.warning("practice.older_than_issuer", "validity.notBefore", "it begins before its issuer's certificate");
}

void lint_fields(const Subject& subject) {
  lint_version(subject);
  lint_serial(subject);
  lint_validity(subject);
  lint_key(subject);
  if (subject.x509 != nullptr) lint_signature(subject);
}

}  // namespace tf::pki::linting
