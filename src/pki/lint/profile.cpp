// A certificate against its profile. What the profile does not name is not to be there.
#include <fmt/format.h>

#include <algorithm>

#include "base/durations.hpp"
#include "pki/asn1.hpp"
#include "pki/lint/parts.hpp"
#include "pki/oids.hpp"
#include "pki/profile/words.hpp"

namespace tf::pki::linting {
namespace {

constexpr std::int64_t kBackdatedMs = 300'000;  // issue.hpp: clocks differ

void match_key(const Subject& it, const Profile& profile) {
  const char* where = "subjectPublicKeyInfo";
  if (it.key_kind() == Key::unreadable) return;
  const bool p256 = it.key_kind() == Key::ec && it.curve() == NID_X9_62_prime256v1;
  if (const int bits = EVP_PKEY_get_bits(it.key()); it.key_kind() == Key::rsa && profile.rsa) {
    if (bits < profile.rsa_bits_min || bits > profile.rsa_bits_max)
      it.error("profile.key_size", where, fmt::format("RSA of {} bits; {} to {} are allowed", bits, profile.rsa_bits_min, profile.rsa_bits_max));
  } else if (!p256 || !profile.p256) {
    it.error("profile.key_kind", where, "a kind of key that key.kinds does not name");
  }
}

void match_usages(const Subject& it, const Profile& profile) {
  if (it.key_usage_bits() != profile.key_usage)
    it.error("profile.key_usage", "extensions.keyUsage",
             fmt::format("{}; the profile has {}", words::key_usage_text(it.key_usage_bits()), words::key_usage_text(profile.key_usage)));
  const auto& found = it.extended_key_usages();
  for (const std::string& usage : profile.extended_key_usages)
    if (!found.contains(usage)) it.error("profile.extended_usage", "extensions.extKeyUsage", words::extended_usage_text(usage) + " is missing");
  for (const std::string& usage : found)
    if (!profile.extended_key_usages.contains(usage))
      it.error("profile.extended_usage", "extensions.extKeyUsage", words::extended_usage_text(usage) + " is not in the profile");
}

void match_authority(const Subject& it, const Profile& profile) {
  const char* where = "extensions.basicConstraints";
  const auto constraints = it.basic_constraints();
  if (it.is_ca() != profile.path_length.has_value())
    it.error("profile.authority", where, it.is_ca() ? "an authority; the profile is of none" : "no authority; the profile is of one");
  if (!it.is_ca() || !profile.path_length) return;
  if (constraints.value->pathlen == nullptr || ASN1_INTEGER_get(constraints.value->pathlen) != *profile.path_length)
    it.error("profile.path_length", where, fmt::format("not {}", *profile.path_length));
}

void match_validity(const Subject& it, const Profile& profile) {
  const auto from = ms_of(it.outline.not_before), until = ms_of(it.outline.not_after);
  if (from && until) match_period(it, *from, *until, profile);
}

void match_subject(const Subject& it, const Profile& profile) {
  std::set<int> found;
  const X509_NAME* name = it.outline.subject;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const ASN1_OBJECT* object = X509_NAME_ENTRY_get_object(X509_NAME_get_entry(name, i));
    const int nid = OBJ_obj2nid(object);
    found.insert(nid);
    match_attribute(it, nid, object, profile);
  }
  match_required(it, found, profile);
}

void match_names(const Subject& it, const Profile& profile) {
  const char* where = "extensions.subjectAltName";
  std::set<NameKind> found;
  const auto names = it.subject_alt_name();
  for (int i = 0; names.value != nullptr && i < sk_GENERAL_NAME_num(names.value); ++i) {
    const auto kind = kind_of(sk_GENERAL_NAME_value(names.value, i));
    if (!kind) it.error("profile.alt_name", where, "a kind of name that no profile has");
    if (kind && found.insert(*kind).second && !profile.names.allows(*kind))
      it.error("profile.alt_name", where, fmt::format("{} is not in the profile", name_of(*kind)));
  }
  for (const NameKind kind : profile.names.required)
    if (!found.contains(kind)) it.error("profile.alt_name", where, fmt::format("{} is missing", name_of(kind)));
}

bool has_distribution_url(const Subject& it) {
  const auto points = it.extension<CRL_DIST_POINTS>(NID_crl_distribution_points);
  for (int i = 0; points.value != nullptr && i < sk_DIST_POINT_num(points.value); ++i) {
    const DIST_POINT_NAME* name = sk_DIST_POINT_value(points.value, i)->distpoint;
    if (name != nullptr && name->type == 0 && sk_GENERAL_NAME_num(name->name.fullname) > 0) return true;
  }
  return false;
}

bool has_ocsp_url(const Subject& it) {
  const auto access = it.extension<AUTHORITY_INFO_ACCESS>(NID_info_access);
  for (int i = 0; access.value != nullptr && i < sk_ACCESS_DESCRIPTION_num(access.value); ++i)
    if (OBJ_obj2nid(sk_ACCESS_DESCRIPTION_value(access.value, i)->method) == NID_ad_OCSP) return true;
  return false;
}

bool expected(const std::string& dotted, const Profile& profile) {
  if (profile.absent_extensions.contains(dotted)) return false;
  if (dotted == words::kExtKeyUsage) return !profile.extended_key_usages.empty();
  if (dotted == words::kSubjectAltName) return !profile.names.empty();
  if (dotted == words::kCrlDistributionPoints) return profile.crl_distribution_point;
  if (dotted == words::kAuthorityInfoAccess) return profile.ocsp_url;
  if (dotted == words::kOcspNoCheck) return profile.purpose == ProfilePurpose::ocsp_signer;
  return dotted == words::kBasicConstraints || dotted == words::kKeyUsage || dotted == words::kSubjectKeyId ||
         dotted == words::kAuthorityKeyId || profile.critical_extensions.contains(dotted);
}

void match_extensions(const Subject& it, const Profile& profile) {
  std::set<std::string> found;
  for (const Decoded& one : it.extensions) {
    const std::string dotted = one.dotted();
    if (!expected(dotted, profile)) it.error("profile.extension", one.where(), "not in the profile");
    const bool critical = dotted == words::kBasicConstraints || dotted == words::kKeyUsage || profile.critical_extensions.contains(dotted);
    if (one.critical != critical) it.error("profile.critical", one.where(), one.critical ? "critical" : "not critical");
    found.insert(dotted);
  }
  const auto want = [&](const std::string& one) {
    if (!found.contains(one)) it.error("profile.extension", "extensions." + words::extension_text(one), "missing");
  };
  want(words::kBasicConstraints);
  want(words::kKeyUsage);
  for (const std::string& one : profile.critical_extensions)
    if (one != words::kBasicConstraints && one != words::kKeyUsage) want(one);
  if (profile.crl_distribution_point && !has_distribution_url(it))
    it.error("profile.crl_distribution_point", "extensions.cRLDistributionPoints", "no distribution point");
  if (profile.ocsp_url && !has_ocsp_url(it)) it.error("profile.ocsp_url", "extensions.authorityInfoAccess", "no OCSP responder");
  if (profile.purpose == ProfilePurpose::ocsp_signer && !found.contains(words::kOcspNoCheck))
    it.error("profile.ocsp_nocheck", "extensions.ocspNoCheck", "missing");
}

}  // namespace

void match_attribute(const Report& report, int nid, const ASN1_OBJECT* kind, const Profile& profile) {
  if (nid == NID_undef || !profile.subject.allows(nid))
    report.error("profile.subject", "subject." + (nid == NID_undef ? words::dotted(kind) : words::attribute_text(nid)), "not in the profile");
}

void match_required(const Report& report, const std::set<int>& found, const Profile& profile) {
  for (const int nid : profile.subject.required)
    if (!found.contains(nid)) report.error("profile.subject", "subject." + words::attribute_text(nid), "missing");
}

void match_period(const Report& report, std::int64_t not_before_ms, std::int64_t not_after_ms, const Profile& profile) {
  if (not_after_ms - not_before_ms > profile.validity_days_max * kDayMs + kBackdatedMs)
    report.error("profile.validity", "validity", fmt::format("longer than {} days", profile.validity_days_max));
}

void lint_profile(const Subject& subject, const Profile& profile) {
  match_key(subject, profile);
  match_usages(subject, profile);
  match_authority(subject, profile);
  match_validity(subject, profile);
  match_subject(subject, profile);
  match_names(subject, profile);
  match_extensions(subject, profile);
}

}  // namespace tf::pki::linting
