// What the card's keys do, checked by OpenSSL with the public half alone.
#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "apdu/tlv.hpp"
#include "card/piv/names.hpp"
#include "crypto/digest.hpp"
#include "crypto/handles.hpp"
#include "pki/device/attestation.hpp"
#include "tests/card/support.hpp"
#include "tests/support/expect.hpp"

namespace tf::card::test {
namespace {

using apdu::ResponseApdu;

Bytes part(ByteView octets, std::uint32_t outer, std::uint32_t inner) { return to_bytes(must(apdu::find(must(apdu::only(octets, outer)), inner)).value()); }

crypto::EvpPkey public_key(Algorithm algorithm, ByteView answer) {
  if (is_rsa(algorithm)) {
    Bytes n = part(answer, 0x7F49, 0x81), e = part(answer, 0x7F49, 0x82);
    std::ranges::reverse(n);
    std::ranges::reverse(e);
    OSSL_PARAM params[] = {OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, n.data(), n.size()), OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, e.data(), e.size()), OSSL_PARAM_construct_end()};
    const crypto::EvpPkeyCtx context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* key = nullptr;
    EXPECT_EQ(EVP_PKEY_fromdata_init(context.get()), 1);
    EXPECT_EQ(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params), 1);
    return crypto::EvpPkey(key);
  }
  const Bytes point = part(answer, 0x7F49, 0x86);
  crypto::EvpPkey key(EVP_EC_gen(algorithm == Algorithm::p384 ? "P-384" : "P-256"));
  EXPECT_EQ(EVP_PKEY_set1_encoded_public_key(key.get(), point.data(), point.size()), 1);
  return key;
}

// EMSA-PKCS1-v1_5 of a SHA-256 (RFC 8017 §9.2).
Bytes padded(const Hash256& hash, std::size_t size) {
  const Bytes info = hex("3031300D060960864801650304020105000420");
  Bytes out(size, 0xFF);
  out[0] = 0, out[1] = 1;
  out[size - hash.size() - info.size() - 1] = 0;
  std::ranges::copy(info, out.end() - static_cast<std::ptrdiff_t>(hash.size() + info.size()));
  std::ranges::copy(hash, out.end() - static_cast<std::ptrdiff_t>(hash.size()));
  return out;
}

bool verifies(EVP_PKEY* key, const Hash256& hash, ByteView signature) {
  const crypto::EvpPkeyCtx context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (EVP_PKEY_verify_init(context.get()) != 1) return false;
  if (EVP_PKEY_is_a(key, "RSA") == 1 && (EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1 || EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) != 1)) return false;
  return EVP_PKEY_verify(context.get(), signature.data(), signature.size(), hash.data(), hash.size()) == 1;
}

class PivKeys : public testing::Test {
 protected:
  PivKeys() { card.select_piv(), card.be_administrator(); }
  TestCard card;
  const Hash256 hash = crypto::sha256(as_bytes("pay 12.34"));
};

TEST_F(PivKeys, are_made_on_the_card_and_sign_with_every_algorithm) {
  EXPECT_EQ(card.verify_pin("123456"), "9000");
  for (const Algorithm algorithm : {Algorithm::rsa2048, Algorithm::rsa3072, Algorithm::p256, Algorithm::p384}) {
    const std::uint8_t identifier = piv::identifier_of(algorithm);
    const crypto::EvpPkey key = public_key(algorithm, card.generate(0x9A, identifier));
    const Bytes block = is_rsa(algorithm) ? padded(hash, size_of(algorithm)) : to_bytes(hash);
    const ResponseApdu answer = card.sign(0x9A, identifier, block);
    ASSERT_EQ(answer.status, StatusWord::ok);
    EXPECT_TRUE(verifies(key.get(), hash, part(answer.data, 0x7C, 0x82))) << static_cast<int>(identifier);
    EXPECT_FALSE(verifies(key.get(), crypto::sha256(as_bytes("pay 99.99")), part(answer.data, 0x7C, 0x82)));
  }
}

