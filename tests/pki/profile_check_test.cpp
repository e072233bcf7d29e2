#include "tests/pki/estate.hpp"
#include "tests/pki/profile_texts.hpp"
#include "tests/support/expect.hpp"

namespace tf::pki::test {
namespace {

using testing::HasSubstr;

struct Wrong {
  std::string_view profile;
  const char* part;
  const char* by;
  const char* fault;
};

TEST(ProfileCheck, combinations_against_the_standards_are_refused_by_name) {
  const Wrong all[] = {
      {kDeviceProfile, "\"device\"", "\".device\"", "name is 1 to 64"},
      {kDeviceProfile, "\"device\"", "\"De vice\"", "name is 1 to 64"},
      {kDeviceProfile, "[\"P-256\"]", "[]", "key.kinds names no kind"},
      {kUserProfile, "rsa_bits_max = 3072", "rsa_bits_min = 4096\nrsa_bits_max = 3072", "in this order"},
      {kDeviceProfile, "[\"digitalSignature\"]", "[]", "key.usage is empty"},
      {kEncryptionProfile, "\"RSA\"", "\"RSA\", \"P-256\"", "for RSA keys alone"},
      {kEncryptionProfile, "keyEncipherment", "keyAgreement", "keyAgreement is not for RSA"},
      {kEncryptionProfile, "\"keyEncipherment\"", "\"keyEncipherment\", \"decipherOnly\"", "nothing without keyAgreement"},
      {kDeviceProfile, "renewal_days", "path_length = 0\nrenewal_days", "path_length makes a certificate authority"},
      {kDeviceProfile, "\"digitalSignature\"", "\"keyCertSign\"", "for purpose \"authority\" alone"},
      {kDeviceProfile, "\"digitalSignature\"", "\"digitalSignature\", \"cRLSign\"", "for purpose \"authority\" alone"},
      {kAuthorityProfile, "path_length = 0\n", "", "an authority has a path_length"},
      {kAuthorityProfile, "\"keyCertSign\", ", "", "the first at least"},
      {kAuthorityProfile, "[\"commonName\"]", "[]", "an authority has a subject"},
      {kAuthorityProfile, "path_length", "renewal_days_after_expiry = 1\npath_length", "an authority is not renewed"},
      {kDeviceProfile, "[\"device\"]", "[\"anyExtendedKeyUsage\"]", "allows everything"},
      {kDeviceProfile, "extended_usage = [\"device\"]\n", "", "extended_usage is empty"},
      {kOcspProfile, "extended_usage = [\"OCSPSigning\"]\n", "", "OCSPSigning stands alone"},
      {kOcspProfile, "[\"OCSPSigning\"]", "[\"OCSPSigning\", \"clientAuth\"]", "OCSPSigning stands alone"},
      {kDeviceProfile, "[\"device\"]", "[\"OCSPSigning\"]", "OCSPSigning stands alone"},
      {kUserProfile, "\"clientAuth\"", "\"clientAuth\", \"serverAuth\"", "serverAuth is for purpose \"server\""},
      {kServerProfile, "\"serverAuth\"", "\"clientAuth\"", "a server has key.extended_usage serverAuth"},
      {kUserProfile, "\"clientAuth\"", "\"emailProtection\"", "who authenticates"},
      {kLogonProfile, ", \"smartcardLogon\"", "", "smartcardLogon"},
      {kHostProfile, "\"keyDistributionHost\"", "\"device\"", "a key distribution host has key.extended_usage"},
      {kHostProfile, "critical = [\"dsnRanges\"]\n", "", "critical extension dsnRanges"},
      {kHostProfile, "\"digitalSignature\"", "\"nonRepudiation\"", "key.usage of a key distribution host"},
      {kSigningProfile, "\"nonRepudiation\"", "\"nonRepudiation\", \"digitalSignature\"", "nonRepudiation alone"},
      {kSigningProfile, "usage =", "source = \"platform\"\nusage =", "nobody else may have it"},
      {kEncryptionProfile, "\"keyEncipherment\"", "\"keyEncipherment\", \"digitalSignature\"", "and no signing"},
      {kServerProfile, "\"digitalSignature\"", "\"nonRepudiation\"", "key.usage of a server"},
      {kServerProfile, "365", "399", "at most 398"},
      {kOcspProfile, "= 7", "= 31", "at most 30"},
      {kOcspProfile, "[subject]", "[extensions]\nocsp_url = true\n[subject]", "bears ocspNoCheck"},
      {kOcspProfile, "[subject]", "[extensions]\ncrl_distribution_point = true\n[subject]", "bears ocspNoCheck"},
      {kOcspProfile, "validity", "renewal_days_after_expiry = 1\nvalidity", "an OCSP signer is not renewed"},
      {kUserProfile, "\"digitalSignature\"", "\"digitalSignature\", \"nonRepudiation\"", "digitalSignature alone"},
      {kUserProfile, "[\"organizationName\"]", "[\"commonName\"]", "subject.allowed repeats"},
      {kServerProfile, "[\"iPAddress\"]", "[\"dNSName\"]", "subject_alt_name.allowed repeats"},
      {kUserProfile, "required = [\"commonName\"]", "required = []", "a certificate is of somebody"},
      {kServerProfile, "critical = [\"subjectAltName\"]\n", "", "without a subject the subjectAltName is in extensions.critical"},
      {kServerProfile, "required = [\"dNSName\"]", "required = []", "names dNSName or iPAddress"},
      {kLogonProfile, "\"userPrincipalName\"", "\"rfc822Name\"", "names userPrincipalName"},
      {kDeviceProfile, "\"serialNumber\"", "\"commonName\"", "a device is named"},
      {kHostProfile, "\"dsnRanges\"", "\"dsnRanges\", \"authorityKeyIdentifier\"", "authorityKeyIdentifier is never critical"},
      {kHostProfile, "\"nameConstraints\"", "\"subjectKeyIdentifier\"", "subjectKeyIdentifier is always there"},
      {kHostProfile, "\"nameConstraints\"", "\"dsnRanges\"", "dsnRanges is both critical and absent"},
      {kHostProfile, "\"nameConstraints\"", "\"cRLDistributionPoints\"", "contradicts crl_distribution_point"},
      {kHostProfile, "\"nameConstraints\"", "\"extKeyUsage\"", "contradicts key.extended_usage"},
      {kServerProfile, "ocsp_url = true", "ocsp_url = true\nabsent = [\"authorityInfoAccess\"]", "contradicts ocsp_url"},
      {kLogonProfile, "[extensions]", "[extensions]\nabsent = [\"subjectAltName\"]", "contradicts subject_alt_name"},
      {kHostProfile, "\"dsnRanges\"", "\"dsnRanges\", \"subjectAltName\"", "there is no subjectAltName by the rest"},
      {kUserProfile, "ocsp_url = true", "ocsp_url = false", "nobody could learn of a revocation"},
  };
  for (const Wrong& one : all) refused(with(one.profile, one.part, one.by), "pki.profile", one.fault);
}

TEST(ProfileCheck, all_faults_are_named_at_once) {
  Profile profile = must(parse_profile(kServerProfile));
  profile.names = {};
  profile.validity_days_max = 1000;
  EXPECT_GE(faults_of(profile).size(), 3U);
  const auto checked = check_profile(profile);
  ASSERT_FALSE(checked.has_value());
  EXPECT_THAT(checked.error().detail, testing::AllOf(HasSubstr("names dNSName"), HasSubstr("at most 398")));
}

TEST(ProfileCheck, a_week_needs_no_revocation) {
  EXPECT_OK(parse_profile(with(with(kUserProfile, "ocsp_url = true", "ocsp_url = false"), "365", "7")));
}

TEST(ProfileCheck, an_issuer_must_be_able_to_issue_it) {
  const Estate& estate = p256_estate();
  const Certificate& operations = estate.operations_ca.certificate;
  const Profile server = must(parse_profile(kServerProfile));
  EXPECT_OK(check_profile(server, operations, kNow));
  EXPECT_OK(check_profile(must(parse_profile(kOcspProfile)), operations, kNow));
  EXPECT_OK(check_profile(server, operations, operations.not_after_ms() - 365 * kDayMs));
  EXPECT_REFUSED(check_profile(server, operations, operations.not_after_ms() - 365 * kDayMs + 1), Code::refused, "pki.profile_issuer");
  EXPECT_REFUSED(check_profile(server, estate.server.certificate, kNow), Code::refused, "pki.profile_issuer");
  EXPECT_REFUSED(check_profile(must(parse_profile(kHostProfile)), operations, kNow), Code::refused, "pki.profile_issuer");
  const Profile authority = must(parse_profile(kAuthorityProfile));
  EXPECT_OK(check_profile(authority, estate.root.certificate, kNow));
  EXPECT_REFUSED(check_profile(authority, operations, kNow), Code::refused, "pki.profile_issuer");
}

}  // namespace
}  // namespace tf::pki::test
