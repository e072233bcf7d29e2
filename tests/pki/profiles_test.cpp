// Every kind of certificate, field by field.
#include <gmock/gmock.h>

#include "crypto/digest.hpp"
#include "pki/asn1.hpp"
#include "pki/oids.hpp"
#include "tests/pki/estate.hpp"

namespace tf::pki::test {
namespace {

using testing::ElementsAre;

// "critical CA:1", "CA", "leaf" …
std::string constraints(const Certificate& certificate) {
  int critical = -1;
  const crypto::Handle<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free> value(static_cast<BASIC_CONSTRAINTS*>(
      X509_get_ext_d2i(certificate.native(), NID_basic_constraints, &critical, nullptr)));
  if (!value) return "none";
  std::string out = critical == 1 ? "critical " : "";
  out += value->ca != 0 ? "CA" : "leaf";
  if (value->pathlen != nullptr) out += ":" + std::to_string(ASN1_INTEGER_get(value->pathlen));
  return out;
}

std::vector<std::string> usages(const Certificate& certificate) {
  const crypto::Handle<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> value(
      static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(certificate.native(), NID_ext_key_usage, nullptr, nullptr)));
  std::vector<std::string> out;
  for (int i = 0; value && i < sk_ASN1_OBJECT_num(value.get()); ++i) {
    char text[80];
    OBJ_obj2txt(text, sizeof text, sk_ASN1_OBJECT_value(value.get(), i), 1);
    out.emplace_back(text);
  }
  return out;
}

std::uint32_t key_usage(const Certificate& certificate) {
  const int at = X509_get_ext_by_NID(certificate.native(), NID_key_usage, -1);
  EXPECT_EQ(X509_EXTENSION_get_critical(X509_get_ext(certificate.native(), at)), 1);
  return X509_get_key_usage(certificate.native());
}

std::vector<std::string> ranges(const Certificate& certificate) {
  std::vector<std::string> out;
  for (const wire::DsnRange& one : must(certificate.dsn_ranges())) out.push_back(one.text());
  return out;
}

Bytes key_id(const Certificate& certificate) {
  return to_bytes(octets_of(X509_get0_subject_key_id(certificate.native())));
}

void expect_common(const Certificate& certificate, const Issuer& issuer, int days) {
  EXPECT_EQ(X509_get_version(certificate.native()), X509_VERSION_3);
  EXPECT_EQ(certificate.serial_hex().size(), 32U);
  EXPECT_EQ(certificate.issuer_text(), issuer.certificate.subject_text());
  EXPECT_EQ(certificate.not_before_ms(), kNow - 300'000);
  EXPECT_EQ(certificate.not_after_ms(), kNow + days * kDayMs);
  EXPECT_EQ(octets_of(X509_get0_authority_key_id(certificate.native())).size(), 20U);
  EXPECT_EQ(to_bytes(octets_of(X509_get0_authority_key_id(certificate.native()))), key_id(issuer.certificate));
  const Hash256 hash = crypto::sha256(octets_of(X509_get0_pubkey_bitstr(certificate.native())));
  EXPECT_EQ(key_id(certificate), Bytes(hash.begin(), hash.begin() + 20));
  const int expected = issuer.key.kind() == crypto::KeyKind::rsa ? NID_rsassaPss : NID_ecdsa_with_SHA256;
  EXPECT_EQ(X509_get_signature_nid(certificate.native()), expected);
  EXPECT_EQ(X509_verify(certificate.native(), issuer.key.native()), 1);
}

constexpr std::uint32_t kCa = KU_KEY_CERT_SIGN | KU_CRL_SIGN;

TEST(Profiles, a_root_signs_itself_and_allows_two_ca_levels_below) {
  for (const Estate* estate : {&rsa_estate(), &p256_estate()}) {
    const Certificate& root = estate->root.certificate;
    expect_common(root, estate->root, kRootDays);
    EXPECT_EQ(root.subject_text(), "CN=Test root");
    EXPECT_EQ(constraints(root), "critical CA:2");
    EXPECT_EQ(key_usage(root), kCa);
    EXPECT_THAT(usages(root), ElementsAre());
    EXPECT_THAT(ranges(root), ElementsAre());
  }
  EXPECT_EQ(must(rsa_estate().root.certificate.public_key()).bits(), 3072);
}

TEST(Profiles, work_certificates_are_key_distribution_hosts_for_their_ranges) {
  for (const Estate* estate : {&rsa_estate(), &p256_estate()}) {
    for (const Issuer* work : {&estate->work, &estate->rsa_work}) {
      const Certificate& certificate = work->certificate;
      const bool rsa = work->key.kind() == crypto::KeyKind::rsa;
      expect_common(certificate, estate->root, kWorkDays);
      EXPECT_EQ(certificate.common_name(), rsa ? "Work classic" : "Work modern");
      EXPECT_EQ(constraints(certificate), "critical leaf");
      EXPECT_EQ(key_usage(certificate), rsa ? KU_KEY_ENCIPHERMENT : KU_DIGITAL_SIGNATURE);
      EXPECT_THAT(usages(certificate), ElementsAre(oid::kKeyDistributionHost));
      EXPECT_THAT(ranges(certificate), ElementsAre("TF10000000..TF19999999", "TX0000..TX9999"));
      EXPECT_TRUE(certificate.has_usage(Usage::key_distribution_host));
      EXPECT_FALSE(certificate.has_usage(Usage::device));
      EXPECT_FALSE(certificate.is_ca());
    }
  }
}

TEST(Profiles, the_estate_ca_stands_above_loaders_and_a_loader_above_devices) {
  const Estate& estate = rsa_estate();
  const Certificate& ca = estate.estate_ca.certificate;
  expect_common(ca, estate.root, kEstateCaDays);
  EXPECT_EQ(constraints(ca), "critical CA:1");
  EXPECT_EQ(key_usage(ca), kCa);
  EXPECT_THAT(usages(ca), ElementsAre(oid::kLoader));
  EXPECT_THAT(ranges(ca), ElementsAre());

  const Certificate& loader = estate.loader.certificate;
  expect_common(loader, estate.estate_ca, kLoaderDays);
  EXPECT_EQ(loader.common_name(), "Station 1");
  EXPECT_EQ(constraints(loader), "critical CA:0");
  EXPECT_EQ(key_usage(loader), static_cast<std::uint32_t>(KU_KEY_CERT_SIGN));
  EXPECT_THAT(usages(loader), ElementsAre(oid::kLoader));
  EXPECT_THAT(ranges(loader), ElementsAre("TF10000000..TF10009999"));

  const Certificate& device = estate.device.certificate;
  expect_common(device, estate.loader, kDeviceDays);
  EXPECT_EQ(device.subject_text(), "serialNumber=TF10000001");
  EXPECT_EQ(device.subject_serial_number(), "TF10000001");
  EXPECT_EQ(constraints(device), "critical leaf");
  EXPECT_EQ(key_usage(device), static_cast<std::uint32_t>(KU_DIGITAL_SIGNATURE));
  EXPECT_THAT(usages(device), ElementsAre(oid::kDevice));
  EXPECT_THAT(ranges(device), ElementsAre("TF10000001..TF10000001"));
}

TEST(Profiles, the_operations_ca_stands_above_servers_and_operators) {
  const Estate& estate = rsa_estate();
  const Certificate& ca = estate.operations_ca.certificate;
  expect_common(ca, estate.root, kOperationsCaDays);
  EXPECT_EQ(constraints(ca), "critical CA:0");
  EXPECT_EQ(key_usage(ca), kCa);
  EXPECT_THAT(usages(ca), ElementsAre("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"));

  const Certificate& server = estate.server.certificate;
  expect_common(server, estate.operations_ca, kTlsDays);
  EXPECT_EQ(server.subject_text(), "CN=keys.example.org");
  EXPECT_EQ(constraints(server), "critical leaf");
  EXPECT_EQ(key_usage(server), static_cast<std::uint32_t>(KU_DIGITAL_SIGNATURE));
  EXPECT_THAT(usages(server), ElementsAre("1.3.6.1.5.5.7.3.1"));
  EXPECT_EQ(X509_check_host(server.native(), "keys.example.org", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(server.native(), "localhost", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(server.native(), "other.example.org", 0, 0, nullptr), 0);
  EXPECT_EQ(X509_check_ip_asc(server.native(), "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(server.native(), "::1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(server.native(), "127.0.0.2", 0), 0);

  const Certificate& person = estate.person.certificate;
  expect_common(person, estate.operations_ca, kTlsDays);
  EXPECT_EQ(person.subject_text(), "CN=Ada Lovelace");
  EXPECT_EQ(constraints(person), "critical leaf");
  EXPECT_THAT(usages(person), ElementsAre("1.3.6.1.5.5.7.3.2"));
}

TEST(Profiles, the_dsn_ranges_extension_is_critical) {
  const crypto::Handle<ASN1_OBJECT, ASN1_OBJECT_free> object(OBJ_txt2obj(oid::kDsnRanges, 1));
  for (const Issuer* holder : {&rsa_estate().work, &rsa_estate().loader, &rsa_estate().device}) {
    X509* native = holder->certificate.native();
    const int at = X509_get_ext_by_OBJ(native, object.get(), -1);
    ASSERT_GE(at, 0);
    EXPECT_EQ(X509_EXTENSION_get_critical(X509_get_ext(native, at)), 1);
  }
}

TEST(Profiles, serial_numbers_differ) {
  EXPECT_NE(rsa_estate().work.certificate.serial_hex(), rsa_estate().rsa_work.certificate.serial_hex());
}

}  // namespace
}  // namespace tf::pki::test
