// The extensions but for subjectAltName (RFC 5280 §4.2).
#include <fmt/format.h>

#include <algorithm>

#include "pki/asn1.hpp"
#include "pki/facts.hpp"
#include "pki/lint/parts.hpp"
#include "pki/profile/words.hpp"

namespace tf::pki::linting {
namespace {

std::string where_of(const std::string& dotted) { return "extensions." + words::extension_text(dotted); }

// Read with OpenSSL's template for it and written again: is it DER, and all of it?
void lint_encoding(const Subject& it, X509_EXTENSION* extension, const std::string& where) {
  const X509V3_EXT_METHOD* method = X509V3_EXT_get(extension);
  if (method == nullptr || method->it == nullptr) return;
  const ByteView octets = octets_of(X509_EXTENSION_get_data(extension));
  const std::uint8_t* at = octets.data();
  ASN1_VALUE* value = ASN1_item_d2i(nullptr, &at, static_cast<long>(octets.size()), ASN1_ITEM_ptr(method->it));
  std::uint8_t* again = nullptr;
  const int size = value == nullptr ? -1 : ASN1_item_i2d(value, &again, ASN1_ITEM_ptr(method->it));
  if (value == nullptr)
    it.error("rfc5280.extension_unreadable", where, "its value does not parse");
  else if (size < 0 || !std::ranges::equal(ByteView(again, static_cast<std::size_t>(size)), octets))
    it.error("rfc5280.extension_der", where, "its value is not strict DER");
  OPENSSL_free(again);
  ASN1_item_free(value, ASN1_ITEM_ptr(method->it));
}

void lint_all(const Subject& it) {
  std::set<std::string> seen;
  for (int i = 0; i < X509_get_ext_count(it.x509); ++i) {
    X509_EXTENSION* extension = X509_get_ext(it.x509, i);
    const std::string dotted = words::dotted(X509_EXTENSION_get_object(extension));
    if (!seen.insert(dotted).second) it.error("rfc5280.extension_twice", where_of(dotted), "it stands twice (§4.2)");
    if (X509_EXTENSION_get_critical(extension) == 1 && !understood(extension))
      it.warning("practice.unknown_critical", where_of(dotted), "critical, and path validation does not know it");
    lint_encoding(it, extension, where_of(dotted));
  }
}

void lint_basic_constraints(const Subject& it) {
  const char* where = "extensions.basicConstraints";
  const auto constraints = it.basic_constraints();
  const bool signs = (it.key_usage_bits() & KU_KEY_CERT_SIGN) != 0;
  if (it.is_ca() && constraints.critical != 1) it.error("rfc5280.basic_constraints_critical", where, "not critical in an authority (§4.2.1.9)");
  if (signs && !it.is_ca()) it.error("rfc5280.cert_sign_without_ca", where, "keyCertSign without cA (§4.2.1.9)");
  if (constraints.value && constraints.value->pathlen != nullptr && (!it.is_ca() || !signs))
    it.error("rfc5280.path_length", where, "a path length without cA and keyCertSign (§4.2.1.9)");
  if (constraints.value && constraints.value->pathlen != nullptr && ASN1_INTEGER_get(constraints.value->pathlen) < 0)
    it.error("rfc5280.path_length", where, "a negative path length");
}

void lint_key_usage(const Subject& it) {
  const char* where = "extensions.keyUsage";
  const auto usage = it.key_usage();
  const std::uint32_t bits = it.key_usage_bits();
  const EVP_PKEY* key = it.key();
  if (!usage.present() && it.is_ca()) it.error("rfc5280.ca_key_usage", where, "an authority has none (§4.2.1.3)");
  if (!usage.present() || !usage.value) return;
  if (usage.critical != 1) it.warning("rfc5280.key_usage_critical", where, "not critical (§4.2.1.3)");
  if (bits == 0) it.error("rfc5280.key_usage_empty", where, "no bit is set (§4.2.1.3)");
  if (bits != 0 && octets_of(usage.value.get()).back() == 0) it.error("rfc5280.extension_der", where, "zero bits at its end (X.690 §11.2.2)");
  if (it.is_ca() && (bits & KU_KEY_CERT_SIGN) == 0) it.warning("practice.ca_without_cert_sign", where, "an authority that may not sign certificates");
  if ((bits & (KU_ENCIPHER_ONLY | KU_DECIPHER_ONLY)) != 0 && (bits & KU_KEY_AGREEMENT) == 0)
    it.error("rfc5280.key_usage_only", where, "encipherOnly or decipherOnly without keyAgreement (§4.2.1.3)");
  if (key == nullptr) return;
  if (EVP_PKEY_is_a(key, "EC") == 1 && (bits & (KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT)) != 0)
    it.error("rfc8813.key_usage", where, "an EC key does not encipher (RFC 8813 §3)");
  if (EVP_PKEY_is_a(key, "RSA") == 1 && (bits & KU_KEY_AGREEMENT) != 0)
    it.error("rfc3279.key_usage", where, "an RSA key does not agree (RFC 3279 §2.3.1)");
}

void lint_extended_usage(const Subject& it) {
  const char* where = "extensions.extKeyUsage";
  const auto usages = it.extended_key_usage();
  if (!usages.value) return;
  const auto names = it.extended_key_usages();
  const int count = sk_ASN1_OBJECT_num(usages.value.get());
  if (count == 0) it.error("rfc5280.extended_usage_empty", where, "it names nothing (§4.2.1.12)");
  if (static_cast<std::size_t>(count) != names.size()) it.warning("practice.extended_usage_twice", where, "a usage stands twice");
  if (names.contains(words::kAnyExtendedKeyUsage)) {
    it.error("practice.any_extended_usage", where, "anyExtendedKeyUsage allows everything");
    if (usages.critical == 1) it.warning("rfc5280.any_extended_usage_critical", where, "critical beside anyExtendedKeyUsage (§4.2.1.12)");
  }
  if (it.is_ca() || !names.contains(words::kOcspSigning)) return;
  if (names.size() > 1) it.error("practice.ocsp_signing_alone", where, "OCSPSigning beside other usages");
  if (X509_get_ext_by_NID(it.x509, NID_id_pkix_OCSP_noCheck, -1) < 0)
    it.warning("rfc6960.ocsp_nocheck", where, "an OCSP signer without id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1)");
}

void lint_key_ids(const Subject& it) {
  const auto own = it.extension<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>(NID_subject_key_identifier);
  const auto above = it.extension<AUTHORITY_KEYID, AUTHORITY_KEYID_free>(NID_authority_key_identifier);
  const bool self_issued = X509_NAME_cmp(X509_get_subject_name(it.x509), X509_get_issuer_name(it.x509)) == 0;
  if (!own.present() && it.is_ca()) it.error("rfc5280.subject_key_id", "extensions.subjectKeyIdentifier", "an authority has none (§4.2.1.2)");
  if (!own.present() && !it.is_ca()) it.warning("rfc5280.subject_key_id", "extensions.subjectKeyIdentifier", "missing (§4.2.1.2)");
  if (own.critical == 1) it.error("rfc5280.key_id_critical", "extensions.subjectKeyIdentifier", "critical (§4.2.1.2)");
  if (above.critical == 1) it.error("rfc5280.key_id_critical", "extensions.authorityKeyIdentifier", "critical (§4.2.1.1)");
  const bool named = above.value && above.value->keyid != nullptr;
  if (!named && !self_issued) it.error("rfc5280.authority_key_id", "extensions.authorityKeyIdentifier", "no keyIdentifier (§4.2.1.1)");
  if (named && it.context.issuer && !std::ranges::equal(octets_of(above.value->keyid), it.context.issuer->facts().subject_key_id))
    it.error("rfc5280.authority_key_id", "extensions.authorityKeyIdentifier", "not the issuer's key identifier (§4.2.1.1)");
}

bool is_plain_url(const GENERAL_NAME* name) {
  return name->type == GEN_URI && as_text(octets_of(name->d.uniformResourceIdentifier)).starts_with("http://");
}

void lint_distribution_points(const Subject& it) {
  const char* where = "extensions.cRLDistributionPoints";
  const auto points = it.extension<CRL_DIST_POINTS, CRL_DIST_POINTS_free>(NID_crl_distribution_points);
  if (points.critical == 1) it.warning("rfc5280.crl_points_critical", where, "critical (§4.2.1.13)");
  for (int i = 0; points.value && i < sk_DIST_POINT_num(points.value.get()); ++i) {
    const DIST_POINT* point = sk_DIST_POINT_value(points.value.get(), i);
    if (point->distpoint == nullptr && point->CRLissuer == nullptr)
      it.error("rfc5280.crl_point", where, "a point with neither a name nor an issuer (§4.2.1.13)");
    if (point->reasons != nullptr) it.warning("practice.crl_reasons", where, "a list for some reasons only");
    if (point->distpoint == nullptr || point->distpoint->type != 0) continue;
    const GENERAL_NAMES* names = point->distpoint->name.fullname;
    for (int j = 0; j < sk_GENERAL_NAME_num(names); ++j)
      if (!is_plain_url(sk_GENERAL_NAME_value(names, j))) it.warning("practice.crl_url", where, "not an http URL (BR §7.1.2.11.2)");
  }
}

void lint_information_access(const Subject& it) {
  const char* where = "extensions.authorityInfoAccess";
  const auto access = it.extension<AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free>(NID_info_access);
  if (access.critical == 1) it.error("rfc5280.information_access_critical", where, "critical (§4.2.2.1)");
  for (int i = 0; access.value && i < sk_ACCESS_DESCRIPTION_num(access.value.get()); ++i)
    if (!is_plain_url(sk_ACCESS_DESCRIPTION_value(access.value.get(), i)->location))
      it.warning("practice.access_url", where, "not an http URL (BR §7.1.2.7.7)");
}

void lint_name_constraints(const Subject& it) {
  const auto constraints = it.extension<NAME_CONSTRAINTS, NAME_CONSTRAINTS_free>(NID_name_constraints);
  if (!constraints.present()) return;
  if (!it.is_ca()) it.error("rfc5280.name_constraints", "extensions.nameConstraints", "in a certificate that is no authority's (§4.2.1.10)");
  if (constraints.critical != 1) it.error("rfc5280.name_constraints", "extensions.nameConstraints", "not critical (§4.2.1.10)");
}

}  // namespace

void lint_extensions(const Subject& subject) {
  lint_all(subject);
  lint_basic_constraints(subject);
  lint_key_usage(subject);
  lint_extended_usage(subject);
  lint_key_ids(subject);
  lint_distribution_points(subject);
  lint_information_access(subject);
  lint_name_constraints(subject);
}

}  // namespace tf::pki::linting
