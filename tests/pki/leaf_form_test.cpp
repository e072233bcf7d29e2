// Certificates of a form are those that are built whole, octet for octet, and refused where those are.
#include "pki/leaf/form.hpp"
#include "tests/pki/estate.hpp"
#include "tests/pki/profile_texts.hpp"

namespace tf::pki::test {
namespace {

const RevocationPlaces kPlaces{"http://ca.example.org/crl/users/{shard}.crl", 64, "http://ca.example.org/ocsp"};

// The same numbers for both ways.
struct Counted final : Random {
  std::uint8_t next = 0;
  void fill(MutableByteView out) override {
    for (std::uint8_t& one : out) one = next += 37;
  }
};

struct Both {
  Result<UnsignedLeaf> whole, formed;
};

struct Ways {
  Profile profile;
  Certificate issuer;
  LeafForm form;
  Counted first, second;

  explicit Ways(Profile of, Certificate by = p256_estate().operations_ca.certificate)
      : profile(std::move(of)), issuer(std::move(by)), form(LeafForm::make(profile, issuer, kPlaces, kNow)) {}
  Both make(const Names& names, const crypto::PublicKey& key, std::int64_t now_ms = kNow, int days = 0) {
    return {build_leaf({.profile = profile, .names = names, .key = key, .issuer = issuer, .places = kPlaces, .now_ms = now_ms, .days = days}, first),
            form.build(names, key, now_ms, days, second)};
  }
};

Profile profile(std::string_view text) { return must(parse_profile(text)); }

Profile with_list() {
  Profile out = profile(kSigningProfile);
  out.crl_distribution_point = true;
  out.subject.allowed = {NID_organizationName, NID_organizationalUnitName, NID_serialNumber, NID_countryName};
  return out;
}

void expect_alike(const Both& both) {
  ASSERT_EQ(outcome(both.whole), outcome(both.formed));
  if (!both.whole) {
    EXPECT_EQ(both.whole.error().detail, both.formed.error().detail);
    return;
  }
  EXPECT_EQ(both.whole->tbs, both.formed->tbs);
  EXPECT_EQ(both.whole->serial_hex, both.formed->serial_hex);
  EXPECT_EQ(both.whole->spki, both.formed->spki);
  EXPECT_EQ(both.whole->shard, both.formed->shard);
  EXPECT_EQ(both.whole->not_before_ms, both.formed->not_before_ms);
  EXPECT_EQ(both.whole->not_after_ms, both.formed->not_after_ms);
}

const crypto::PublicKey& p256_key() {
  static const crypto::PublicKey key = crypto::PrivateKey::generate_p256().public_key();
  return key;
}

TEST(LeafForms, make_the_octets_of_certificates_built_whole) {
  for (const Profile& one : {profile(kUserProfile), profile(kSigningProfile), with_list()}) {
    Ways ways(one);
    ASSERT_TRUE(ways.form.is_prepared()) << one.name;
    for (int i = 0; i < 200; ++i)  // numbers with a sign and without, every shard
      expect_alike(ways.make({{{"commonName", "user " + std::to_string(i)}}, {}}, p256_key(), kNow + i * 86'399'999LL, i % 300));
  }
}

TEST(LeafForms, of_an_RSA_issuer_name_its_algorithm) {
  Ways ways(with_list(), rsa_estate().root.certificate);
  ASSERT_TRUE(ways.form.is_prepared());
  expect_alike(ways.make({{{"commonName", "Ada"}}, {}}, p256_key()));
}

TEST(LeafForms, write_every_subject_as_one_built_whole) {
  Ways ways(with_list());
  const std::string long_name(64, 'n'), too_long(65, 'n');
  for (const Names& names : {Names{{{"serialNumber", "TF-000 1"}, {"commonName", "Ada"}, {"organizationName", "Analytical, Ltd."}}, {}},
                             Names{{{"commonName", "a*b@c_d"}, {"organizationalUnitName", "1"}, {"organizationalUnitName", "2"}}, {}},
                             Names{{{"commonName", "Ünïcode"}}, {}}, Names{{{"commonName", "Ada"}, {"countryName", "DE"}}, {}},
                             Names{{{"commonName", long_name}}, {}}, Names{{{"commonName", too_long}}, {}}, Names{{{"commonName", ""}}, {}},
                             Names{{{"commonName", "Ada"}, {"serialNumber", "under_score"}}, {}}, Names{{{"commonName", " around "}}, {}},
                             Names{{{"commonName", "a\tb"}}, {}}, Names{{{"commonName", "Ada"}, {"commonName", "Bob"}}, {}},
                             Names{{{"organizationName", "nobody"}}, {}}, Names{{{"commonName", "Ada"}, {"givenName", "Ada"}}, {}}, Names{},
                             Names{{{"commonName", "Ada"}}, {{NameKind::dns, "example.org"}}}})
    expect_alike(ways.make(names, p256_key()));
}

TEST(LeafForms, allow_the_keys_and_terms_of_the_profile_and_no_others) {
  const Names names{{{"commonName", "Ada"}}, {}};
  Ways users(profile(kUserProfile)), signing(with_list());
  const crypto::PublicKey rsa = rsa_estate().rsa_work.key.public_key();
  expect_alike(users.make(names, rsa));
  EXPECT_EQ(outcome(signing.make(names, rsa).formed), "refused pki.bad_key");
  for (const int days : {-1, 0, 1, 730, 731}) expect_alike(signing.make(names, p256_key(), kNow, days));
  EXPECT_EQ(outcome(signing.make(names, p256_key(), kNow, 731).formed), "invalid pki.term");
}

TEST(LeafForms, end_with_their_issuer) {
  Ways ways(with_list());
  const Names names{{{"commonName", "Ada"}}, {}};
  for (const std::int64_t now : {ways.issuer.not_before_ms() - 1, ways.issuer.not_before_ms(), ways.issuer.not_after_ms() - 1000, ways.issuer.not_after_ms()})
    expect_alike(ways.make(names, p256_key(), now));
  EXPECT_EQ(outcome(ways.make(names, p256_key(), ways.issuer.not_after_ms()).formed), "refused pki.outlives_issuer");
}

TEST(LeafForms, write_times_from_2050_on_in_full) {
  Profile lasting = with_list();
  lasting.validity_days_max = 20'000;
  Ways ways(lasting, must(make_root("Lasting root", crypto::PrivateKey::generate_p256(), {kNow, 11'000}, randomness())));
  ASSERT_TRUE(ways.form.is_prepared());
  for (const std::int64_t now : {kNow, std::int64_t{2'524'607'999'000}, std::int64_t{2'524'608'300'000}}) expect_alike(ways.make({{{"commonName", "Ada"}}, {}}, p256_key(), now));
}

TEST(LeafForms, without_a_sample_everything_is_built_whole) {
  Ways ways(profile(kDeviceProfile));  // an extension that only its own caller knows
  EXPECT_FALSE(ways.form.is_prepared());
  expect_alike(ways.make({{{"serialNumber", "TF000001"}}, {}}, p256_key()));
}

}  // namespace
}  // namespace tf::pki::test
