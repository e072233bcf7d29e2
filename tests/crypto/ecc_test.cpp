// P-256: keys, ES256 and key agreement.
#include <atomic>
#include <thread>

#include "crypto/handles.hpp"
#include "crypto/kept_signer.hpp"
#include "crypto/kept_verifier.hpp"
#include "crypto/keys.hpp"
#include "tests/crypto/vectors.hpp"

namespace tf::crypto {
namespace {

using test::hex;
using test::outcome;
using wire::hex_upper;

PrivateKey from_scalar(std::string_view d) {
  Bytes der = hex("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420");
  append(der, hex(d));
  return PrivateKey::from_pkcs8(SecretBytes(ByteView(der))).value();
}
PublicKey from_xy(std::string_view x, std::string_view y) {
  return PublicKey::from_point(hex("04" + std::string(x) + std::string(y))).value();
}

// RFC 5903 §8.1
TEST(EcdhP256, gives_the_published_secret_on_both_sides) {
  const auto i = from_scalar("C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433");
  const auto r = from_scalar("C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53");
  EXPECT_EQ(hex_upper(i.public_key().point()),
            "04DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C37725811805271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E"
            "0577B8990BB3");
  const auto gr = from_xy("D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63",
                          "56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB");
  const char* secret = "D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE";
  EXPECT_EQ(hex_upper(ecdh_p256(i, gr).value().reveal()), secret);
  EXPECT_EQ(hex_upper(ecdh_p256(r, i.public_key()).value().reveal()), secret);
}

TEST(EcdhP256, does_not_agree_with_an_rsa_key) {
  const auto ec = PrivateKey::generate_p256();
  const auto rsa = PrivateKey::generate_rsa(2048);
  EXPECT_FALSE(ecdh_p256(ec, rsa.public_key()));
  EXPECT_FALSE(ecdh_p256(rsa, ec.public_key()));
}

TEST(P256Point, refuses_what_is_not_on_the_curve) {
  const Bytes good = to_bytes(PrivateKey::generate_p256().public_key().point());
  EXPECT_EQ(outcome(PublicKey::from_point(good)), "ok");
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes altered = good;
    altered[i] ^= 1;
    EXPECT_EQ(outcome(PublicKey::from_point(altered)), "malformed crypto.point") << i;
  }
  Bytes zero(65);
  zero[0] = 4;
  EXPECT_EQ(outcome(PublicKey::from_point(zero)), "malformed crypto.point");
  Bytes too_large = hex("04" + std::string(128, 'F'));
  EXPECT_EQ(outcome(PublicKey::from_point(too_large)), "malformed crypto.point");
}

TEST(P256Point, refuses_every_other_encoding) {
  const Bytes good = to_bytes(PrivateKey::generate_p256().public_key().point());
  EXPECT_EQ(outcome(PublicKey::from_point({})), "malformed crypto.point");
  EXPECT_EQ(outcome(PublicKey::from_point(Bytes(1))), "malformed crypto.point");  // infinity
  EXPECT_EQ(outcome(PublicKey::from_point(ByteView(good).first(64))), "malformed crypto.point");
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_EQ(outcome(PublicKey::from_point(longer)), "malformed crypto.point");
  Bytes compressed(good.begin(), good.begin() + 33);
  compressed[0] = static_cast<std::uint8_t>(2 + (good[64] & 1));
  EXPECT_EQ(outcome(PublicKey::from_point(compressed)), "malformed crypto.point");
}

TEST(PublicKey, of_p256_is_never_compressed) {
  const auto key = PrivateKey::generate_p256().public_key();
  const auto point = key.point();
  // What OpenSSL takes for the same key: everything that asks for its 65 octets would end there.
  Bytes compressed{0x30, 0x39, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x22, 0x00};
  compressed.push_back(static_cast<std::uint8_t>(2 + (point[64] & 1)));
  compressed.insert(compressed.end(), point.begin() + 1, point.begin() + 33);
  EXPECT_EQ(outcome(PublicKey::from_spki(compressed)), "malformed crypto.public_key");
  Bytes hybrid = key.spki();
  hybrid[26] = static_cast<std::uint8_t>(6 + (point[64] & 1));
  EXPECT_EQ(outcome(PublicKey::from_spki(hybrid)), "malformed crypto.public_key");
}

TEST(PublicKey, survives_its_own_encoding) {
  const auto key = PrivateKey::generate_p256().public_key();
  EXPECT_EQ(PublicKey::from_spki(key.spki()).value().point(), key.point());
  EXPECT_EQ(PublicKey::from_point(key.point()).value().spki(), key.spki());
  EXPECT_EQ(key.kind(), KeyKind::p256);
  EXPECT_EQ(key.bits(), 256);
}

TEST(PublicKey, refuses_other_curves_and_garbage) {
  const EvpPkey p384(EVP_EC_gen("P-384"));
  std::uint8_t* der = nullptr;
  const int size = i2d_PUBKEY(p384.get(), &der);
  ASSERT_GT(size, 0);
  const Bytes spki(der, der + size);
  OPENSSL_free(der);
  EXPECT_EQ(outcome(PublicKey::from_spki(spki)), "malformed crypto.public_key");
  EXPECT_EQ(outcome(PublicKey::from_spki({})), "malformed crypto.public_key");
  Bytes longer = PrivateKey::generate_p256().public_key().spki();
  const Bytes good = longer;
  longer.push_back(0);
  EXPECT_EQ(outcome(PublicKey::from_spki(longer)), "malformed crypto.public_key");
  for (std::size_t cut = 0; cut < good.size(); ++cut)
    EXPECT_EQ(outcome(PublicKey::from_spki(ByteView(good).first(cut))), "malformed crypto.public_key") << cut;
}

TEST(PrivateKey, survives_its_own_encoding) {
  const auto key = PrivateKey::generate_p256();
  const auto again = PrivateKey::from_pkcs8(key.to_pkcs8()).value();
  EXPECT_EQ(again.public_key().point(), key.public_key().point());
  EXPECT_EQ(again.kind(), KeyKind::p256);
}

TEST(PrivateKey, refuses_other_curves_and_garbage) {
  const PrivateKey p384(std::shared_ptr<EVP_PKEY>(EVP_EC_gen("P-384"), EVP_PKEY_free));
  EXPECT_EQ(outcome(PrivateKey::from_pkcs8(p384.to_pkcs8())), "malformed crypto.private_key");
  EXPECT_EQ(outcome(PrivateKey::from_pkcs8(SecretBytes())), "malformed crypto.private_key");
  EXPECT_EQ(outcome(PrivateKey::from_pkcs8(SecretBytes(100))), "malformed crypto.private_key");
}

// RFC 6979 A.2.5, message "sample"
TEST(Es256, verifies_the_published_signature) {
  const auto key = from_xy("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6",
                           "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299");
  const Bytes signature = hex("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
                              "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8");
  EXPECT_TRUE(verify_es256(key, as_bytes("sample"), signature));
  EXPECT_FALSE(verify_es256(key, as_bytes("Sample"), signature));
}

TEST(Es256, verifies_what_it_signed_and_no_alteration) {
  const auto key = PrivateKey::generate_p256();
  const auto signature = sign_es256(key, as_bytes("message")).value();
  EXPECT_TRUE(verify_es256(key.public_key(), as_bytes("message"), signature));
  EXPECT_FALSE(verify_es256(PrivateKey::generate_p256().public_key(), as_bytes("message"), signature));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    auto altered = signature;
    altered[i] ^= 0x40;
    EXPECT_FALSE(verify_es256(key.public_key(), as_bytes("message"), altered)) << i;
  }
}

