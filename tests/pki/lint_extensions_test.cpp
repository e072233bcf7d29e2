// The rules about extensions, each broken once.
#include "tests/pki/lint_support.hpp"

namespace tf::pki::test {
namespace {


Rules broken_ca(const Alter& alter) { return broken(alter, p256_estate().operations_ca, p256_estate().root); }

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
  EXPECT_EQ(broken(to(NID_key_usage, "critical,keyAgreement"), p256_estate().rsa_work, p256_estate().root), Rules{"error rfc3279.key_usage"});
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

}  // namespace
}  // namespace tf::pki::test
