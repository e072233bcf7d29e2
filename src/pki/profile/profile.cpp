// What a profile may not ask for. Clauses: RFC 5280 unless another is named; BR: the CA/Browser Forum's Baseline
// Requirements.
#include "pki/profile/profile.hpp"

#include <algorithm>

#include "base/durations.hpp"
#include "pki/facts.hpp"
#include "pki/oids.hpp"
#include "pki/profile/words.hpp"

namespace tf::pki {
namespace {

using Purpose = ProfilePurpose;
using Faults = std::vector<std::string>;

constexpr std::uint32_t kIssuing = KU_KEY_CERT_SIGN | KU_CRL_SIGN;
constexpr std::uint32_t kEnciphering = KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT;
constexpr int kServerDays = 398;     // BR §6.3.2 of 2020; the public Web's limit goes on falling
constexpr int kOcspSignerDays = 30;  // it bears id-pkix-ocsp-nocheck, so it must not live long
constexpr int kShortLivedDays = 7;   // BR §1.6.1: needs no revocation

void require(Faults& faults, bool right, const char* fault) {
  if (!right) faults.emplace_back(fault);
}

void check_name(const Profile& p, Faults& faults) {
  const bool plain = p.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string::npos;
  require(faults, !p.name.empty() && p.name.size() <= 64 && plain && p.name.front() != '.' && p.name.front() != '-',
          "name is 1 to 64 of a-z, 0-9, '.', '_' and '-', and does not begin with '.' or '-'");
}

void check_key(const Profile& p, Faults& faults) {
  require(faults, p.p256 || p.rsa, "key.kinds names no kind of key");
  require(faults, p.rsa_bits_min >= 2048 && p.rsa_bits_max <= 8192 && p.rsa_bits_min <= p.rsa_bits_max,
          "key.rsa_bits_min and key.rsa_bits_max lie between 2048 and 8192, in this order");
  require(faults, p.key_usage != 0, "key.usage is empty: at least one bit is set (RFC 5280 §4.2.1.3)");
  require(faults, (p.key_usage & kEnciphering) == 0 || !p.p256,
          "key.usage keyEncipherment and dataEncipherment are for RSA keys alone (RFC 8813 §3): key.kinds is [\"RSA\"]");
  require(faults, (p.key_usage & KU_KEY_AGREEMENT) == 0 || !p.rsa,
          "key.usage keyAgreement is not for RSA keys (RFC 3279 §2.3.1): key.kinds is [\"P-256\"]");
  require(faults, (p.key_usage & (KU_ENCIPHER_ONLY | KU_DECIPHER_ONLY)) == 0 || (p.key_usage & KU_KEY_AGREEMENT) != 0,
          "key.usage encipherOnly and decipherOnly mean nothing without keyAgreement (RFC 5280 §4.2.1.3)");
}

void check_authority(const Profile& p, Faults& faults) {
  const bool authority = p.purpose == Purpose::authority;
  require(faults, authority || !p.path_length, "path_length makes a certificate authority: only for purpose \"authority\"");
  require(faults, authority || (p.key_usage & kIssuing) == 0,
          "key.usage keyCertSign and cRLSign are for purpose \"authority\" alone (RFC 5280 §4.2.1.9)");
  if (!authority) return;
  require(faults, p.path_length.has_value(), "an authority has a path_length");
  require(faults, (p.key_usage & KU_KEY_CERT_SIGN) != 0 && (p.key_usage & ~(kIssuing | KU_DIGITAL_SIGNATURE)) == 0,
          "key.usage of an authority is keyCertSign, cRLSign, digitalSignature, the first at least");
  require(faults, !p.subject.required.empty(), "an authority has a subject (RFC 5280 §4.1.2.6)");
  require(faults, p.renewal_days_after_expiry == 0, "an authority is not renewed after its end");
}

void check_usages(const Profile& p, Faults& faults) {
  const auto has = [&](const char* usage) { return p.extended_key_usages.contains(usage); };
  const auto purpose = [&](auto... any) { return ((p.purpose == any) || ...); };
  const bool ocsp_only = has(words::kOcspSigning) && p.extended_key_usages.size() == 1;
  require(faults, !has(words::kAnyExtendedKeyUsage), "key.extended_usage anyExtendedKeyUsage allows everything: name what it is for");
  require(faults, !p.extended_key_usages.empty() || purpose(Purpose::user_signing, Purpose::user_encryption, Purpose::authority),
          "key.extended_usage is empty: the certificate would be for everything");
  require(faults, purpose(Purpose::ocsp_signer) ? ocsp_only : !has(words::kOcspSigning),
          "key.extended_usage OCSPSigning stands alone, and for purpose \"ocsp-signer\" only (RFC 6960 §4.2.2.2)");
  require(faults, purpose(Purpose::server, Purpose::authority) || !has(words::kServerAuth),
          "key.extended_usage serverAuth is for purpose \"server\"");
  require(faults, !purpose(Purpose::server) || has(words::kServerAuth), "a server has key.extended_usage serverAuth");
  require(faults, !purpose(Purpose::user_authentication, Purpose::smart_card_logon) || has(words::kClientAuth),
          "who authenticates has key.extended_usage clientAuth");
  require(faults, !purpose(Purpose::smart_card_logon) || has(words::kSmartcardLogon),
          "a smart-card logon has key.extended_usage smartcardLogon");
  require(faults, !purpose(Purpose::key_distribution_host) || has(oid::kKeyDistributionHost),
          "a key distribution host has key.extended_usage keyDistributionHost");
}

// One key, one purpose.
void check_purpose(const Profile& p, Faults& faults) {
  switch (p.purpose) {
    case Purpose::user_signing:
      require(faults, p.key_usage == KU_NON_REPUDIATION, "key.usage of a user's signing key is nonRepudiation alone");
      require(faults, p.key_source == KeySource::request, "key.source of a user's signing key is \"request\": nobody else may have it");
      break;
    case Purpose::user_encryption:
      require(faults, (p.key_usage & ~(kEnciphering | KU_KEY_AGREEMENT)) == 0,
              "key.usage of an encryption key is keyEncipherment, dataEncipherment or keyAgreement, and no signing");
      break;
    case Purpose::server:
      require(faults, (p.key_usage & ~(KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT)) == 0,
              "key.usage of a server is digitalSignature, and keyEncipherment for RSA");
      require(faults, p.validity_days_max <= kServerDays, "validity_days_max of a server is at most 398");
      break;
    case Purpose::key_distribution_host:
      require(faults, (p.key_usage & ~(KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT | KU_KEY_AGREEMENT)) == 0,
              "key.usage of a key distribution host is digitalSignature, keyEncipherment or keyAgreement");
      require(faults, p.critical_extensions.contains(oid::kDsnRanges), "a key distribution host has the critical extension dsnRanges");
      break;
    case Purpose::platform:
      require(faults, p.key_usage == KU_DIGITAL_SIGNATURE || p.key_usage == KU_KEY_AGREEMENT || p.key_usage == KU_KEY_ENCIPHERMENT,
              "key.usage of a platform's key is one of digitalSignature, keyAgreement and keyEncipherment");
      require(faults, p.extended_key_usages.size() == 1, "key.extended_usage of a platform's key is one: the thing it is for");
      break;
    case Purpose::ocsp_signer:
      require(faults, p.validity_days_max <= kOcspSignerDays, "validity_days_max of an OCSP signer is at most 30: nobody can revoke it");
      require(faults, !p.ocsp_url && !p.crl_distribution_point,
              "an OCSP signer bears ocspNoCheck, so it has no extensions.ocsp_url and no extensions.crl_distribution_point");
      require(faults, p.renewal_days_after_expiry == 0, "an OCSP signer is not renewed after its end");
      [[fallthrough]];
    case Purpose::device:
    case Purpose::user_authentication:
    case Purpose::smart_card_logon:
      require(faults, p.key_usage == KU_DIGITAL_SIGNATURE, "key.usage is digitalSignature alone");
      break;
    case Purpose::authority: break;
  }
}

void check_names(const Profile& p, Faults& faults) {
  const auto wants = [&](NameKind kind) { return p.names.required.contains(kind); };
  require(faults, std::ranges::none_of(p.subject.required, [&](int nid) { return p.subject.allowed.contains(nid); }),
          "subject.allowed repeats what is required");
  require(faults, std::ranges::none_of(p.names.required, [&](NameKind kind) { return p.names.allowed.contains(kind); }),
          "subject_alt_name.allowed repeats what is required");
  require(faults, !p.subject.required.empty() || !p.names.required.empty(),
          "neither subject.required nor subject_alt_name.required names anything: a certificate is of somebody (RFC 5280 §4.1.2.6)");
  require(faults, !p.subject.required.empty() || p.names.required.empty() || p.critical_extensions.contains(words::kSubjectAltName),
          "without a subject the subjectAltName is in extensions.critical (RFC 5280 §4.2.1.6)");
  require(faults, p.purpose != Purpose::server || wants(NameKind::dns) || wants(NameKind::ip),
          "subject_alt_name.required of a server names dNSName or iPAddress (BR §7.1.2.7.12)");
  require(faults, p.purpose != Purpose::smart_card_logon || wants(NameKind::user_principal),
          "subject_alt_name.required of a smart-card logon names userPrincipalName");
  require(faults, p.purpose != Purpose::device || p.subject.required.contains(NID_serialNumber) || wants(NameKind::hardware_module),
          "a device is named: subject.required serialNumber or subject_alt_name.required hardwareModuleName");
}

void check_extensions(const Profile& p, Faults& faults) {
  const auto absent = [&](const char* extension) { return p.absent_extensions.contains(extension); };
  for (const char* plain : {words::kSubjectKeyId, words::kAuthorityKeyId, words::kAuthorityInfoAccess, words::kOcspNoCheck})
    if (p.critical_extensions.contains(plain)) faults.push_back("extensions.critical: " + words::extension_text(plain) + " is never critical");
  for (const char* needed : {words::kBasicConstraints, words::kKeyUsage, words::kSubjectKeyId, words::kAuthorityKeyId})
    if (absent(needed)) faults.push_back("extensions.absent: " + words::extension_text(needed) + " is always there");
  for (const std::string& one : p.critical_extensions)
    if (p.absent_extensions.contains(one)) faults.push_back("extensions: " + words::extension_text(one) + " is both critical and absent");
  require(faults, !absent(words::kCrlDistributionPoints) || !p.crl_distribution_point, "extensions.absent contradicts crl_distribution_point");
  require(faults, !absent(words::kAuthorityInfoAccess) || !p.ocsp_url, "extensions.absent contradicts ocsp_url");
  require(faults, !absent(words::kSubjectAltName) || p.names.empty(), "extensions.absent contradicts subject_alt_name");
  require(faults, !absent(words::kExtKeyUsage) || p.extended_key_usages.empty(), "extensions.absent contradicts key.extended_usage");
  const auto there = [&](const char* extension, bool is) {
    if (p.critical_extensions.contains(extension) && !is)
      faults.push_back("extensions.critical: there is no " + words::extension_text(extension) + " by the rest of the profile");
  };
  there(words::kSubjectAltName, !p.names.required.empty());
  there(words::kExtKeyUsage, !p.extended_key_usages.empty());
  there(words::kCrlDistributionPoints, p.crl_distribution_point);
  require(faults, p.crl_distribution_point || p.ocsp_url || p.purpose == Purpose::ocsp_signer || p.validity_days_max <= kShortLivedDays,
          "nobody could learn of a revocation: crl_distribution_point or ocsp_url is true, or validity_days_max at most 7");
}

Error refused(const char* detail) { return Error{Code::refused, "pki.profile_issuer", detail}; }

}  // namespace

std::vector<std::string> faults_of(const Profile& profile) {
  Faults faults;
  for (const auto check : {check_name, check_key, check_authority, check_usages, check_purpose, check_names, check_extensions})
    check(profile, faults);
  require(faults, profile.validity_days_max >= 1 && profile.renewal_days_after_expiry >= 0,
          "validity_days_max is at least 1, renewal_days_after_expiry at least 0");
  return faults;
}

Status check_profile(const Profile& profile) {
  std::string all;
  for (const std::string& fault : faults_of(profile)) all += (all.empty() ? "" : "; ") + fault;
  if (all.empty()) return {};
  return Error{Code::invalid, "pki.profile", all};
}

Status check_profile(const Profile& profile, const Certificate& issuer, std::int64_t now_ms) {
  const Facts& above = issuer.facts();
  if (!above.is_ca || (above.key_usage & KU_KEY_CERT_SIGN) == 0) return refused("the issuer is no certificate authority");
  if (now_ms + profile.validity_days_max * kDayMs > above.not_after_ms)
    return refused("a certificate of validity_days_max would outlive its issuer");
  if (profile.path_length && above.path_length && *profile.path_length >= *above.path_length)
    return refused("path_length is not below the issuer's");
  const crypto::Handle<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> usages(
      static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(issuer.native(), NID_ext_key_usage, nullptr, nullptr)));
  std::set<std::string> allowed;
  for (int i = 0; usages && i < sk_ASN1_OBJECT_num(usages.get()); ++i) allowed.insert(words::dotted(sk_ASN1_OBJECT_value(usages.get(), i)));
  // A delegate of RFC 6960 speaks for its issuer, whatever else that one issues.
  if (!usages || profile.purpose == Purpose::ocsp_signer) return {};
  if (profile.extended_key_usages.empty() || !std::ranges::includes(allowed, profile.extended_key_usages))
    return refused("key.extended_usage goes beyond the issuer's");
  return {};
}

}  // namespace tf::pki
