#include "pki/key_file.hpp"

#include <openssl/pem.h>

#include "tests/pki/estate.hpp"
#include "wire/encoding.hpp"

namespace tf::pki::test {
namespace {

SecretBytes secret(std::string_view text) { return SecretBytes(as_bytes(text)); }
std::string_view text_of(const SecretBytes& pem) { return as_text(pem.reveal()); }

TEST(KeyFile, plain_round_trip) {
  for (const auto& key : {p256_estate().device.key, p256_estate().rsa_work.key}) {
    const SecretBytes pem = to_pem(key);
    EXPECT_TRUE(text_of(pem).starts_with("-----BEGIN PRIVATE KEY-----\n"));
    EXPECT_EQ(must(private_key_from_pem(pem, nullptr)).to_pkcs8(), key.to_pkcs8());
  }
}

TEST(KeyFile, encrypted_round_trip_and_wrong_passphrases) {
  const auto& key = p256_estate().device.key;
  const SecretBytes good = secret("correct horse battery staple"), bad = secret("correct horse battery stapl"), none;
  const SecretBytes pem = must(to_encrypted_pem(key, good));
  EXPECT_TRUE(text_of(pem).starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
  EXPECT_EQ(must(private_key_from_pem(pem, &good)).to_pkcs8(), key.to_pkcs8());
  EXPECT_EQ(outcome(private_key_from_pem(pem, &bad)), "sealed pki.passphrase");
  EXPECT_EQ(outcome(private_key_from_pem(pem, &none)), "sealed pki.passphrase");
  EXPECT_EQ(outcome(private_key_from_pem(pem, nullptr)), "sealed pki.passphrase");
  EXPECT_EQ(outcome(to_encrypted_pem(key, none)), "invalid pki.passphrase");
}

TEST(KeyFile, two_encryptions_differ) {
  const SecretBytes pass = secret("passphrase");
  EXPECT_FALSE(must(to_encrypted_pem(p256_estate().device.key, pass)) ==
               must(to_encrypted_pem(p256_estate().device.key, pass)));
}

TEST(KeyFile, encryption_is_scrypt_with_aes_256) {
  const std::string pem(text_of(must(to_encrypted_pem(p256_estate().device.key, secret("passphrase")))));
  std::string body;
  for (std::size_t at = pem.find('\n') + 1; pem[at] != '-'; ++at)
    if (pem[at] != '\n') body += pem[at];
  const std::string hex = wire::hex_lower(must(wire::from_base64(body)));
  EXPECT_NE(hex.find("06092b06010401da47040b"), std::string::npos);  // id-scrypt
  EXPECT_NE(hex.find("02024000"
                     "020108"
                     "020108"),
            std::string::npos);                                      // N = 2^14, r = 8, p = 8
  EXPECT_NE(hex.find("060960864801650304012a"), std::string::npos);  // aes256-CBC
}

TEST(KeyFile, refuses_what_is_not_one_pkcs8_key) {
  const auto& key = p256_estate().device.key;
  const std::string pem(text_of(to_pem(key)));
  EXPECT_EQ(outcome(private_key_from_pem(secret(""), nullptr)), "malformed pki.key_file");
  EXPECT_EQ(outcome(private_key_from_pem(secret(pem + pem), nullptr)), "malformed pki.key_file");
  EXPECT_EQ(outcome(private_key_from_pem(secret(p256_estate().device.certificate.to_pem()), nullptr)),
            "malformed pki.key_file");
  const crypto::EvpPkey small(EVP_RSA_gen(1024)), p384(EVP_EC_gen("P-384"));
  for (EVP_PKEY* other : {small.get(), p384.get()}) {
    const crypto::BioHandle out(BIO_new(BIO_s_mem()));
    ASSERT_EQ(PEM_write_bio_PKCS8PrivateKey(out.get(), other, nullptr, nullptr, 0, nullptr, nullptr), 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    EXPECT_EQ(outcome(private_key_from_pem(secret({data, static_cast<std::size_t>(size)}), nullptr)),
              "malformed pki.key_file");
  }
}

TEST(KeyFile, refuses_old_encryption) {
  const crypto::BioHandle out(BIO_new(BIO_s_mem()));
  ASSERT_EQ(PEM_write_bio_PrivateKey_traditional(out.get(), p256_estate().device.key.native(), EVP_aes_128_cbc(),
                                                 reinterpret_cast<const std::uint8_t*>("pass"), 4, nullptr, nullptr),
            1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  const SecretBytes pass = secret("pass");
  EXPECT_EQ(outcome(private_key_from_pem(secret({data, static_cast<std::size_t>(size)}), &pass)),
            "malformed pki.key_file");
}

TEST(KeyFile, refuses_halves_that_do_not_match) {
  const Bytes one = to_bytes(p256_estate().device.key.to_pkcs8().reveal());
  const Bytes other = to_bytes(p256_estate().server.key.to_pkcs8().reveal());
  ASSERT_EQ(one.size(), other.size());
  Bytes mixed = one;
  std::copy(other.end() - 64, other.end(), mixed.end() - 64);  // the public point of another key
  const crypto::BioHandle out(BIO_new(BIO_s_mem()));
  PEM_write_bio(out.get(), "PRIVATE KEY", "", mixed.data(), static_cast<long>(mixed.size()));
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  EXPECT_EQ(outcome(private_key_from_pem(secret({data, static_cast<std::size_t>(size)}), nullptr)),
            "integrity pki.key_pair");
}

}  // namespace
}  // namespace tf::pki::test