TEST(Es256, refuses_signatures_of_the_wrong_shape) {
  const auto key = PrivateKey::generate_p256();
  const auto signature = sign_es256(key, as_bytes("message")).value();
  const auto verify = [&](const Bytes& bytes) { return verify_es256(key.public_key(), as_bytes("message"), bytes); };
  EXPECT_FALSE(verify({}));
  EXPECT_FALSE(verify(Bytes(signature.begin(), signature.end() - 1)));
  EXPECT_FALSE(verify(Bytes(64)));
  EXPECT_FALSE(verify(Bytes(64, 0xff)));
  Bytes longer(signature.begin(), signature.end());
  longer.push_back(0);
  EXPECT_FALSE(verify(longer));
}

TEST(KeptVerifier, tells_right_from_wrong_again_and_again) {
  const auto key = PrivateKey::generate_p256();
  KeptSigner signer(key);
  KeptVerifier verifier(key.public_key());
  for (int i = 0; i < 3; ++i) {
    const std::string message = "message " + std::to_string(i);
    const Bytes signature = signer.sign(as_bytes(message)).value();
    EXPECT_TRUE(verifier.verify_ecdsa_sha256(as_bytes(message), signature));
    EXPECT_FALSE(verifier.verify_ecdsa_sha256(as_bytes("another"), signature));
    EXPECT_FALSE(verifier.verify_ecdsa_sha256(as_bytes(message), {}));
    EXPECT_FALSE(verifier.verify_ecdsa_sha256(as_bytes(message), ByteView(signature).first(signature.size() - 1)));
    EXPECT_FALSE(KeptVerifier(PrivateKey::generate_p256().public_key()).verify_ecdsa_sha256(as_bytes(message), signature));
  }
  EXPECT_FALSE(KeptVerifier(PrivateKey::generate_rsa(2048).public_key()).verify_ecdsa_sha256(as_bytes("message"), Bytes(256)));
}

TEST(KeptVerifier, threads_share_it) {
  const auto key = PrivateKey::generate_p256();
  const Bytes signature = KeptSigner(key).sign(as_bytes("message")).value();
  KeptVerifier verifier(key.public_key());
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) wrong += verifier.verify_ecdsa_sha256(as_bytes("message"), signature) ? 0 : 1;
      });
  }
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace tf::crypto
