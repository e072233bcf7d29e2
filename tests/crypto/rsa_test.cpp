// RSA: key sizes, OAEP and PSS.
#include "crypto/handles.hpp"
#include "crypto/keys.hpp"
#include "tests/crypto/vectors.hpp"

namespace tf::crypto {
namespace {

using test::outcome;

const PrivateKey& rsa() {
  static const PrivateKey key = PrivateKey::generate_rsa(2048);
  return key;
}

TEST(RsaKey, survives_its_own_encoding) {
  EXPECT_EQ(rsa().kind(), KeyKind::rsa);
  EXPECT_EQ(rsa().public_key().bits(), 2048);
  EXPECT_EQ(PublicKey::from_spki(rsa().public_key().spki()).value().spki(), rsa().public_key().spki());
  EXPECT_EQ(PrivateKey::from_pkcs8(rsa().to_pkcs8()).value().public_key().spki(), rsa().public_key().spki());
}

TEST(RsaKey, below_2048_bits_is_refused) {
  const auto small = PrivateKey::generate_rsa(1024);
  EXPECT_EQ(outcome(PublicKey::from_spki(small.public_key().spki())), "malformed crypto.public_key");
  EXPECT_EQ(outcome(PrivateKey::from_pkcs8(small.to_pkcs8())), "malformed crypto.private_key");
}

TEST(RsaKey, meant_for_pss_alone_is_refused) {
  const EvpPkeyCtx ctx(EVP_PKEY_CTX_new_from_name(nullptr, "RSA-PSS", nullptr));
  EVP_PKEY* made = nullptr;
  ASSERT_EQ(EVP_PKEY_keygen_init(ctx.get()), 1);
  ASSERT_EQ(EVP_PKEY_generate(ctx.get(), &made), 1);
  const PrivateKey key(std::shared_ptr<EVP_PKEY>(made, EVP_PKEY_free));
  EXPECT_EQ(outcome(PublicKey::from_spki(key.public_key().spki())), "malformed crypto.public_key");
}

TEST(Oaep, decrypts_what_it_encrypted_up_to_the_largest_size) {
  for (const std::size_t size : {0U, 1U, 48U, 190U}) {
    const Bytes plaintext(size, 0x5a);
    const auto ciphertext = oaep_encrypt(rsa().public_key(), plaintext);
    ASSERT_EQ(outcome(ciphertext), "ok") << size;
    EXPECT_EQ(ciphertext->size(), 256U);
    EXPECT_EQ(oaep_decrypt(rsa(), *ciphertext).value(), SecretBytes(ByteView(plaintext)));
  }
  EXPECT_FALSE(oaep_encrypt(rsa().public_key(), Bytes(191)));
}

TEST(Oaep, every_failure_to_decrypt_is_the_same) {
  const Bytes good = oaep_encrypt(rsa().public_key(), as_bytes("key")).value();
  for (std::size_t i = 1; i < good.size(); i += 17) {
    Bytes altered = good;
    altered[i] ^= 1;
    EXPECT_EQ(outcome(oaep_decrypt(rsa(), altered)), "refused crypto.oaep");
  }
  for (const std::size_t size : {0U, 1U, 128U, 255U, 257U, 4096U})
    EXPECT_EQ(outcome(oaep_decrypt(rsa(), Bytes(size, 0x11))), "refused crypto.oaep") << size;
  EXPECT_EQ(outcome(oaep_decrypt(rsa(), Bytes(256, 0xff))), "refused crypto.oaep");
}

TEST(Oaep, does_not_decrypt_pkcs1_padding_nor_another_hash) {
  for (const int padding : {RSA_PKCS1_PADDING, RSA_PKCS1_OAEP_PADDING}) {  // OAEP's default hash is SHA-1
    const EvpPkeyCtx ctx(EVP_PKEY_CTX_new_from_pkey(nullptr, rsa().native(), nullptr));
    Bytes out(256);
    std::size_t size = out.size();
    ASSERT_EQ(EVP_PKEY_encrypt_init(ctx.get()), 1);
    ASSERT_EQ(EVP_PKEY_CTX_set_rsa_padding(ctx.get(), padding), 1);
    ASSERT_EQ(EVP_PKEY_encrypt(ctx.get(), out.data(), &size, as_bytes("key").data(), 3), 1);
    EXPECT_EQ(outcome(oaep_decrypt(rsa(), out)), "refused crypto.oaep");
  }
}

TEST(Oaep, belongs_to_rsa_keys) {
  const auto ec = PrivateKey::generate_p256();
  EXPECT_EQ(outcome(oaep_encrypt(ec.public_key(), as_bytes("key"))), "refused crypto.wrong_key");
  EXPECT_FALSE(oaep_decrypt(ec, Bytes(256)));
}

TEST(Ps256, verifies_what_it_signed_and_no_alteration) {
  const Bytes signature = sign_ps256(rsa(), as_bytes("message")).value();
  EXPECT_TRUE(verify_ps256(rsa().public_key(), as_bytes("message"), signature));
  EXPECT_FALSE(verify_ps256(rsa().public_key(), as_bytes("Message"), signature));
  EXPECT_FALSE(verify_ps256(rsa().public_key(), as_bytes("message"), {}));
  EXPECT_FALSE(verify_ps256(rsa().public_key(), as_bytes("message"), ByteView(signature).first(255)));
  for (std::size_t i = 0; i < signature.size(); i += 13) {
    Bytes altered = signature;
    altered[i] ^= 1;
    EXPECT_FALSE(verify_ps256(rsa().public_key(), as_bytes("message"), altered));
  }
}

TEST(Ps256, refuses_a_pkcs1_signature) {
  const EvpMdCtx ctx(EVP_MD_CTX_new());
  Bytes signature(256);
  std::size_t size = signature.size();
  ASSERT_EQ(EVP_DigestSignInit(ctx.get(), nullptr, EVP_sha256(), nullptr, rsa().native()), 1);
  ASSERT_EQ(EVP_DigestSign(ctx.get(), signature.data(), &size, as_bytes("message").data(), 7), 1);
  EXPECT_FALSE(verify_ps256(rsa().public_key(), as_bytes("message"), signature));
}

TEST(Signatures, belong_to_keys_of_their_kind) {
  const auto ec = PrivateKey::generate_p256();
  EXPECT_FALSE(sign_ps256(ec, as_bytes("message")));
  EXPECT_FALSE(sign_es256(rsa(), as_bytes("message")));
  EXPECT_FALSE(verify_ps256(ec.public_key(), as_bytes("message"), Bytes(256)));
  EXPECT_FALSE(verify_es256(rsa().public_key(), as_bytes("message"), Bytes(64)));
}

}  // namespace
}  // namespace tf::crypto
