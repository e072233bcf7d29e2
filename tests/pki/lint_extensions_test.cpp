// The rules about extensions and those of a profile, each broken once; and what the openssl command issues.
#include "pki/algorithms.hpp"
#include "pki/asn1.hpp"
#include "pki/lint.hpp"
#include "tests/pki/openssl_command.hpp"
#include "tests/pki/ocsp_estate.hpp"
#include "tests/pki/profile_texts.hpp"

namespace tf::pki::test {
namespace {

using Alter = std::function<void(X509*)>;
using Rules = std::set<std::string>;

const Estate& estate() { return p256_estate(); }

Rules rules(const std::vector<Finding>& findings) {
  Rules out;
  for (const Finding& one : findings) out.insert(std::string(name_of(one.severity)) + " " + one.rule);
  return out;
}

Rules broken(const Alter& alter, const Issuer& original = estate().server, const Issuer& by = estate().operations_ca,
             const Profile* profile = nullptr) {
  const crypto::X509Handle copy(X509_dup(original.certificate.native()));
  alter(copy.get());
  EXPECT_GT(X509_sign(copy.get(), by.key.native(), EVP_sha256()), 0);
  return rules(lint(der_of<i2d_X509>(copy.get()), {.issuer = by.certificate, .profile = profile, .now_ms = kNow}));
}
Rules broken_ca(const Alter& alter) { return broken(alter, estate().operations_ca, estate().root); }

// Another value, or none.
void set(X509* in, int nid, const char* value) {
  if (const int at = X509_get_ext_by_NID(in, nid, -1); at >= 0) X509_EXTENSION_free(X509_delete_ext(in, at));
  if (value == nullptr) return;
  X509V3_CTX ctx;
  X509V3_set_ctx_nodb(&ctx);
  const crypto::Handle<X509_EXTENSION, X509_EXTENSION_free> extension(X509V3_EXT_conf_nid(nullptr, &ctx, nid, value));
  ASSERT_TRUE(extension) << value;
  ASSERT_EQ(X509_add_ext(in, extension.get(), -1), 1);
}
Alter to(int nid, const char* value) {
  return [=](X509* it) { set(it, nid, value); };
}
Alter raw(const char* oid, bool critical, const Bytes& value) {
  return [=](X509* it) {
    remove_extension(it, oid);
    add_extension(it, oid, critical, value);
  };
}

TEST(LintExtensions, basic_constraints_and_key_usage) {
  EXPECT_EQ(broken_ca([](X509*) {}), Rules{});
  EXPECT_EQ(broken_ca(to(NID_basic_constraints, "CA:TRUE,pathlen:0")), Rules{"error rfc5280.basic_constraints_critical"});
  EXPECT_EQ(broken_ca(to(NID_basic_constraints, nullptr)), Rules{"error rfc5280.cert_sign_without_ca"});
  EXPECT_EQ(broken_ca(to(NID_key_usage, nullptr)), (Rules{"error rfc5280.ca_key_usage", "error rfc5280.path_length"}));
  EXPECT_EQ(broken_ca(to(NID_key_usage, "critical,cRLSign")), (Rules{"error rfc5280.path_length", "warning practice.ca_without_cert_sign"}));
  EXPECT_EQ(broken(to(NID_key_usage, "critical,digitalSignature,keyCertSign")), Rules{"error rfc5280.cert_sign_without_ca"});
  EXPECT_EQ(broken(to(NID_key_usage, "digitalSignature")), Rules{"warning rfc5280.key_usage_critical"});
  EXPECT_EQ(broken(to(NID_key_usage, "critical,decipherOnly")), Rules{"error rfc5280.key_usage_only"});
  EXPECT_EQ(broken(to(NID_key_usage, "critical,keyAgreement,decipherOnly")), Rules{});
  EXPECT_EQ(broken(to(NID_key_usage, "critical,keyEncipherment")), Rules{"error rfc8813.key_usage"});
  EXPECT_EQ(broken(to(NID_key_usage, "critical,keyAgreement"), estate().rsa_work, estate().root), Rules{"error rfc3279.key_usage"});
  EXPECT_EQ(broken(raw("2.5.29.15", true, {0x03, 0x01, 0x00})), Rules{"error rfc5280.key_usage_empty"});
  EXPECT_EQ(broken(raw("2.5.29.15", true, {0x03, 0x03, 0x00, 0x80, 0x00})), Rules{"error rfc5280.extension_der"});
}

TEST(LintExtensions, values_are_strict_der) {
  EXPECT_EQ(broken(raw("2.5.29.19", true, {0x30, 0x03, 0x01, 0x01, 0x00})), Rules{"error rfc5280.extension_der"});  // cA FALSE is the default
  EXPECT_EQ(broken(raw("2.5.29.19", true, {0x30, 0x00, 0x00})), Rules{"error rfc5280.extension_der"});
  EXPECT_EQ(broken(raw("2.5.29.37", false, {0x04, 0x00})), Rules{"error rfc5280.extension_unreadable"});
  EXPECT_EQ(broken([](X509* it) { add_extension(it, "2.5.29.19", true, Bytes{0x30, 0x00}); }), Rules{"error rfc5280.extension_twice"});
  EXPECT_EQ(broken([](X509* it) { add_extension(it, "1.2.3.4", true, Bytes{0x05, 0x00}); }), Rules{"warning practice.unknown_critical"});
  EXPECT_EQ(broken([](X509* it) { add_extension(it, "1.2.3.4", false, Bytes{0x05, 0x00}); }), Rules{});
}

TEST(LintExtensions, extended_key_usages) {
  EXPECT_EQ(broken(to(NID_ext_key_usage, "serverAuth,anyExtendedKeyUsage")), Rules{"error practice.any_extended_usage"});
  EXPECT_EQ(broken(to(NID_ext_key_usage, "critical,anyExtendedKeyUsage")),
            (Rules{"error practice.any_extended_usage", "warning rfc5280.any_extended_usage_critical"}));
  EXPECT_EQ(broken(to(NID_ext_key_usage, "serverAuth,serverAuth")), Rules{"warning practice.extended_usage_twice"});
  EXPECT_EQ(broken(raw("2.5.29.37", false, {0x30, 0x00})), Rules{"error rfc5280.extended_usage_empty"});
  EXPECT_EQ(broken(to(NID_ext_key_usage, "OCSPSigning")), Rules{"warning rfc6960.ocsp_nocheck"});
  EXPECT_EQ(broken(to(NID_ext_key_usage, "OCSPSigning,serverAuth")), (Rules{"error practice.ocsp_signing_alone", "warning rfc6960.ocsp_nocheck"}));
}

TEST(LintExtensions, key_identifiers) {
  EXPECT_EQ(broken(to(NID_authority_key_identifier, nullptr)), Rules{"error rfc5280.authority_key_id"});
  EXPECT_EQ(broken(raw("2.5.29.35", false, {0x30, 0x03, 0x80, 0x01, 0x07})), Rules{"error rfc5280.authority_key_id"});
  EXPECT_EQ(broken(to(NID_subject_key_identifier, nullptr)), Rules{"warning rfc5280.subject_key_id"});
  EXPECT_EQ(broken_ca(to(NID_subject_key_identifier, nullptr)), Rules{"error rfc5280.subject_key_id"});
  EXPECT_EQ(broken(raw("2.5.29.14", true, {0x04, 0x01, 0x07})), (Rules{"error rfc5280.key_id_critical", "warning practice.unknown_critical"}));
}

TEST(LintExtensions, where_to_learn_of_revocation) {
  EXPECT_EQ(broken(to(NID_crl_distribution_points, "URI:http://crl.example/1.crl")), Rules{});
  EXPECT_EQ(broken(to(NID_crl_distribution_points, "URI:ldap://crl.example/")), Rules{"warning practice.crl_url"});
  EXPECT_EQ(broken(to(NID_crl_distribution_points, "critical,URI:http://crl.example/1.crl")), Rules{"warning rfc5280.crl_points_critical"});
  EXPECT_EQ(broken([](X509* it) { add_extension(it, "2.5.29.31", false, Bytes{0x30, 0x02, 0x30, 0x00}); }), Rules{"error rfc5280.crl_point"});
  EXPECT_EQ(broken(to(NID_info_access, "OCSP;URI:http://ocsp.example")), Rules{});
  EXPECT_EQ(broken(to(NID_info_access, "OCSP;URI:https://ocsp.example")), Rules{"warning practice.access_url"});
  EXPECT_EQ(broken(to(NID_info_access, "critical,OCSP;URI:http://ocsp.example")), (Rules{"error rfc5280.information_access_critical", "warning practice.unknown_critical"}));
  EXPECT_EQ(broken(to(NID_name_constraints, "critical,permitted;DNS:example.org")), Rules{"error rfc5280.name_constraints"});
  EXPECT_EQ(broken_ca(to(NID_name_constraints, "permitted;DNS:example.org")), Rules{"error rfc5280.name_constraints"});
  EXPECT_EQ(broken_ca(to(NID_name_constraints, "critical,permitted;DNS:example.org")), Rules{});
}

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
      estate().server, estate().operations_ca, &profile);
}

TEST(LintProfile, what_follows_it_has_no_findings) {
  EXPECT_EQ(mismatch([](X509*) {}), Rules{});
  const Profile ocsp = must(parse_profile(kOcspProfile));
  EXPECT_EQ(broken(
                [](X509* it) {
                  const Asn1Time until = asn1_time(kNow + 7 * kDayMs);
                  X509_set1_notAfter(it, until.get());
                },
                ocsp_estate().delegate, estate().operations_ca, &ocsp),
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
        estate().operations_ca, estate().root, &authority);
  };
  EXPECT_EQ(judged([](X509*) {}), Rules{});
  EXPECT_EQ(judged(to(NID_crl_distribution_points, nullptr)), Rules{"error profile.crl_distribution_point"});
  authority.path_length = 1;
  EXPECT_EQ(judged([](X509*) {}), Rules{"error profile.path_length"});
  authority.path_length.reset();
  EXPECT_EQ(judged([](X509*) {}), Rules{"error profile.authority"});
  const Profile ocsp = must(parse_profile(kOcspProfile));
  const Rules found = broken(to(NID_id_pkix_OCSP_noCheck, nullptr), ocsp_estate().delegate, estate().operations_ca, &ocsp);
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