TEST_F(PivKeys, sign_alike_over_extended_commands_and_after_another_process_opened_the_card) {
  EXPECT_EQ(card.verify_pin("123456"), "9000");
  const crypto::EvpPkey key = public_key(Algorithm::rsa2048, card.generate(0x9A, piv::kRsa2048));
  const Bytes block = padded(hash, 256);
  const Bytes chained = card.sign(0x9A, piv::kRsa2048, block).data;
  const apdu::CommandApdu whole{.ins = 0x87, .p1 = piv::kRsa2048, .p2 = 0x9A, .data = apdu::tlv(0x7C, apdu::TlvWriter().put(0x82, ByteView()).put(0x81, block).bytes()), .le = 65536};
  EXPECT_EQ(card.send(whole, apdu::Sizes::extended_apdus).data, chained);
  card.restart();
  card.select_piv();
  EXPECT_EQ(card.verify_pin("123456"), "9000");
  EXPECT_EQ(card.sign(0x9A, piv::kRsa2048, block).data, chained);
}

TEST_F(PivKeys, refuse_blocks_that_do_not_fit_the_modulus) {
  EXPECT_EQ(card.verify_pin("123456"), "9000");
  (void)card.generate(0x9A, piv::kRsa2048);
  EXPECT_EQ(card.sign(0x9A, piv::kRsa2048, Bytes(255, 1)).status, StatusWord::wrong_data);
  EXPECT_EQ(card.sign(0x9A, piv::kRsa2048, Bytes(257, 1)).status, StatusWord::wrong_data);
  EXPECT_EQ(card.sign(0x9A, piv::kRsa2048, Bytes(256, 0xFF)).status, StatusWord::wrong_data);
  EXPECT_EQ(card.sign(0x9A, piv::kRsa2048, Bytes()).status, StatusWord::wrong_data);
}

TEST_F(PivKeys, agree_with_whoever_has_a_point_of_the_curve_and_nobody_else) {
  EXPECT_EQ(card.verify_pin("123456"), "9000");
  const crypto::EvpPkey theirs = public_key(Algorithm::p256, card.generate(0x9D, piv::kP256));
  const crypto::EvpPkey mine(EVP_EC_gen("P-256"));
  std::uint8_t* encoded = nullptr;
  const std::size_t size = EVP_PKEY_get1_encoded_public_key(mine.get(), &encoded);
  const auto agree = [&](ByteView point) {
    return card.send({.ins = 0x87, .p1 = piv::kP256, .p2 = 0x9D, .data = apdu::tlv(0x7C, apdu::TlvWriter().put(0x82, ByteView()).put(0x85, point).bytes()), .le = 256});
  };
  const ResponseApdu answer = agree({encoded, size});
  const crypto::EvpPkeyCtx context(EVP_PKEY_CTX_new_from_pkey(nullptr, mine.get(), nullptr));
  Bytes expected(32);
  std::size_t got = expected.size();
  ASSERT_TRUE(EVP_PKEY_derive_init(context.get()) == 1 && EVP_PKEY_derive_set_peer(context.get(), theirs.get()) == 1 && EVP_PKEY_derive(context.get(), expected.data(), &got) == 1);
  EXPECT_EQ(part(answer.data, 0x7C, 0x82), expected);
  Bytes off(encoded, encoded + size);
  off.back() ^= 1;
  EXPECT_EQ(agree(off).status, StatusWord::wrong_data);
  EXPECT_EQ(agree(ByteView(encoded, size - 1)).status, StatusWord::wrong_data);
  EXPECT_EQ(agree(Bytes(65, 0)).status, StatusWord::wrong_data);
  OPENSSL_free(encoded);
}

