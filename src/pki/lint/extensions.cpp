// The extensions but for subjectAltName (RFC 5280 §4.2).
#include <fmt/format.h>

#include <algorithm>

#include "pki/asn1.hpp"
#include "pki/facts.hpp"
#include "pki/lint/parts.hpp"
#include "pki/profile/words.hpp"

namespace tf::pki::linting {
namespace {

void lint_all(const Subject& it) {
  for (const Decoded& one : it.extensions) {
    if (one.twice) it.error("rfc5280.extension_twice", one.where(), "it stands twice (§4.2)");
    if (one.critical && !understood(one.extension)) it.warning("practice.unknown_critical", one.where(), "critical, and path validation does not know it");
    if (one.item == nullptr) continue;
    if (one.value == nullptr)
      it.error("rfc5280.extension_unreadable", one.where(), "its value does not parse");
    else if (!one.strict)
      it.error("rfc5280.extension_der", one.where(), "its value is not strict DER");
  }
}

void lint_basic_constraints(const Subject& it) {
  const char* where = "extensions.basicConstraints";
  const auto constraints = it.basic_constraints();
  const bool signs = (it.key_usage_bits() & KU_KEY_CERT_SIGN) != 0;
  if (it.is_ca() && constraints.critical != 1) it.error("rfc5280.basic_constraints_critical", where, "not critical in an authority (§4.2.1.9)");
  if (signs && !it.is_ca()) it.error("rfc5280.cert_sign_without_ca", where, "keyCertSign without cA (§4.2.1.9)");
  if (constraints.value != nullptr && constraints.value->pathlen != nullptr && (!it.is_ca() || !signs))
    it.error("rfc5280.path_length", where, "a path length without cA and keyCertSign (§4.2.1.9)");
  if (constraints.value != nullptr && constraints.value->pathlen != nullptr && ASN1_INTEGER_get(constraints.value->pathlen) < 0)
    it.error("rfc5280.path_length", where, "a negative path length");
}

void lint_key_usage(const Subject& it) {
  const char* where = "extensions.keyUsage";
  const auto usage = it.key_usage();
  const std::uint32_t bits = it.key_usage_bits();
  if (!usage.present() && it.is_ca()) it.error("rfc5280.ca_key_usage", where, "an authority has none (§4.2.1.3)");
  if (!usage.present() || usage.value == nullptr) return;
  if (usage.critical != 1) it.warning("rfc5280.key_usage_critical", where, "not critical (§4.2.1.3)");
  if (bits == 0) it.error("rfc5280.key_usage_empty", where, "no bit is set (§4.2.1.3)");
  if (bits != 0 && octets_of(usage.value).back() == 0) it.error("rfc5280.extension_der", where, "zero bits at its end (X.690 §11.2.2)");
  if (it.is_ca() && (bits & KU_KEY_CERT_SIGN) == 0) it.warning("practice.ca_without_cert_sign", where, "an authority that may not sign certificates");
  if ((bits & (KU_ENCIPHER_ONLY | KU_DECIPHER_ONLY)) != 0 && (bits & KU_KEY_AGREEMENT) == 0)
    it.error("rfc5280.key_usage_only", where, "encipherOnly or decipherOnly without keyAgreement (§4.2.1.3)");
  if (it.key_kind() == Key::ec && (bits & (KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT)) != 0)
    it.error("rfc8813.key_usage", where, "an EC key does not encipher (RFC 8813 §3)");
  if (it.key_kind() == Key::rsa && (bits & KU_KEY_AGREEMENT) != 0)
    it.error("rfc3279.key_usage", where, "an RSA key does not agree (RFC 3279 §2.3.1)");
}

void lint_extended_usage(const Subject& it) {
  const char* where = "extensions.extKeyUsage";
  const auto usages = it.extended_key_usage();
  if (usages.value == nullptr) return;
  const auto& names = it.extended_key_usages();
  const int count = sk_ASN1_OBJECT_num(usages.value);
  if (count == 0) it.error("rfc5280.extended_usage_empty", where, "it names nothing (§4.2.1.12)");
  if (static_cast<std::size_t>(count) != names.size()) it.warning("practice.extended_usage_twice", where, "a usage stands twice");
  if (names.contains(words::kAnyExtendedKeyUsage)) {
    it.error("practice.any_extended_usage", where, "anyExtendedKeyUsage allows everything");
    if (usages.critical == 1) it.warning("rfc5280.any_extended_usage_critical", where, "critical beside anyExtendedKeyUsage (§4.2.1.12)");
  }
  if (it.is_ca() || !names.contains(words::kOcspSigning)) return;
  if (names.size() > 1) it.error("practice.ocsp_signing_alone", where, "OCSPSigning beside other usages");
  if (std::ranges::none_of(it.extensions, [](const Decoded& one) { return one.nid == NID_id_pkix_OCSP_noCheck; }))
    it.warning("rfc6960.ocsp_nocheck", where, "an OCSP signer without id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1)");
}

void lint_key_ids(const Subject& it) {
  const auto own = it.extension<ASN1_OCTET_STRING>(NID_subject_key_identifier);
  const auto above = it.extension<AUTHORITY_KEYID>(NID_authority_key_identifier);
  const bool self_issued = X509_NAME_cmp(it.outline.subject, it.outline.issuer) == 0;
  if (!own.present() && it.is_ca()) it.error("rfc5280.subject_key_id", "extensions.subjectKeyIdentifier", "an authority has none (§4.2.1.2)");
  if (!own.present() && !it.is_ca()) it.warning("rfc5280.subject_key_id", "extensions.subjectKeyIdentifier", "missing (§4.2.1.2)");
  if (own.critical == 1) it.error("rfc5280.key_id_critical", "extensions.subjectKeyIdentifier", "critical (§4.2.1.2)");
  if (above.critical == 1) it.error("rfc5280.key_id_critical", "extensions.authorityKeyIdentifier", "critical (§4.2.1.1)");
  const bool named = above.value != nullptr && above.value->keyid != nullptr;
  if (!named && !self_issued) it.error("rfc5280.authority_key_id", "extensions.authorityKeyIdentifier", "no keyIdentifier (§4.2.1.1)");
  if (named && it.context.issuer && !std::ranges::equal(octets_of(above.value->keyid), it.context.issuer->facts().subject_key_id))
    it.error("rfc5280.authority_key_id", "extensions.authorityKeyIdentifier", "not the issuer's key identifier (§4.2.1.1)");
}

bool is_plain_url(const GENERAL_NAME* name) {
  return name->type == GEN_URI && as_text(octets_of(name->d.uniformResourceIdentifier)).starts_with("http://");
}

void lint_distribution_points(const Subject& it) {
  const char* where = "extensions.cRLDistributionPoints";
  const auto points = it.extension<CRL_DIST_POINTS>(NID_crl_distribution_points);
  if (points.critical == 1) it.warning("rfc5280.crl_points_critical", where, "critical (§4.2.1.13)");
  for (int i = 0; points.value != nullptr && i < sk_DIST_POINT_num(points.value); ++i) {
    const DIST_POINT* point = sk_DIST_POINT_value(points.value, i);
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
  const auto access = it.extension<AUTHORITY_INFO_ACCESS>(NID_info_access);
  if (access.critical == 1) it.error("rfc5280.information_access_critical", where, "critical (§4.2.2.1)");
  for (int i = 0; access.value != nullptr && i < sk_ACCESS_DESCRIPTION_num(access.value); ++i)
    if (!is_plain_url(sk_ACCESS_DESCRIPTION_value(access.value, i)->location))
      it.warning("practice.access_url", where, "not an http URL (BR §7.1.2.7.7)");
}

void lint_name_constraints(const Subject& it) {
  const auto constraints = it.extension<NAME_CONSTRAINTS>(NID_name_constraints);
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
