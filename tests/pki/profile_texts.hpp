// A sound profile of each purpose, as a file has it; and what becomes of unsound ones.
#pragma once
#include <gmock/gmock.h>

#include <string>
#include <string_view>

#include "pki/profile/profile.hpp"

namespace tf::pki::test {

inline constexpr std::string_view kDeviceProfile = R"(name = "device"
purpose = "device"
validity_days_max = 3653
renewal_days_after_expiry = 90
[key]
kinds = ["P-256"]
usage = ["digitalSignature"]
extended_usage = ["device"]
[subject]
required = ["serialNumber"]
[extensions]
critical = ["dsnRanges"]
crl_distribution_point = true
)";
inline constexpr std::string_view kUserProfile = R"(name = "user"
purpose = "user-authentication"
validity_days_max = 365
[key]
kinds = ["P-256", "RSA"]
rsa_bits_max = 3072
usage = ["digitalSignature"]
extended_usage = ["clientAuth"]
[subject]
required = ["commonName"]
allowed = ["organizationName"]
[extensions]
ocsp_url = true
)";
inline constexpr std::string_view kSigningProfile = R"(name = "signing"
purpose = "user-signing"
validity_days_max = 730
[key]
kinds = ["P-256"]
usage = ["nonRepudiation"]
[subject]
required = ["commonName"]
[extensions]
ocsp_url = true
)";
inline constexpr std::string_view kEncryptionProfile = R"(name = "encryption"
purpose = "user-encryption"
validity_days_max = 730
[key]
kinds = ["RSA"]
source = "platform"
usage = ["keyEncipherment"]
[subject]
required = ["commonName"]
[extensions]
crl_distribution_point = true
)";
inline constexpr std::string_view kLogonProfile = R"(name = "logon"
purpose = "smart-card-logon"
validity_days_max = 730
[key]
kinds = ["RSA"]
usage = ["digitalSignature"]
extended_usage = ["clientAuth", "smartcardLogon"]
[subject]
required = ["commonName"]
[subject_alt_name]
required = ["userPrincipalName"]
[extensions]
crl_distribution_point = true
)";
inline constexpr std::string_view kServerProfile = R"(name = "server"
purpose = "server"
validity_days_max = 365
[key]
kinds = ["P-256"]
usage = ["digitalSignature"]
extended_usage = ["serverAuth"]
[subject]
allowed = ["commonName"]
required = []
[subject_alt_name]
required = ["dNSName"]
allowed = ["iPAddress"]
[extensions]
critical = ["subjectAltName"]
ocsp_url = true
)";
inline constexpr std::string_view kHostProfile = R"(name = "work"
purpose = "key-distribution-host"
validity_days_max = 550
[key]
kinds = ["P-256"]
usage = ["digitalSignature"]
extended_usage = ["keyDistributionHost"]
[subject]
required = ["commonName"]
[extensions]
critical = ["dsnRanges"]
absent = ["nameConstraints"]
crl_distribution_point = true
)";
inline constexpr std::string_view kOcspProfile = R"(name = "ocsp"
purpose = "ocsp-signer"
validity_days_max = 7
[key]
kinds = ["P-256"]
source = "platform"
usage = ["digitalSignature"]
extended_usage = ["OCSPSigning"]
[subject]
required = ["commonName"]
)";
inline constexpr std::string_view kAuthorityProfile = R"(name = "issuing-ca"
purpose = "authority"
validity_days_max = 3653
path_length = 0
[key]
kinds = ["P-256"]
source = "platform"
usage = ["keyCertSign", "cRLSign"]
extended_usage = ["serverAuth", "clientAuth"]
[subject]
required = ["commonName"]
[extensions]
crl_distribution_point = true
)";
inline constexpr std::string_view kProfiles[] = {kDeviceProfile, kUserProfile, kSigningProfile, kEncryptionProfile, kLogonProfile,
                                                 kServerProfile, kHostProfile, kOcspProfile,    kAuthorityProfile};

// The text with a part replaced by another; the part has to be there.
inline std::string with(std::string_view text, std::string_view part, std::string_view by) {
  std::string out(text);
  const std::size_t at = out.find(part);
  return at == std::string::npos ? "a test that replaces nothing" : out.replace(at, part.size(), by);
}

// Refused for this reason, with this in the detail.
inline void refused(const std::string& text, const char* reason, const std::string& detail) {
  const auto parsed = parse_profile(text);
  ASSERT_FALSE(parsed.has_value()) << detail << "\n" << text;
  EXPECT_EQ(parsed.error().code, Code::invalid);
  EXPECT_STREQ(parsed.error().reason, reason) << parsed.error().detail;
  EXPECT_THAT(parsed.error().detail, testing::HasSubstr(detail));
}

}  // namespace tf::pki::test
