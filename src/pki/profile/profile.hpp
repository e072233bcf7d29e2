// Certificate profiles: what a certificate authority issues for one purpose. A profile is a file of TOML, checked before
// it is used against RFC 5280 and the practice of the CA/Browser Forum; lint.hpp holds certificates against it.
//
//   name = "device"                       # a–z, 0–9, '.', '_', '-'
//   purpose = "device"                    # "user-authentication", "user-signing", "user-encryption", "smart-card-logon",
//                                         # "server", "key-distribution-host", "platform", "ocsp-signer", "authority"
//   authority = "devices"                 # which issuing authority signs it; needed before anything is issued
//   validity_days_max = 3653
//   renewal_days_after_expiry = 90        # its holder may renew with an expired certificate so long; default 0
//   path_length = 0                       # of an authority, and of nothing else
//   [key]
//   kinds = ["P-256", "RSA"]
//   rsa_bits_min = 2048                   # default 2048
//   rsa_bits_max = 4096                   # default 4096
//   source = "request"                    # the holder's, in a CSR (default), or "platform": made by the platform
//   renewal = "any"                       # of a renewed certificate: "new", "same", or as the holder likes (default)
//   usage = ["digitalSignature"]          # RFC 5280 §4.2.1.3
//   extended_usage = ["clientAuth"]       # RFC 5280 §4.2.1.12, keyDistributionHost, device, loader, walletEncryption, walletResults, or a dotted OID
//   [subject]                             # attributes: commonName, serialNumber, organizationName, …
//   required = ["serialNumber"]
//   allowed = ["organizationName"]        # beside those required
//   [subject_alt_name]                    # dNSName, iPAddress, rfc822Name, uniformResourceIdentifier,
//   required = []                         # hardwareModuleName, userPrincipalName
//   allowed = []
//   [extensions]
//   critical = ["dsnRanges"]              # there, and critical, beside basicConstraints and keyUsage, which always are
//   absent = ["nameConstraints"]
//   crl_distribution_point = true
//   ocsp_url = true
#pragma once
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pki/certificate.hpp"

namespace tf::pki {

enum class ProfilePurpose {
  device,
  user_authentication,
  user_signing,
  user_encryption,
  smart_card_logon,
  server,
  key_distribution_host,
  platform,  // the platform's own key for one thing in one protocol
  ocsp_signer,
  authority,
};
enum class KeySource { request, platform };
enum class KeyRenewal { any, fresh, same };
// Attributes by their OpenSSL NID, names by the kinds below, extensions and usages by their dotted OID.
enum class NameKind { dns, ip, email, uri, hardware_module, user_principal };

template <class T>
struct Wanted {
  std::set<T> required = {};
  std::set<T> allowed = {};  // beside those required
  [[nodiscard]] bool allows(const T& one) const { return required.contains(one) || allowed.contains(one); }
  [[nodiscard]] bool empty() const { return required.empty() && allowed.empty(); }
};

struct Profile {
  std::string name;
  ProfilePurpose purpose = ProfilePurpose::device;
  std::string authority = {};  // empty: for lint alone
  bool p256 = false;
  bool rsa = false;
  int rsa_bits_min = 2048;
  int rsa_bits_max = 4096;
  KeySource key_source = KeySource::request;
  KeyRenewal key_renewal = KeyRenewal::any;
  std::uint32_t key_usage = 0;  // KU_… bits of openssl/x509v3.h
  std::set<std::string> extended_key_usages = {};
  int validity_days_max = 0;
  int renewal_days_after_expiry = 0;
  std::optional<int> path_length = {};  // of an authority
  Wanted<int> subject = {};
  Wanted<NameKind> names = {};
  std::set<std::string> critical_extensions = {};
  std::set<std::string> absent_extensions = {};
  bool crl_distribution_point = false;
  bool ocsp_url = false;
};

// The text of a profile's file, at most 64 KiB; check_profile() has passed. Code::invalid, with the line, the key, what is
// wrong and what is allowed in its detail:
//   "pki.profile_syntax"       not TOML
//   "pki.profile_unknown_key"  a key that is none of ours
//   "pki.profile_missing"      a key that has to be there
//   "pki.profile_value"        a value of the wrong kind or outside its bounds, a word we do not know or that stands twice
//   "pki.profile"              as check_profile() says
Result<Profile> parse_profile(std::string_view text);

// What is wrong with its parts taken together, one sentence each.
std::vector<std::string> faults_of(const Profile& profile);
// Code::invalid "pki.profile" with all faults in the detail.
Status check_profile(const Profile& profile);
// May this authority issue it now? Code::refused "pki.profile_issuer": no authority; a certificate of the longest validity
// would outlive it; a path length or extended key usages beyond its own.
Status check_profile(const Profile& profile, const Certificate& issuer, std::int64_t now_ms);

std::string_view name_of(ProfilePurpose purpose);  // as the file writes it
std::string_view name_of(NameKind kind);

}  // namespace tf::pki
