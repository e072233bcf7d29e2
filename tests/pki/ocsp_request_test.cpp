#include <openssl/ocsp.h>

#include "pki/ocsp/asn1.hpp"
#include "tests/pki/ocsp_estate.hpp"
#include "tests/support/expect.hpp"
#include "wire/encoding.hpp"

namespace tf::pki::test {
namespace {

using namespace ocsp;


Bytes request(std::optional<Bytes> nonce = {}, std::size_t count = 1) {
  return must(encode_request(std::vector<CertId>(count, ocsp_estate().id()), nonce));
}

// The request altered and encoded again.
Bytes altered_request(const std::function<void(OCSP_REQUEST*)>& alter) {
  const Bytes der = request();
  const std::uint8_t* at = der.data();
  const RequestHandle out(d2i_OCSP_REQUEST(nullptr, &at, static_cast<long>(der.size())));
  alter(out.get());
  return der_of<i2d_OCSP_REQUEST>(out.get());
}

ExtensionHandle extension(const char* oid, bool critical, ByteView value) {
  const Asn1Octets octets(ASN1_OCTET_STRING_new());
  ASN1_OCTET_STRING_set(octets.get(), value.data(), static_cast<int>(value.size()));
  const crypto::Handle<ASN1_OBJECT, ASN1_OBJECT_free> type(OBJ_txt2obj(oid, 1));
  return ExtensionHandle(X509_EXTENSION_create_by_OBJ(nullptr, type.get(), critical ? 1 : 0, octets.get()));
}

Bytes with_extension(const char* oid, bool critical, ByteView value) {
  return altered_request([&](OCSP_REQUEST* to) { OCSP_REQUEST_add_ext(to, extension(oid, critical, value).get(), -1); });
}

constexpr const char* kNonceOid = "1.3.6.1.5.5.7.48.1.2";

TEST(OcspRequest, says_what_was_put_in) {
  for (const Hash hash : {Hash::sha1, Hash::sha256}) {
    const CertId id = ocsp_estate().id(hash);
    const Request read = must(decode_request(must(encode_request({id}, Bytes(32, 7)))));
    ASSERT_EQ(read.cert_ids.size(), 1U);
    EXPECT_EQ(read.cert_ids[0], id);
    EXPECT_EQ(read.cert_ids[0].der, id.der);
    EXPECT_EQ(read.cert_ids[0].serial_hex, ocsp_estate().subject.serial_hex());
    EXPECT_EQ(read.nonce, Bytes(32, 7));
  }
  EXPECT_EQ(must(decode_request(request())).nonce, std::nullopt);
  EXPECT_EQ(must(decode_request(request({}, kMaxSingle))).cert_ids.size(), kMaxSingle);
}

TEST(OcspRequest, its_issuer_is_found_by_either_hash) {
  const IssuerHashes own(ocsp_estate().issuer.certificate), other(p256_estate().root.certificate);
  for (const Hash hash : {Hash::sha1, Hash::sha256}) {
    EXPECT_TRUE(own.match(ocsp_estate().id(hash)));
    EXPECT_FALSE(other.match(ocsp_estate().id(hash)));
  }
  CertId mixed = ocsp_estate().id();
  mixed.issuer_key_hash[0] ^= 1;
  EXPECT_FALSE(own.match(mixed));
}

TEST(OcspRequest, nonces_of_1_to_128_octets_are_read) {
  for (const std::size_t size : {1U, 16U, 32U, 128U}) EXPECT_EQ(must(decode_request(request(Bytes(size, 1)))).nonce, Bytes(size, 1));
  EXPECT_REFUSED(encode_request({ocsp_estate().id()}, Bytes()), Code::invalid, "ocsp.nonce");
  EXPECT_REFUSED(encode_request({ocsp_estate().id()}, Bytes(129)), Code::invalid, "ocsp.nonce");
  const auto nonce_of_size = [](std::size_t size) {
    return altered_request([size](OCSP_REQUEST* to) { OCSP_REQUEST_add_ext(to, nonce_extension(Bytes(size, 1)).get(), -1); });
  };
  EXPECT_OK(decode_request(nonce_of_size(128)));
  EXPECT_REFUSED(decode_request(nonce_of_size(0)), Code::malformed, "ocsp.nonce");
  EXPECT_REFUSED(decode_request(nonce_of_size(129)), Code::malformed, "ocsp.nonce");
}

TEST(OcspRequest, a_nonce_that_is_no_octet_string_or_stands_twice_is_refused) {
  EXPECT_REFUSED(decode_request(with_extension(kNonceOid, false, Bytes(16, 9))), Code::malformed, "ocsp.nonce");
  EXPECT_REFUSED(decode_request(with_extension(kNonceOid, false, Bytes{0x04, 0x01, 0x07, 0x00})), Code::malformed, "ocsp.nonce");
  EXPECT_REFUSED(decode_request(with_extension(kNonceOid, false, Bytes{0x04, 0x81, 0x01, 0x07})), Code::malformed, "ocsp.nonce");
  EXPECT_REFUSED(decode_request(altered_request([](OCSP_REQUEST* to) {
                   for (int i = 0; i < 2; ++i) OCSP_REQUEST_add_ext(to, nonce_extension(Bytes(16, 1)).get(), -1);
                 })),
                 Code::malformed, "ocsp.nonce");
}

TEST(OcspRequest, only_strict_der_is_read) {
  const Bytes der = request(Bytes(32, 7));
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_REFUSED(decode_request(longer), Code::malformed, "ocsp.request");
  for (std::size_t size = 0; size < der.size(); ++size)
    EXPECT_REFUSED(decode_request(ByteView(der).first(size)), Code::malformed, "ocsp.request");
  EXPECT_REFUSED(decode_request(Bytes(kMaxRequest + 1, 0x30)), Code::malformed, "ocsp.request");
  for (std::size_t at = 0; at < der.size(); ++at) (void)decode_request(flipped(der, at)).has_value();
}

TEST(OcspRequest, what_is_read_is_as_OpenSSL_writes_it) {
  int read = 0;
  for (const Bytes& der : {request(Bytes(32, 7)), request({}, 2), must(encode_request({ocsp_estate().id(Hash::sha1)}, Bytes(128, 7)))}) {
    for (std::size_t bit = 0; bit < 8 * der.size(); ++bit) {
      Bytes other = der;
      other[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      const auto taken = decode_request(other);
      if (!taken) continue;
      ++read;
      const std::uint8_t* at = other.data();
      const RequestHandle native(d2i_OCSP_REQUEST(nullptr, &at, static_cast<long>(other.size())));
      ASSERT_TRUE(native) << bit;
      ASSERT_EQ(der_of<i2d_OCSP_REQUEST>(native.get()), other) << bit;
      ASSERT_EQ(static_cast<int>(taken->cert_ids.size()), OCSP_request_onereq_count(native.get()));
      for (std::size_t i = 0; i < taken->cert_ids.size(); ++i)
        ASSERT_EQ(taken->cert_ids[i], must(read_cert_id(OCSP_onereq_get0_id(OCSP_request_onereq_get0(native.get(), static_cast<int>(i)))))) << bit;
    }
  }
  EXPECT_GT(read, 1000);  // hashes, numbers and nonces may be any
}

TEST(OcspRequest, a_written_version_is_refused) {
  const Bytes der = request();  // SEQUENCE { SEQUENCE { … } }, each with a length of one octet
  ASSERT_LT(der.size(), 120U);
  for (const std::uint8_t version : Bytes{0, 1}) {
    Bytes with = der;
    with.insert(with.begin() + 4, {0xa0, 0x03, 0x02, 0x01, version});
    with[1] = static_cast<std::uint8_t>(with[1] + 5);
    with[3] = static_cast<std::uint8_t>(with[3] + 5);
    EXPECT_REFUSED(decode_request(with), Code::malformed, "ocsp.request");
  }
}

TEST(OcspRequest, too_many_certificates_or_none_are_refused) {
  const auto with_count = [](int count) {
    return altered_request([count](OCSP_REQUEST* to) {
      for (int i = 1; i < count; ++i) OCSP_request_add0_id(to, native_of(ocsp_estate().id()).release());
    });
  };
  EXPECT_OK(decode_request(with_count(16)));
  EXPECT_REFUSED(decode_request(with_count(17)), Code::malformed, "ocsp.request");
  EXPECT_REFUSED(decode_request(Bytes{0x30, 0x04, 0x30, 0x02, 0x30, 0x00}), Code::malformed, "ocsp.request");
  EXPECT_REFUSED(encode_request({}, {}), Code::invalid, "ocsp.request");
  EXPECT_REFUSED(encode_request(std::vector<CertId>(17, ocsp_estate().id()), {}), Code::invalid, "ocsp.request");
  EXPECT_REFUSED(encode_request({CertId{}}, {}), Code::invalid, "ocsp.request");
}

TEST(OcspRequest, unknown_extensions_are_ignored_unless_they_are_critical) {
  EXPECT_OK(decode_request(with_extension("1.2.3.4", false, Bytes{0x05, 0x00})));
  EXPECT_REFUSED(decode_request(with_extension("1.2.3.4", true, Bytes{0x05, 0x00})), Code::malformed, "ocsp.request");
  EXPECT_REFUSED(decode_request(altered_request([](OCSP_REQUEST* to) {
                   OCSP_ONEREQ_add_ext(OCSP_request_onereq_get0(to, 0), extension("1.2.3.4", true, Bytes{0x05, 0x00}).get(), -1);
                 })),
                 Code::malformed, "ocsp.request");
}

TEST(OcspRequest, other_hashes_and_numbers_that_are_none_are_refused) {
  const auto asking = [](const EVP_MD* digest, const ASN1_INTEGER* serial) {
    const X509* issuer = ocsp_estate().issuer.certificate.native();
    const RequestHandle out(OCSP_REQUEST_new());
    OCSP_request_add0_id(out.get(), OCSP_cert_id_new(digest, X509_get_subject_name(issuer), X509_get0_pubkey_bitstr(issuer), serial));
    return der_of<i2d_OCSP_REQUEST>(out.get());
  };
  const Asn1Integer serial(ASN1_INTEGER_new());
  ASN1_INTEGER_set(serial.get(), 77);
  EXPECT_OK(decode_request(asking(EVP_sha256(), serial.get())));
  EXPECT_REFUSED(decode_request(asking(EVP_sha384(), serial.get())), Code::refused, "ocsp.hash");
  for (const int number : {0, -1}) {
    ASN1_INTEGER_set(serial.get(), number);
    EXPECT_REFUSED(decode_request(asking(EVP_sha256(), serial.get())), Code::malformed, "ocsp.request");
  }
  EXPECT_REFUSED(cert_id(ocsp_estate().issuer.certificate, "0a"), Code::invalid, "pki.serial");
}

TEST(OcspRequest, a_get_path_is_read_encoded_or_decoded) {
  for (int i = 0; i < 64; ++i) {  // some of them with '+', '/' and '='
    const Bytes der = request(Bytes(static_cast<std::size_t>(i) + 1, static_cast<std::uint8_t>(0xfb + i)));
    const std::string path = encode_path(der);
    EXPECT_EQ(path.find_first_of("+/="), std::string::npos);
    EXPECT_EQ(must(decode_path(path)).nonce->size(), static_cast<std::size_t>(i) + 1);
    EXPECT_OK(decode_path(wire::base64(der)));
  }
  for (const char* bad : {"", "M", "%", "%3", "%zz", "MDA%2", "a b", "....", "MEI_"})
    EXPECT_REFUSED(decode_path(bad), Code::malformed, *bad == '\0' ? "ocsp.request" : "ocsp.path");
  EXPECT_REFUSED(decode_path(std::string(40'000, 'A')), Code::malformed, "ocsp.path");
  EXPECT_REFUSED(decode_path("MAAA"), Code::malformed, "ocsp.request");
}

}  // namespace
}  // namespace tf::pki::test
