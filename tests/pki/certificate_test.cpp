#include "pki/certificate.hpp"

#include "crypto/digest.hpp"
#include "pki/asn1.hpp"
#include "pki/oids.hpp"
#include "tests/pki/estate.hpp"

namespace tf::pki::test {
namespace {

const Certificate& device() { return p256_estate().device.certificate; }
constexpr const char* kMalformed = "malformed pki.certificate";

TEST(CertificateReading, der_round_trip_keeps_every_byte) {
  const auto again = must(Certificate::from_der(device().der()));
  EXPECT_EQ(again, device());
  EXPECT_EQ(again.fingerprint(), crypto::sha256(device().der()));
  EXPECT_EQ(again.serial_hex(), device().serial_hex());
  EXPECT_EQ(must(again.public_key()).spki(), p256_estate().device.key.public_key().spki());
}

TEST(CertificateReading, refuses_trailing_bytes_and_truncation_anywhere) {
  Bytes longer = device().der();
  longer.push_back(0);
  EXPECT_EQ(outcome(Certificate::from_der(longer)), kMalformed);
  const ByteView all = device().der();
  for (std::size_t size = 0; size < all.size(); ++size)
    ASSERT_EQ(outcome(Certificate::from_der(all.first(size))), kMalformed) << size;
}

TEST(CertificateReading, refuses_another_encoding_of_the_same_certificate) {
  Bytes der = device().der();
  ASSERT_EQ(der[1], 0x82);
  Bytes ber{0x30, 0x83, 0x00};  // the length in one octet more than needed
  ber.insert(ber.end(), der.begin() + 2, der.end());
  EXPECT_EQ(outcome(Certificate::from_der(ber)), kMalformed);
}

TEST(CertificateReading, refuses_what_is_too_large) {
  EXPECT_EQ(outcome(Certificate::from_der(Bytes(17 << 10, 0x30))), kMalformed);
}

TEST(CertificateReading, refuses_versions_before_three) {
  const crypto::X509Handle copy(X509_dup(device().native()));
  X509_set_version(copy.get(), X509_VERSION_1);
  const Issuer& loader = p256_estate().loader;
  ASSERT_GT(X509_sign(copy.get(), loader.key.native(), EVP_sha256()), 0);
  EXPECT_EQ(outcome(Certificate::from_der(der_of<i2d_X509>(copy.get()))), kMalformed);
}

Bytes altered_by(const std::function<void(X509*)>& alter) {
  const crypto::X509Handle copy(X509_dup(device().native()));
  alter(copy.get());
  EXPECT_GT(X509_sign(copy.get(), p256_estate().loader.key.native(), EVP_sha256()), 0);
  return der_of<i2d_X509>(copy.get());
}

TEST(CertificateReading, refuses_an_extension_that_stands_twice) {
  const Bytes value{0x30, 0x00};
  EXPECT_EQ(outcome(Certificate::from_der(altered_by([&](X509* x) { add_extension(x, "basicConstraints", true, value); }))),
            kMalformed);
  EXPECT_EQ(outcome(Certificate::from_der(altered_by([&](X509* x) {
              add_extension(x, "1.2.3.4", false, value);
              add_extension(x, "1.2.3.4", false, value);
            }))),
            kMalformed);
}

TEST(CertificateReading, refuses_broken_known_extensions) {
  for (const char* name :
       {"basicConstraints", "keyUsage", "extendedKeyUsage", "subjectKeyIdentifier", "authorityKeyIdentifier"}) {
    EXPECT_EQ(outcome(Certificate::from_der(altered_by([&](X509* x) {
                remove_extension(x, name);
                add_extension(x, name, false, Bytes{0x0c, 0x01});
              }))),
              kMalformed)
        << name;
  }
}

TEST(CertificateReading, refuses_ambiguous_names_and_serial_numbers) {
  EXPECT_EQ(outcome(Certificate::from_der(altered_by([](X509* x) { set_subject(x, NID_commonName, "a\nb"); }))), kMalformed);
  EXPECT_EQ(outcome(Certificate::from_der(altered_by([](X509* x) {
              const std::uint8_t* twice = reinterpret_cast<const std::uint8_t*>("TF10000002");
              X509_NAME_add_entry_by_NID(X509_get_subject_name(x), NID_serialNumber, MBSTRING_UTF8, twice, -1, -1, 0);
            }))),
            kMalformed);
  EXPECT_EQ(outcome(Certificate::from_der(altered_by([](X509* x) { ASN1_INTEGER_set(X509_get_serialNumber(x), 0); }))),
            kMalformed);
  EXPECT_EQ(outcome(Certificate::from_der(altered_by([](X509* x) { ASN1_INTEGER_set(X509_get_serialNumber(x), -5); }))),
            kMalformed);
}

TEST(CertificateReading, a_broken_ranges_extension_is_told_when_asked_for) {
  const auto broken = must(Certificate::from_der(altered_by([](X509* x) {
    remove_extension(x, oid::kDsnRanges);
    add_extension(x, oid::kDsnRanges, true, Bytes{0x30, 0x00});
  })));
  EXPECT_EQ(outcome(broken.dsn_ranges()), "malformed pki.dsn_ranges");
  const auto harmless = must(Certificate::from_der(altered_by([](X509* x) {
    const int at = X509_get_ext_by_OBJ(x, oid::dsn_ranges(), -1);
    X509_EXTENSION_set_critical(X509_get_ext(x, at), 0);
  })));
  EXPECT_EQ(outcome(harmless.dsn_ranges()), "malformed pki.dsn_ranges");
}

TEST(CertificateReading, public_keys_of_other_kinds_are_refused) {
  const crypto::EvpPkey p384(EVP_EC_gen("P-384"));
  const crypto::EvpPkey rsa(EVP_RSA_gen(1024));
  for (EVP_PKEY* key : {p384.get(), rsa.get()}) {
    const auto certificate = must(Certificate::from_der(altered_by([&](X509* x) { X509_set_pubkey(x, key); })));
    EXPECT_EQ(outcome(certificate.public_key()), "refused pki.bad_certificate");
  }
}

TEST(CertificatePem, round_trip_of_one_and_of_many) {
  EXPECT_EQ(must(Certificate::from_pem(device().to_pem())), device());
  const std::vector<Certificate> chain{device(), p256_estate().loader.certificate, p256_estate().estate_ca.certificate};
  EXPECT_EQ(must(certificates_from_pem(to_pem(chain))), chain);
  EXPECT_EQ(must(Certificate::from_pem("a comment\n" + device().to_pem())), device());
}

TEST(CertificatePem, refuses_other_blocks_and_damaged_ones) {
  const std::string pem = device().to_pem();
  EXPECT_EQ(outcome(Certificate::from_pem("")), "malformed pki.pem");
  EXPECT_EQ(outcome(Certificate::from_pem(pem + pem)), "malformed pki.pem");
  EXPECT_EQ(outcome(Certificate::from_pem(pem.substr(0, pem.size() - 8))), "malformed pki.pem");
  EXPECT_EQ(outcome(certificates_from_pem(pem + "-----BEGIN CERTIFICATE-----\nnothing")), "malformed pki.pem");
  std::string other = pem;
  for (std::size_t at = 0; (at = other.find("CERTIFICATE", at)) != std::string::npos; at += 4)
    other.replace(at, 11, "X509 CRL");
  EXPECT_EQ(outcome(Certificate::from_pem(other)), "malformed pki.pem");
}

TEST(CertificateChain, is_one_to_four_certificates) {
  EXPECT_EQ(outcome(chain_from_der({})), "refused pki.bad_certificate");
  EXPECT_EQ(must(chain_from_der(std::vector<Bytes>(4, device().der()))).size(), 4U);
  EXPECT_EQ(outcome(chain_from_der(std::vector<Bytes>(5, device().der()))), "refused pki.bad_certificate");
}

}  // namespace
}  // namespace tf::pki::test
