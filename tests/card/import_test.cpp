// Yubico's import of keys that were made elsewhere: numbers that belong together are taken, others are not.
#include <gtest/gtest.h>
#include <openssl/core_names.h>

#include "apdu/tlv.hpp"
#include "card/piv/names.hpp"
#include "crypto/digest.hpp"
#include "crypto/handles.hpp"
#include "tests/card/support.hpp"

namespace tf::card::test {
namespace {

using apdu::TlvWriter;

Bytes number(const crypto::PrivateKey& key, const char* name) {
  BIGNUM* raw = nullptr;
  EXPECT_EQ(EVP_PKEY_get_bn_param(key.native(), name, &raw), 1);
  Bytes out(static_cast<std::size_t>(BN_num_bytes(raw)));
  BN_bn2bin(raw, out.data());
  BN_free(raw);
  return out;
}

struct RsaParts {
  Bytes p, q, dp, dq, qinv;
  explicit RsaParts(const crypto::PrivateKey& key)
      : p(number(key, OSSL_PKEY_PARAM_RSA_FACTOR1)), q(number(key, OSSL_PKEY_PARAM_RSA_FACTOR2)), dp(number(key, OSSL_PKEY_PARAM_RSA_EXPONENT1)),
        dq(number(key, OSSL_PKEY_PARAM_RSA_EXPONENT2)), qinv(number(key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1)) {}
  [[nodiscard]] Bytes encode() const { return TlvWriter().put(1, p).put(2, q).put(3, dp).put(4, dq).put(5, qinv).take(); }
};

class Import : public testing::Test {
 protected:
  Import() { card.select_piv(), card.be_administrator(); }
  std::string import(std::uint8_t algorithm, std::uint8_t reference, Bytes data) { return card.status({.ins = 0xFE, .p1 = algorithm, .p2 = reference, .data = std::move(data)}); }
  TestCard card;
};

TEST_F(Import, takes_rsa_by_its_primes_and_signs_with_it) {
  const crypto::PrivateKey key = generate_key(Algorithm::rsa2048);
  EXPECT_EQ(import(piv::kRsa2048, 0x9A, RsaParts(key).encode()), "9000");
  EXPECT_EQ(card.verify_pin("123456"), "9000");
  Bytes block(256, 0x11);
  const Bytes expected = to_bytes(must(rsa_raw(key, block)).reveal());
  EXPECT_EQ(to_bytes(must(apdu::only(must(apdu::only(card.sign(0x9A, piv::kRsa2048, block).data, 0x7C)), 0x82))), expected);
  const auto facts = card.services().keys.facts({"piv", 0x9A});
  EXPECT_EQ(facts->origin, Origin::imported);
}

TEST_F(Import, takes_a_scalar_on_either_curve) {
  for (const Algorithm algorithm : {Algorithm::p256, Algorithm::p384}) {
    const crypto::PrivateKey key = generate_key(algorithm);
    EXPECT_EQ(import(piv::identifier_of(algorithm), 0x9C, apdu::tlv(6, number(key, OSSL_PKEY_PARAM_PRIV_KEY))), "9000");
    EXPECT_EQ(card.services().keys.public_numbers({"piv", 0x9C})->point, public_numbers(algorithm, key).point);
  }
}

TEST_F(Import, refuses_numbers_that_do_not_belong_together) {
  const RsaParts good(generate_key(Algorithm::rsa2048));
  for (Bytes RsaParts::*part : {&RsaParts::p, &RsaParts::q, &RsaParts::dp, &RsaParts::dq, &RsaParts::qinv}) {
    RsaParts bad = good;
    (bad.*part).back() ^= 2;
    EXPECT_EQ(import(piv::kRsa2048, 0x9A, bad.encode()), "6A80");
    bad = good;
    (bad.*part).clear();
    EXPECT_EQ(import(piv::kRsa2048, 0x9A, bad.encode()), "6A80");
    bad = good;
    (bad.*part).insert((bad.*part).begin(), 20, 1);
    EXPECT_EQ(import(piv::kRsa2048, 0x9A, bad.encode()), "6A80");
  }
  RsaParts same = good;
  same.q = same.p;
  EXPECT_EQ(import(piv::kRsa2048, 0x9A, same.encode()), "6A80");
  EXPECT_EQ(import(piv::kRsa3072, 0x9A, good.encode()), "6A80");
  EXPECT_EQ(import(piv::kP256, 0x9A, good.encode()), "6A80");
  EXPECT_FALSE(card.services().keys.exists({"piv", 0x9A}));
}

TEST_F(Import, refuses_scalars_beyond_the_order) {
  EXPECT_EQ(import(piv::kP256, 0x9A, apdu::tlv(6, Bytes(32, 0))), "6A80");
  EXPECT_EQ(import(piv::kP256, 0x9A, apdu::tlv(6, Bytes(32, 0xFF))), "6A80");
  EXPECT_EQ(import(piv::kP256, 0x9A, apdu::tlv(6, Bytes(33, 1))), "6A80");
  EXPECT_EQ(import(piv::kP256, 0x9A, apdu::tlv(6, Bytes())), "6A80");
  EXPECT_EQ(import(piv::kP256, 0x9A, TlvWriter().put(6, Bytes(32, 1)).put(7, Bytes(1, 1)).take()), "6A80");
  EXPECT_EQ(import(0x06, 0x9A, apdu::tlv(6, Bytes(32, 1))), "6A86");
  EXPECT_EQ(import(piv::kP256, 0x9B, apdu::tlv(6, Bytes(32, 1))), "6A86");
}

TEST_F(Import, is_the_administrators) {
  card.card().reset();
  card.select_piv();
  EXPECT_EQ(import(piv::kP256, 0x9A, apdu::tlv(6, Bytes(32, 1))), "6982");
}

}  // namespace
}  // namespace tf::card::test
