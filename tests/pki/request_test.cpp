#include "pki/algorithms.hpp"
#include "pki/asn1.hpp"
#include "pki/request/certificate_request.hpp"
#include "tests/pki/estate.hpp"

namespace tf::pki::test {
namespace {

constexpr const char* kMalformedRequest = "malformed pki.request";

Bytes request_by(EVP_PKEY* asks_for, EVP_PKEY* signs) {
  const crypto::X509ReqHandle request(X509_REQ_new());
  X509_REQ_set_pubkey(request.get(), asks_for);
  X509_REQ_sign(request.get(), signs, EVP_sha256());
  return der_of<i2d_X509_REQ>(request.get());
}

TEST(Requests, carry_a_name_and_a_key_both_ways) {
  for (const auto& key : {crypto::PrivateKey::generate_p256(), rsa_estate().rsa_work.key}) {
    const auto made = must(CertificateRequest::make("Ada Lovelace", key));
    const auto read = must(CertificateRequest::from_der(made.der()));
    EXPECT_EQ(read.common_name(), "Ada Lovelace");
    EXPECT_EQ(read.public_key().spki(), key.public_key().spki());
    EXPECT_EQ(must(CertificateRequest::from_pem(made.to_pem())).der(), made.der());
  }
}

TEST(Requests, without_possession_of_the_key_are_refused) {
  const auto mine = crypto::PrivateKey::generate_p256(), theirs = crypto::PrivateKey::generate_p256();
  EXPECT_EQ(outcome(CertificateRequest::from_der(request_by(theirs.native(), mine.native()))),
            "refused pki.no_possession");
  EXPECT_EQ(outcome(CertificateRequest::from_der(request_by(mine.native(), mine.native()))), "ok");
}

TEST(Requests, with_an_altered_byte_are_refused) {
  const Bytes der = must(CertificateRequest::make("Ada", crypto::PrivateKey::generate_p256())).der();
  for (std::size_t at = 0; at < der.size(); ++at) ASSERT_FALSE(CertificateRequest::from_der(flipped(der, at))) << at;
}

TEST(Requests, are_read_to_the_last_byte) {
  Bytes der = must(CertificateRequest::make("Ada", crypto::PrivateKey::generate_p256())).der();
  for (std::size_t size = 0; size < der.size(); ++size)
    ASSERT_EQ(outcome(CertificateRequest::from_der(ByteView(der).first(size))), kMalformedRequest);
  der.push_back(0);
  EXPECT_EQ(outcome(CertificateRequest::from_der(der)), kMalformedRequest);
  EXPECT_EQ(outcome(CertificateRequest::from_der(Bytes(17 << 10, 0x30))), kMalformedRequest);
}

TEST(Requests, have_names_of_many_attributes_and_of_none) {
  const auto key = crypto::PrivateKey::generate_p256();
  const auto named = [&](std::initializer_list<std::pair<const char*, std::string>> attributes) {
    const crypto::X509ReqHandle request(X509_REQ_new());
    for (const auto& [attribute, text] : attributes)
      X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()), attribute, MBSTRING_UTF8, reinterpret_cast<const std::uint8_t*>(text.data()), static_cast<int>(text.size()), -1, 0);
    X509_REQ_set_pubkey(request.get(), key.native());
    X509_REQ_sign(request.get(), key.native(), EVP_sha256());
    return CertificateRequest::from_der(der_of<i2d_X509_REQ>(request.get()));
  };
  EXPECT_EQ(must(named({})).common_name(), "");
  EXPECT_EQ(must(named({{"C", "DE"}, {"O", "Analytical"}, {"CN", "Ada"}, {"serialNumber", "1"}})).common_name(), "Ada");
  EXPECT_EQ(must(named({{"emailAddress", "ada@example.org"}, {"CN", "Ädä"}})).common_name(), "Ädä");
  EXPECT_EQ(outcome(named({{"CN", "Ada"}, {"CN", "Bob"}})), kMalformedRequest);
  EXPECT_EQ(outcome(named({{"CN", "A\nB"}})), kMalformedRequest);
}

TEST(Requests, are_DER) {
  const Bytes der = must(CertificateRequest::make("Ada", crypto::PrivateKey::generate_p256())).der();
  ASSERT_EQ(der[1], 0x81);  // one octet of length
  Bytes longer = der;
  longer[1] = 0x82;
  longer.insert(longer.begin() + 2, 0);
  EXPECT_EQ(outcome(CertificateRequest::from_der(longer)), kMalformedRequest);
}

TEST(Requests, for_keys_we_do_not_issue_for_are_refused) {
  const crypto::EvpPkey small(EVP_RSA_gen(1024)), p384(EVP_EC_gen("P-384")),
      ed(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  EXPECT_EQ(outcome(CertificateRequest::from_der(request_by(small.get(), small.get()))), "refused pki.bad_key");
  EXPECT_EQ(outcome(CertificateRequest::from_der(request_by(p384.get(), p384.get()))), "refused pki.bad_key");
  const crypto::X509ReqHandle request(X509_REQ_new());
  X509_REQ_set_pubkey(request.get(), ed.get());
  X509_REQ_sign(request.get(), ed.get(), nullptr);
  EXPECT_EQ(outcome(CertificateRequest::from_der(der_of<i2d_X509_REQ>(request.get()))), "refused pki.bad_key");
}

TEST(Requests, give_an_issuer_nothing_but_the_key) {
  // The request asks to be a CA; the operator certificate that comes of it is none.
  const auto key = crypto::PrivateKey::generate_p256();
  const crypto::X509ReqHandle request(X509_REQ_new());
  X509_REQ_set_pubkey(request.get(), key.native());
  STACK_OF(X509_EXTENSION)* wishes = sk_X509_EXTENSION_new_null();
  sk_X509_EXTENSION_push(wishes, X509V3_EXT_nconf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE"));
  X509_REQ_add_extensions(request.get(), wishes);
  sk_X509_EXTENSION_pop_free(wishes, X509_EXTENSION_free);
  X509_REQ_sign(request.get(), key.native(), EVP_sha256());
  const auto read = must(CertificateRequest::from_der(der_of<i2d_X509_REQ>(request.get())));
  const auto issued =
      must(issue_operator_certificate(p256_estate().operations_ca, "Ada", read.public_key(), {kNow, 30}, randomness()));
  EXPECT_FALSE(issued.is_ca());
}

TEST(Requests, need_a_proper_name) {
  EXPECT_EQ(outcome(CertificateRequest::make("", p256_estate().device.key)), "invalid pki.name");
  EXPECT_EQ(outcome(CertificateRequest::make("a\tb", p256_estate().device.key)), "invalid pki.name");
}

}  // namespace
}  // namespace tf::pki::test