TEST_F(PivKeys, agree_where_they_are_for_that_and_nowhere_else) {
  EXPECT_EQ(card.verify_pin("123456"), "9000");
  const crypto::EvpPkey mine(EVP_EC_gen("P-256"));
  std::uint8_t* encoded = nullptr;
  const std::size_t size = EVP_PKEY_get1_encoded_public_key(mine.get(), &encoded);
  const Bytes point(encoded, encoded + size);
  OPENSSL_free(encoded);
  const auto agree = [&](std::uint8_t reference) {
    (void)card.generate(reference, piv::kP256);
    EXPECT_EQ(card.verify_pin("123456"), "9000");
    return card.send({.ins = 0x87, .p1 = piv::kP256, .p2 = reference, .data = apdu::tlv(0x7C, apdu::TlvWriter().put(0x82, ByteView()).put(0x85, point).bytes()), .le = 256}).status;
  };
  for (const std::uint8_t reference : std::initializer_list<std::uint8_t>{0x9D, 0x82, 0x95}) EXPECT_EQ(agree(reference), StatusWord::ok) << int{reference};
  for (const std::uint8_t reference : std::initializer_list<std::uint8_t>{0x9A, 0x9C, 0x9E}) EXPECT_EQ(agree(reference), StatusWord::wrong_data) << int{reference};
  // A request for 9D's certificate is signed by its key.
  EXPECT_EQ(card.sign(0x9D, piv::kP256, Bytes(32, 1)).status, StatusWord::ok);
}

TEST_F(PivKeys, of_the_factory_are_certified_by_the_manufacturer) {
  const auto file = [&](const FileId& id) { return must(pki::Certificate::from_der(card.services().files.read_unchecked(id).value())); };
  const pki::Certificate factory = file(kFactoryCertificate), channel = file(kChannelCertificate);
  EXPECT_OK(pki::verify_factory({factory}, kSerial, {manufacturer().certificate}, tf::test::FixedClock::kStart));
  EXPECT_OK(pki::verify_channel(channel, factory, tf::test::FixedClock::kStart));
  const auto held = card.services().keys.public_numbers({std::string(kCardKeys), kChannelKey});
  ASSERT_TRUE(held.has_value());
  EXPECT_EQ(held->point, to_bytes(must(channel.public_key()).point()));
}

TEST_F(PivKeys, are_for_one_use) {
  Services& services = card.services();
  EXPECT_TRUE(services.keys.handle({std::string(kCardKeys), kFactoryKey}, Use::attest).has_value());
  EXPECT_EQ(services.keys.handle({std::string(kCardKeys), kFactoryKey}, Use::sign).error(), StatusWord::conditions_of_use);
  EXPECT_EQ(services.keys.handle({std::string(kCardKeys), 0x7F}, Use::sign).error(), StatusWord::reference_not_found);
  EXPECT_EQ(services.keys.generate({"Has spaces", 1}, {}).error(), StatusWord::wrong_data);
}

// As a preset card has it: key and certificate are there when it is first powered on.
TEST(Preset, certificate_and_key_come_with_the_card) {
  const crypto::PrivateKey key = generate_key(Algorithm::p256);
  tf::test::DeterministicRandom random("preset");
  const pki::Certificate certificate = must(pki::issue_channel_certificate(manufacturer(), kSerial, key.public_key(), random));
  Plan made_by = plan();
  made_by.presets.push_back({0x9E, key, certificate.der()});
  TestCard card(std::move(made_by));
  card.select_piv();
  const ResponseApdu object = card.send({.ins = 0xCB, .p1 = 0x3F, .p2 = 0xFF, .data = hex("5C035FC101"), .le = 256});
  EXPECT_EQ(part(object.data, 0x53, 0x70), certificate.der());
  EXPECT_EQ(card.sign(0x9E, piv::kP256, crypto::sha256(as_bytes("x"))).status, StatusWord::ok);
  Plan other = plan();
  other.presets.push_back({0x9E, generate_key(Algorithm::p256), certificate.der()});
  VolatileStorage storage;
  fill_in(other, random);
  EXPECT_REFUSED(SoftwareCard::create_over(storage, other, manufacturer(), tf::test::FixedClock::kStart, random), Code::invalid, "card.plan");
}

TEST(Selection, that_an_application_refuses_leaves_the_one_before) {
  Plan without = plan();
  without.usim.reset();
  TestCard card(std::move(without));
  card.select_piv();
  EXPECT_EQ(card.verify_pin("123456"), "9000");
  EXPECT_EQ(card.raw("00A4040007A0000000871002"), "6A82");
  EXPECT_EQ(card.raw("00200080"), "9000");
}

}  // namespace
}  // namespace tf::card::test
