// Renewal, OCSP signers, profiles as files, the register's pages.
#include <algorithm>
#include <fstream>

#include "tests/ca/scene.hpp"

namespace tf::ca::test {
namespace {

class Renewal : public testing::Test {
 protected:
  Result<Issued> renew(const Issued& issued, const crypto::PrivateKey& key) {
    return scene.ca->renew({.serial_hex = issued.serial_hex, .key = key.public_key(), .actor = "est"});
  }
  Scene scene;
};

TEST_F(Renewal, keeps_holder_profile_and_names_and_says_what_it_renews) {
  const Issued before = scene.issued("smart-card-logon", "card:1");
  const auto key = crypto::PrivateKey::generate_p256();
  const Issued after = must(renew(before, key));
  EXPECT_NE(after.serial_hex, before.serial_hex);
  const Record record = must(scene.ca->show(after.serial_hex));
  EXPECT_EQ(record.holder, "card:1");
  EXPECT_EQ(record.profile, "smart-card-logon");
  EXPECT_EQ(record.renews, before.serial_hex);
  EXPECT_EQ(must(pki::names_of(must(pki::Certificate::from_der(after.der)))), must(pki::names_of(must(pki::Certificate::from_der(before.der)))));
  EXPECT_EQ(scene.audited("pki.renew"), std::vector<std::string>{""});
}

TEST_F(Renewal, takes_a_device_back_some_time_after_its_end_and_not_later) {
  const Issued device = scene.issued("device", "device:TF000001");
  scene.clock.set(device.not_after_ms + 179LL * 86'400'000);
  EXPECT_OK(renew(device, scene.key));
  scene.clock.set(device.not_after_ms + 181LL * 86'400'000);
  EXPECT_REFUSED(renew(device, scene.key), Code::refused, "ca.renewal_too_late");
}

TEST_F(Renewal, of_what_is_revoked_or_on_hold_or_somebody_elses_is_refused) {
  const Issued issued = scene.issued();
  EXPECT_REFUSED(scene.ca->renew({.serial_hex = issued.serial_hex, .key = scene.key.public_key(), .actor = "est", .holder = "wallet:18"}), Code::refused,
                 "ca.other_holder");
  ASSERT_OK(scene.ca->revoke(issued.serial_hex, RevocationReason::certificate_hold, "operator:anna"));
  EXPECT_REFUSED(renew(issued, scene.key), Code::refused, "ca.revoked");
}

TEST_F(Renewal, minds_what_the_profile_says_about_the_key) {
  scene.options.profiles.at("user-signing").key_renewal = pki::KeyRenewal::fresh;
  scene.options.profiles.at("device").key_renewal = pki::KeyRenewal::same;
  scene.open();
  const auto other = crypto::PrivateKey::generate_p256();
  const Issued user = scene.issued(), device = scene.issued("device");
  EXPECT_REFUSED(renew(user, scene.key), Code::refused, "ca.renewal_key");
  EXPECT_OK(renew(user, other));
  EXPECT_REFUSED(renew(device, other), Code::refused, "ca.renewal_key");
  EXPECT_OK(renew(device, scene.key));
}

TEST(OcspSigners, are_there_for_every_authority_and_renewed_at_half_their_life) {
  Scene scene;
  const auto first = scene.ca->delegates();
  ASSERT_EQ(first.size(), 3U);
  for (const Delegate& one : first) {
    const Authority authority = must(scene.ca->authority(one.authority));
    EXPECT_OK(pki::ocsp::check_responder(one.certificate, authority.certificate, scene.clock.now_ms()));
    EXPECT_OK(responder_of(*scene.vault, one).sign(as_bytes("tbs")));
  }
  scene.clock.advance_days(6);
  ASSERT_OK(scene.ca->keep_house());
  EXPECT_EQ(scene.ca->delegates().size(), 3U);
  scene.clock.advance_days(2);
  ASSERT_OK(scene.ca->keep_house());
  const auto second = scene.ca->delegates();
  EXPECT_EQ(second.size(), 6U);
  EXPECT_GT(second.front().certificate.not_before_ms(), first.front().certificate.not_before_ms());
  scene.clock.advance_days(7);  // the first ones have ended
  ASSERT_OK(scene.ca->keep_house());
  EXPECT_FALSE(scene.vault->public_key(first.front().key_name).has_value()) << "a key whose life is over is gone";
}

TEST(OcspSigners, have_rsa_keys_where_that_is_wanted) {
  Scene scene;
  scene.options.delegate_rsa_bits = 2048;
  scene.clock.set(scene.clock.now_ms() + 1000);
  scene.open();
  const Delegate newest = scene.ca->delegates().front();
  EXPECT_EQ(must(newest.certificate.public_key()).kind(), crypto::KeyKind::rsa);
  EXPECT_OK(responder_of(*scene.vault, newest).sign(as_bytes("tbs")));
}

TEST(ProfileFiles, are_refused_with_file_and_line) {
  tf::test::TemporaryDirectory directory;
  const std::string good = "name = \"one\"\npurpose = \"user-signing\"\nauthority = \"users\"\nvalidity_days_max = 7\n[key]\nkinds = [\"P-256\"]\nusage = [\"nonRepudiation\"]\n"
                           "[subject]\nrequired = [\"commonName\"]\n";
  const auto write = [&](const std::string& name, const std::string& text) { std::ofstream(directory.file(name)) << text; };
  write("one.toml", good);
  EXPECT_EQ(must(load_profiles(directory.path())).size(), 1U);
  write("two.toml", good);
  EXPECT_REFUSED(load_profiles(directory.path()), Code::invalid, "ca.profile_twice");
  write("two.toml", "name = \"two\"\ncolour = \"red\"\n" + good.substr(good.find('\n') + 1));
  const auto unknown = load_profiles(directory.path());
  ASSERT_FALSE(unknown.has_value());
  EXPECT_STREQ(unknown.error().reason, "pki.profile_unknown_key");
  EXPECT_THAT(unknown.error().detail, testing::HasSubstr("two.toml: line 2"));
  EXPECT_TRUE(must(load_profiles(directory.file("nothing"))).empty());
}

TEST(ProfileFiles, are_bound_to_an_authority_that_may_issue_them) {
  Scene scene;
  scene.options.profiles.at("device").authority = "servers";
  EXPECT_REFUSED(scene.try_open(), Code::refused, "pki.profile_issuer");
  scene.options.profiles.at("device").authority = "";
  EXPECT_REFUSED(scene.try_open(), Code::invalid, "ca.profile_authority");
}

TEST(Register, pages_through_what_the_filter_lets_pass) {
  Scene scene;
  for (int i = 0; i < 5; ++i) (void)scene.issued("user-signing", "wallet:" + std::to_string(i % 2));
  (void)scene.issued("device", "device:1");
  EXPECT_EQ(must(scene.ca->list({})).size(), 6U);
  EXPECT_EQ(must(scene.ca->list({.holder = "wallet:1"})).size(), 2U);
  EXPECT_EQ(must(scene.ca->list({.authority = "devices"})).size(), 1U);
  EXPECT_EQ(must(scene.ca->list({.state = State::revoked})).size(), 0U);
  const auto first = must(scene.ca->list({.limit = 4}));
  ASSERT_EQ(first.size(), 4U);
  const auto rest = must(scene.ca->list({.after = first.back().serial_hex, .limit = 4}));
  EXPECT_EQ(rest.size(), 2U);
  EXPECT_TRUE(std::ranges::is_sorted(first, {}, &Record::serial_hex));
}

}  // namespace
}  // namespace tf::ca::test
