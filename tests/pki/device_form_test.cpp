// A certificate of the usual form is known by writing it anew; whatever differs is read whole.
#include "pki/device/form.hpp"

#include <gtest/gtest.h>

#include "pki/asn1.hpp"
#include "pki/oids.hpp"
#include "tests/pki/estate.hpp"

namespace tf::pki::test {
namespace {

const wire::Dsn kDsn = dsn("TF10000001");

DeviceForm form() { return DeviceForm::of(p256_estate().loader.certificate).value(); }

bool is_of_the_form(const std::function<void(X509*)>& alter) {
  return form().read(forged(p256_estate().device.certificate, p256_estate().loader, alter).der(), kDsn).has_value();
}

TEST(DeviceForm, tells_what_parsing_tells) {
  for (const char* name : {"TF10000001", "TF10-Z", "TF10"}) {
    const auto key = crypto::PrivateKey::generate_p256();
    const auto loader_key = crypto::PrivateKey::generate_p256();
    const Issuer loader{must(issue_loader_certificate(p256_estate().estate_ca, "Station 3", loader_key.public_key(), {range(name)}, {kNow, 10}, randomness())), loader_key};
    const auto device = must(issue_device_certificate(loader, dsn(name), key.public_key(), {kNow, 9}, randomness()));
    const auto read = DeviceForm::of(loader.certificate)->read(device.der(), dsn(name));
    ASSERT_TRUE(read) << name;
    const Facts& whole = device.facts();
    EXPECT_EQ(read->facts.serial_hex, whole.serial_hex);
    EXPECT_EQ(read->facts.common_name, whole.common_name);
    EXPECT_EQ(read->facts.subject_serial_number, whole.subject_serial_number);
    EXPECT_EQ(read->facts.not_before_ms, whole.not_before_ms);
    EXPECT_EQ(read->facts.not_after_ms, whole.not_after_ms);
    EXPECT_EQ(read->facts.self_issued, whole.self_issued);
    EXPECT_EQ(read->facts.key->point(), whole.key->point());
    EXPECT_EQ(read->facts.acceptable_signature, whole.acceptable_signature);
    EXPECT_EQ(read->facts.is_ca, whole.is_ca);
    EXPECT_EQ(read->facts.path_length, whole.path_length);
    EXPECT_EQ(read->facts.key_usage, whole.key_usage);
    EXPECT_EQ(read->facts.usages, whole.usages);
    EXPECT_EQ(read->facts.foreign_usage, whole.foreign_usage);
    EXPECT_EQ(read->facts.foreign_critical, whole.foreign_critical);
    EXPECT_EQ(read->facts.has_dsn_ranges, whole.has_dsn_ranges);
    EXPECT_EQ(*read->facts.dsn_ranges, *whole.dsn_ranges);
    EXPECT_EQ(read->facts.subject_key_id, whole.subject_key_id);
    EXPECT_EQ(read->facts.authority_key_id, whole.authority_key_id);
    EXPECT_TRUE(crypto::verify_ecdsa_sha256(loader_key.public_key(), read->tbs, read->signature));
  }
}

TEST(DeviceForm, another_device_or_loader_is_another_form) {
  EXPECT_FALSE(form().read(p256_estate().device.certificate.der(), dsn("TF10000002")));
  EXPECT_FALSE(DeviceForm::of(foreign_estate().loader.certificate)->read(p256_estate().device.certificate.der(), kDsn));
  EXPECT_FALSE(form().read(p256_estate().server.certificate.der(), kDsn));
  EXPECT_FALSE(form().read(p256_estate().loader.certificate.der(), kDsn));
}

TEST(DeviceForm, only_serial_number_validity_and_key_may_differ) {
  EXPECT_TRUE(is_of_the_form([](X509*) {}));
  EXPECT_TRUE(is_of_the_form([](X509* x) { X509_set1_notAfter(x, asn1_time(kNow + 1000).get()); }));
  EXPECT_TRUE(is_of_the_form([](X509* x) { X509_set_serialNumber(x, must(serial_from_hex("01")).get()); }));
  EXPECT_FALSE(is_of_the_form([](X509* x) { X509_set_pubkey(x, p256_estate().person.key.native()); }));                // its identifier is another's
  EXPECT_FALSE(is_of_the_form([](X509* x) { set_subject(x, NID_commonName, "TF10000001"); }));
  EXPECT_FALSE(is_of_the_form([](X509* x) { replace_usages(x, {NID_client_auth}); }));
  EXPECT_FALSE(is_of_the_form([](X509* x) { replace_ranges(x, {range("TF10000000..TF10009999")}); }));
  EXPECT_FALSE(is_of_the_form([](X509* x) { remove_extension(x, oid::kDsnRanges); }));
  EXPECT_FALSE(is_of_the_form([](X509* x) { add_extension(x, "1.2.3.4", true, Bytes{5, 0}); }));
}

TEST(DeviceForm, what_is_cut_off_or_goes_on_is_not_of_the_form) {
  const Bytes der = p256_estate().device.certificate.der();
  for (std::size_t size = 0; size < der.size(); ++size) EXPECT_FALSE(form().read(ByteView(der).first(size), kDsn)) << size;
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_FALSE(form().read(longer, kDsn));
}

TEST(DeviceForm, every_byte_counts_or_is_signed) {
  const Bytes& der = p256_estate().device.certificate.der();
  for (std::size_t at = 0; at < der.size(); ++at) {
    const Bytes altered = flipped(der, at);
    const auto read = form().read(altered, kDsn);
    EXPECT_FALSE(read && crypto::verify_ecdsa_sha256(p256_estate().loader.key.public_key(), read->tbs, read->signature)) << at;
  }
}

TEST(DeviceForm, a_loader_that_signs_with_rsa_has_none) {
  EXPECT_FALSE(DeviceForm::of(p256_estate().rsa_work.certificate));
}

}  // namespace
}  // namespace tf::pki::test
