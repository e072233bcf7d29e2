// What issuing refuses.
#include "tests/pki/estate.hpp"

namespace tf::pki::test {
namespace {

const Term kTerm{kNow, 30};
crypto::PublicKey fresh() { return crypto::PrivateKey::generate_p256().public_key(); }
const std::vector<wire::DsnRange> kInside{range("TF10000000..TF10000099")};

TEST(Issuing, never_outlives_the_issuer_and_never_begins_before_it) {
  const auto key = crypto::PrivateKey::generate_p256();
  const Issuer root{must(make_root("Short root", key, kTerm, randomness())), key};
  const auto work = must(issue_work_certificate(root, "w", fresh(), kInside, {kNow, 900}, randomness()));
  EXPECT_EQ(work.not_after_ms(), root.certificate.not_after_ms());
  const auto early = must(issue_work_certificate(root, "w", fresh(), kInside, {kNow - 200'000, 2}, randomness()));
  EXPECT_EQ(early.not_before_ms(), root.certificate.not_before_ms());
}

TEST(Issuing, refuses_an_issuer_out_of_its_time) {
  const Issuer& root = p256_estate().root;
  EXPECT_EQ(
      outcome(issue_work_certificate(root, "w", fresh(), kInside, {root.certificate.not_after_ms(), 1}, randomness())),
      "refused pki.expired");
  EXPECT_EQ(outcome(issue_work_certificate(root, "w", fresh(), kInside, {kNow - kDayMs, 1}, randomness())),
            "refused pki.not_yet_valid");
}

TEST(Issuing, refuses_a_key_that_is_not_the_issuers) {
  const Issuer wrong{p256_estate().root.certificate, p256_estate().loader.key};
  EXPECT_EQ(outcome(issue_work_certificate(wrong, "w", fresh(), kInside, kTerm, randomness())),
            "invalid pki.issuer_key");
}

TEST(Issuing, refuses_ranges_beyond_the_issuers) {
  EXPECT_EQ(outcome(issue_device_certificate(p256_estate().loader, dsn("TF10010000"), fresh(), kTerm, randomness())),
            "refused pki.dsn_out_of_range");
  EXPECT_EQ(outcome(issue_device_certificate(p256_estate().loader, dsn("TF1000000"), fresh(), kTerm, randomness())),
            "refused pki.dsn_out_of_range");
  EXPECT_EQ(outcome(issue_device_certificate(p256_estate().loader, dsn("TF10009999"), fresh(), kTerm, randomness())), "ok");
}

TEST(Issuing, refuses_too_many_ranges_and_none) {
  std::vector<wire::DsnRange> many(65, kInside.front());
  EXPECT_EQ(outcome(issue_work_certificate(p256_estate().root, "w", fresh(), many, kTerm, randomness())),
            "invalid pki.dsn_ranges");
  many.pop_back();
  EXPECT_EQ(outcome(issue_work_certificate(p256_estate().root, "w", fresh(), many, kTerm, randomness())), "ok");
  EXPECT_EQ(outcome(issue_work_certificate(p256_estate().root, "w", fresh(), {}, kTerm, randomness())),
            "refused pki.dsn_out_of_range");
  EXPECT_EQ(outcome(issue_loader_certificate(p256_estate().estate_ca, "l", fresh(), {}, kTerm, randomness())),
            "refused pki.dsn_out_of_range");
}

TEST(Issuing, a_loader_issues_nothing_but_devices) {
  const Issuer& loader = p256_estate().loader;
  EXPECT_EQ(outcome(issue_loader_certificate(loader, "l", fresh(), kInside, kTerm, randomness())),
            "refused pki.untrusted");
  EXPECT_EQ(outcome(issue_estate_ca(loader, "e", fresh(), kTerm, randomness())), "refused pki.untrusted");
  EXPECT_EQ(outcome(issue_operations_ca(loader, "o", fresh(), kTerm, randomness())), "refused pki.untrusted");
  EXPECT_EQ(outcome(issue_work_certificate(loader, "w", fresh(), kInside, kTerm, randomness())),
            "refused pki.wrong_usage");
  EXPECT_EQ(outcome(issue_tls_server_certificate(loader, {{"a.b"}, {}}, fresh(), kTerm, randomness())),
            "refused pki.wrong_usage");
  EXPECT_EQ(outcome(issue_operator_certificate(loader, "o", fresh(), kTerm, randomness())), "refused pki.wrong_usage");
}

TEST(Issuing, only_a_loader_issues_devices_and_only_the_root_issues_work_certificates) {
  for (const Issuer* issuer : {&p256_estate().root, &p256_estate().estate_ca, &p256_estate().operations_ca})
    EXPECT_EQ(outcome(issue_device_certificate(*issuer, dsn("TF10000001"), fresh(), kTerm, randomness())),
              "refused pki.wrong_usage");
  for (const Issuer* issuer : {&p256_estate().estate_ca, &p256_estate().operations_ca, &p256_estate().loader})
    EXPECT_EQ(outcome(issue_work_certificate(*issuer, "w", fresh(), kInside, kTerm, randomness())),
              "refused pki.wrong_usage");
}

TEST(Issuing, a_leaf_issues_nothing) {
  for (const Issuer* issuer : {&p256_estate().work, &p256_estate().device, &p256_estate().server, &p256_estate().person})
    EXPECT_EQ(outcome(issue_device_certificate(*issuer, dsn("TF10000001"), fresh(), kTerm, randomness())),
              "refused pki.untrusted");
}

TEST(Issuing, refuses_weak_and_unfitting_keys) {
  const auto small = crypto::PrivateKey::generate_rsa(1024);
  const auto rsa = p256_estate().rsa_work.key.public_key();
  EXPECT_EQ(outcome(make_root("r", small, kTerm, randomness())), "refused pki.bad_key");
  EXPECT_EQ(outcome(issue_work_certificate(p256_estate().root, "w", small.public_key(), kInside, kTerm, randomness())),
            "refused pki.bad_key");
  EXPECT_EQ(outcome(issue_device_certificate(p256_estate().loader, dsn("TF10000001"), rsa, kTerm, randomness())),
            "refused pki.bad_key");
}

TEST(Issuing, refuses_names_that_are_no_names) {
  const Issuer& ops = p256_estate().operations_ca;
  for (const std::string& name : {std::string(), std::string(65, 'x'), std::string("a\nb"), std::string("\xff")})
    EXPECT_EQ(outcome(issue_operator_certificate(ops, name, fresh(), kTerm, randomness())), "invalid pki.name") << name;
  for (const char* host : {"Keys.example.org", "*.example.org", "a..b", "-a", "a_b", "keys.example.org."})
    EXPECT_EQ(outcome(issue_tls_server_certificate(ops, {{host}, {}}, fresh(), kTerm, randomness())),
              "invalid pki.server_names")
        << host;
  EXPECT_EQ(outcome(issue_tls_server_certificate(ops, {{}, {"1.2.3"}}, fresh(), kTerm, randomness())),
            "invalid pki.server_names");
  EXPECT_EQ(outcome(issue_tls_server_certificate(ops, {}, fresh(), kTerm, randomness())), "invalid pki.server_names");
}

TEST(Issuing, refuses_the_issuers_own_name) {
  EXPECT_EQ(outcome(issue_work_certificate(p256_estate().root, "Test root", fresh(), kInside, kTerm, randomness())),
            "refused pki.untrusted");
}

TEST(Issuing, refuses_terms_without_sense) {
  for (const int days : {0, -1, 11'001})
    EXPECT_EQ(outcome(issue_operator_certificate(p256_estate().operations_ca, "o", fresh(), {kNow, days}, randomness())),
              "invalid pki.term");
}

}  // namespace
}  // namespace tf::pki::test
