// A profile departed from in one thing after the other; and what the openssl command issues.
#include "tests/pki/lint_support.hpp"
#include "tests/pki/openssl_command.hpp"
#include "tests/pki/profile_texts.hpp"

namespace tf::pki::test {
namespace {


Profile server_profile() {
  return must(parse_profile(with(with(kServerProfile, "allowed = [\"commonName\"]\nrequired = []", "required = [\"commonName\"]"),
                                 "critical = [\"subjectAltName\"]\n", "")));
}
Rules mismatch(const Alter& alter, const Profile& profile = server_profile()) {
  return broken(
      [&](X509* it) {
        set(it, NID_info_access, "OCSP;URI:http://ocsp.example");
        alter(it);
      },
      p256_estate().server, p256_estate().operations_ca, &profile);
}

TEST(LintProfile, what_follows_it_has_no_findings) {
  EXPECT_EQ(mismatch([](X509*) {}), Rules{});
  const Profile ocsp = must(parse_profile(kOcspProfile));
  EXPECT_EQ(broken(
                [](X509* it) {
                  const Asn1Time until = asn1_time(kNow + 7 * kDayMs);
                  X509_set1_notAfter(it, until.get());
                },
                ocsp_estate().delegate, p256_estate().operations_ca, &ocsp),
            Rules{});
}

TEST(LintProfile, every_departure_is_named) {
  EXPECT_EQ(mismatch([](X509* it) {
              const crypto::EvpPkey key(EVP_RSA_gen(2048));
              X509_set_pubkey(it, key.get());
            }),
            Rules{"error profile.key_kind"});
  Profile rsa = server_profile();
  rsa.rsa = true;
  rsa.rsa_bits_min = 3072;
  EXPECT_EQ(mismatch(
                [](X509* it) {
                  const crypto::EvpPkey key(EVP_RSA_gen(2048));
                  X509_set_pubkey(it, key.get());
                },
                rsa),
            Rules{"error profile.key_size"});
  EXPECT_EQ(mismatch(to(NID_key_usage, "critical,digitalSignature,keyAgreement")), Rules{"error profile.key_usage"});
  EXPECT_EQ(mismatch(to(NID_ext_key_usage, "serverAuth,clientAuth")), Rules{"error profile.extended_usage"});
  EXPECT_EQ(mismatch(to(NID_ext_key_usage, "clientAuth")), Rules{"error profile.extended_usage"});
  EXPECT_EQ(mismatch(to(NID_info_access, nullptr)), (Rules{"error profile.ocsp_url"}));
  EXPECT_EQ(mismatch(to(NID_info_access, "caIssuers;URI:http://ca.example")), (Rules{"error profile.ocsp_url"}));
  EXPECT_EQ(mismatch(to(NID_crl_distribution_points, "URI:http://crl.example/1.crl")), Rules{"error profile.extension"});
  EXPECT_EQ(mismatch(to(NID_basic_constraints, nullptr)), Rules{"error profile.extension"});
  EXPECT_EQ(mismatch(to(NID_basic_constraints, "CA:FALSE")), Rules{"error profile.critical"});
  EXPECT_EQ(mismatch(to(NID_ext_key_usage, "critical,serverAuth")), Rules{"error profile.critical"});
  EXPECT_EQ(mismatch([](X509* it) { add_extension(it, "1.2.3.4", false, Bytes{0x05, 0x00}); }), Rules{"error profile.extension"});
  EXPECT_EQ(mismatch(to(NID_subject_alt_name, "IP:127.0.0.1")), Rules{"error profile.alt_name"});
  EXPECT_EQ(mismatch(to(NID_subject_alt_name, "DNS:a.example,email:a@b.example")), Rules{"error profile.alt_name"});
  EXPECT_EQ(mismatch(to(NID_subject_alt_name, "DNS:a.example,RID:1.2.3.4")), Rules{"error profile.alt_name"});
  EXPECT_EQ(mismatch([](X509* it) { set_subject(it, NID_organizationName, "Trustferry"); }), Rules{"error profile.subject"});
  EXPECT_EQ(mismatch([](X509* it) {
              const Asn1Time until = asn1_time(kNow + 365 * kDayMs + 1000);
              X509_set1_notAfter(it, until.get());
            }),
            Rules{"error profile.validity"});
}

TEST(LintProfile, authorities_are_told_from_others) {
  Profile authority = must(parse_profile(kAuthorityProfile));
  const auto judged = [&](const Alter& alter) {
    return broken(
        [&](X509* it) {
          set(it, NID_crl_distribution_points, "URI:http://crl.example/root.crl");
          alter(it);
        },
        p256_estate().operations_ca, p256_estate().root, &authority);
  };
  EXPECT_EQ(judged([](X509*) {}), Rules{});
  EXPECT_EQ(judged(to(NID_crl_distribution_points, nullptr)), Rules{"error profile.crl_distribution_point"});
  authority.path_length = 1;
  EXPECT_EQ(judged([](X509*) {}), Rules{"error profile.path_length"});
  authority.path_length.reset();
  EXPECT_EQ(judged([](X509*) {}), Rules{"error profile.authority"});
  const Profile ocsp = must(parse_profile(kOcspProfile));
  const Rules found = broken(to(NID_id_pkix_OCSP_noCheck, nullptr), ocsp_estate().delegate, p256_estate().operations_ca, &ocsp);
  EXPECT_TRUE(found.contains("error profile.ocsp_nocheck"));
}

using LintOpenSsl = OpenSslDirectory;

TEST_F(LintOpenSsl, a_certificate_of_the_openssl_command_is_judged_likewise) {
  write("good.cnf", "[e]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n"
                    "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\nsubjectAltName=DNS:keys.example.org\n");
  write("bad.cnf", "[e]\nbasicConstraints=CA:TRUE\nextendedKeyUsage=anyExtendedKeyUsage\n");
  const auto issued = [&](const std::string& arguments, const std::string& request) {
    const Outcome made = run("ecparam -name prime256v1 -genkey -noout -out ca.key && openssl req -x509 -new -key ca.key -subj /CN=CA -days 20 -out ca.pem"
                             " && openssl req -new -newkey " + request + " -nodes -keyout leaf.key -subj /CN=keys.example.org -out leaf.csr"
                             " && openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -days 10 -outform DER -out leaf.der " + arguments);
    EXPECT_EQ(made.exit_code, 0) << made.text;
    return rules(lint(read("leaf.der"), {}));
  };
  EXPECT_EQ(issued("-extfile good.cnf -extensions e", "ec -pkeyopt ec_paramgen_curve:P-256"), Rules{});
  EXPECT_THAT(issued("-extfile bad.cnf -extensions e -sha1 -set_serial 5", "rsa:1024"),
              testing::IsSupersetOf({"error practice.any_extended_usage", "error practice.serial_entropy", "error practice.weak_hash",
                                     "error practice.weak_key", "error rfc5280.basic_constraints_critical", "error rfc5280.ca_key_usage"}));
}

}  // namespace
}  // namespace tf::pki::test
