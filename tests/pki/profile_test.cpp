#include "pki/profile/profile.hpp"

#include <openssl/x509v3.h>

#include "tests/pki/estate.hpp"
#include "tests/pki/profile_texts.hpp"
#include "tests/support/expect.hpp"

namespace tf::pki::test {
namespace {

TEST(ProfileFile, sound_ones_of_every_purpose_are_read) {
  for (const std::string_view text : kProfiles) EXPECT_OK(parse_profile(text));
}

TEST(ProfileFile, says_what_was_put_in) {
  const Profile device = must(parse_profile(kDeviceProfile));
  EXPECT_EQ(device.name, "device");
  EXPECT_EQ(name_of(device.purpose), "device");
  EXPECT_TRUE(device.p256);
  EXPECT_FALSE(device.rsa);
  EXPECT_EQ(device.key_usage, static_cast<std::uint32_t>(KU_DIGITAL_SIGNATURE));
  EXPECT_EQ(device.validity_days_max, 3653);
  EXPECT_EQ(device.renewal_days_after_expiry, 90);
  EXPECT_EQ(device.key_source, KeySource::request);
  EXPECT_EQ(device.subject.required, std::set<int>{NID_serialNumber});
  EXPECT_EQ(device.critical_extensions.size(), 1U);
  EXPECT_TRUE(device.crl_distribution_point);
  EXPECT_FALSE(device.ocsp_url);
  EXPECT_FALSE(device.path_length);

  const Profile user = must(parse_profile(kUserProfile));
  EXPECT_TRUE(user.p256 && user.rsa);
  EXPECT_EQ(user.rsa_bits_min, 2048);
  EXPECT_EQ(user.rsa_bits_max, 3072);
  EXPECT_EQ(user.extended_key_usages, std::set<std::string>{"1.3.6.1.5.5.7.3.2"});
  EXPECT_TRUE(user.subject.allows(NID_organizationName));
  EXPECT_FALSE(user.subject.allows(NID_countryName));

  const Profile server = must(parse_profile(kServerProfile));
  EXPECT_EQ(server.names.required, std::set{NameKind::dns});
  EXPECT_EQ(server.names.allowed, std::set{NameKind::ip});
  EXPECT_EQ(must(parse_profile(kAuthorityProfile)).path_length, 0);
  EXPECT_EQ(must(parse_profile(kEncryptionProfile)).key_source, KeySource::platform);
}

TEST(ProfileFile, usages_and_extensions_may_be_dotted) {
  const auto text = with(with(kDeviceProfile, "[\"device\"]", "[\"device\", \"1.2.3.4\"]"), "\"dsnRanges\"", "\"dsnRanges\", \"1.3.6.1.4.1.99999.1\"");
  const Profile profile = must(parse_profile(text));
  EXPECT_TRUE(profile.extended_key_usages.contains("1.2.3.4"));
  EXPECT_TRUE(profile.critical_extensions.contains("1.3.6.1.4.1.99999.1"));
  for (const char* bad : {"1", "1.", "1..2", "3.1.2", "1.2.03", "1.40.1", "x.y", "1.2.3 "})
    refused(with(kDeviceProfile, "[\"device\"]", "[\"device\", \"" + std::string(bad) + "\"]"), "pki.profile_value", "not \"" + std::string(bad));
}

TEST(ProfileFile, what_is_not_toml_is_refused_with_its_line) {
  refused(with(kDeviceProfile, "purpose = ", "purpose "), "pki.profile_syntax", "line 2: ");
  refused("name = \"\xff\"", "pki.profile_syntax", "line 1: ");
  refused(std::string(65'537, '\n'), "pki.profile_syntax", "64 KiB");
}

TEST(ProfileFile, unknown_keys_are_refused_by_name) {
  refused(with(kDeviceProfile, "validity_days_max", "colour = 1\nvalidity_days_max"), "pki.profile_unknown_key", "line 3: there is no key \"colour\"");
  refused(with(kDeviceProfile, "kinds", "size = 1\nkinds"), "pki.profile_unknown_key", "there is no key \"key.size\"");
  refused(with(kDeviceProfile, "[subject]", "[subject]\nforbidden = []"), "pki.profile_unknown_key", "\"subject.forbidden\"");
  refused(with(kServerProfile, "[subject_alt_name]", "[subject_alt_name]\nmax = 1"), "pki.profile_unknown_key", "\"subject_alt_name.max\"");
  refused(with(kDeviceProfile, "[extensions]", "[extensions]\nocsp = true"), "pki.profile_unknown_key", "\"extensions.ocsp\"");
}

TEST(ProfileFile, what_has_to_be_there_is_missed_by_name) {
  refused(with(kDeviceProfile, "name = \"device\"\n", ""), "pki.profile_missing", "\"name\"");
  refused(with(kDeviceProfile, "purpose = \"device\"\n", ""), "pki.profile_missing", "\"purpose\"");
  refused(with(kDeviceProfile, "validity_days_max = 3653\n", ""), "pki.profile_missing", "\"validity_days_max\"");
  refused(with(kDeviceProfile, "kinds = [\"P-256\"]\n", ""), "pki.profile_missing", "\"key.kinds\"");
  refused(with(kDeviceProfile, "usage = [\"digitalSignature\"]\n", ""), "pki.profile_missing", "\"key.usage\"");
  refused("", "pki.profile_missing", "\"name\"");
}

TEST(ProfileFile, values_are_refused_with_what_is_allowed) {
  refused(with(kDeviceProfile, "3653", "0"), "pki.profile_value", "line 3: validity_days_max is a number from 1 to 11000");
  refused(with(kDeviceProfile, "3653", "\"long\""), "pki.profile_value", "validity_days_max is a number");
  refused(with(kDeviceProfile, "3653", "3653.0"), "pki.profile_value", "validity_days_max is a number");
  refused(with(kDeviceProfile, "= 90", "= -1"), "pki.profile_value", "renewal_days_after_expiry is a number from 0 to 3660");
  refused(with(kDeviceProfile, "\"device\"\npurpose", "7\npurpose"), "pki.profile_value", "name is a string of 1 to 64 characters");
  refused(with(kDeviceProfile, "purpose = \"device\"", "purpose = \"toaster\""), "pki.profile_value", "purpose is one of \"device\", \"user-authentication\"");
  refused(with(kDeviceProfile, "[\"P-256\"]", "[\"P-384\"]"), "pki.profile_value", "key.kinds is a list of \"P-256\", \"RSA\", not \"P-384\"");
  refused(with(kDeviceProfile, "[\"P-256\"]", "\"P-256\""), "pki.profile_value", "key.kinds is a list of");
  refused(with(kDeviceProfile, "[\"P-256\"]", "[256]"), "pki.profile_value", "key.kinds is a list of");
  refused(with(kDeviceProfile, "[\"P-256\"]", "[\"P-256\", \"P-256\"]"), "pki.profile_value", "key.kinds names \"P-256\" twice");
  refused(with(kUserProfile, "3072", "1024"), "pki.profile_value", "key.rsa_bits_max is a number from 2048 to 8192");
  refused(with(kOcspProfile, "\"platform\"", "\"anyone\""), "pki.profile_value", "key.source is one of \"request\", \"platform\"");
  refused(with(kDeviceProfile, "digitalSignature", "signing"), "pki.profile_value", "key.usage is a list of \"digitalSignature\"");
  refused(with(kDeviceProfile, "serialNumber", "emailAddress"), "pki.profile_value", "subject.required is a list of \"commonName\"");
  refused(with(kServerProfile, "iPAddress", "directoryName"), "pki.profile_value", "subject_alt_name.allowed is a list of \"dNSName\"");
  refused(with(kDeviceProfile, "= true", "= 1"), "pki.profile_value", "extensions.crl_distribution_point is true or false");
  refused(with(kAuthorityProfile, "path_length = 0", "path_length = 9"), "pki.profile_value", "path_length is a number from 0 to 8");
  refused("key = 1\nname = \"a\"\npurpose = \"device\"\nvalidity_days_max = 1\n", "pki.profile_value", "key is a table");
}

}  // namespace
}  // namespace tf::pki::test
