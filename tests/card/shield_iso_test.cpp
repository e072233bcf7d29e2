// The source's five command groups in the forms of ISO/IEC 7816-4 and -8: generate, sign and verify, encrypt and decrypt, read certificate, read public key.
#include <gtest/gtest.h>

#include <algorithm>

#include "apdu/tlv.hpp"
#include "crypto/digest.hpp"
#include "tests/card/shield_support.hpp"

namespace tf::card::test {
namespace {

using apdu::CommandApdu;
using apdu::tlv;
using apdu::TlvWriter;

CommandApdu set_environment(Slot slot, std::uint8_t p1 = 0x41) {
  const auto number = static_cast<std::uint8_t>(slot);
  return {.ins = 0x22, .p1 = p1, .p2 = slot == Slot::encryption ? std::uint8_t{0xB8} : std::uint8_t{0xB6}, .data = tlv(0x84, ByteView(&number, 1))};
}
CommandApdu perform(std::uint8_t p1, std::uint8_t p2, Bytes data) { return {.ins = 0x2A, .p1 = p1, .p2 = p2, .data = std::move(data), .le = 256}; }

struct ShieldIso : testing::Test {
  TestCard card;
  const Bytes message = to_bytes(as_bytes("a message"));
  const Bytes hash = to_bytes(crypto::sha256(message));
  Bytes sign() { return data(card, perform(0x9E, 0x9A, hash)); }
};

TEST_F(ShieldIso, signs_and_verifies_with_each_keys_own_pin_rule) {
  for (const auto algorithm : {shield::Algorithm::p256, shield::Algorithm::rsa2048}) {
    const auto key = enrol(card, Slot::authentication, algorithm);
    ASSERT_EQ(status(card, set_environment(Slot::authentication)), StatusWord::ok);
    EXPECT_EQ(status(card, perform(0x9E, 0x9A, hash)), StatusWord::security_status);
    ASSERT_EQ(card.verify_pin("123456"), "9000");
    const Bytes signature = sign();
    EXPECT_TRUE(shield::verify_signature(key, message, signature));
    EXPECT_TRUE(shield::verify_signature(key, message, sign()));  // once a session
    Bytes wrong = signature;
    wrong.back() ^= 1;
    EXPECT_EQ(status(card, perform(0x00, 0xA8, TlvWriter().put(0x9A, hash).put(0x9E, signature).take())), StatusWord::ok);
    EXPECT_EQ(status(card, perform(0x00, 0xA8, TlvWriter().put(0x9A, hash).put(0x9E, wrong).take())), StatusWord::authentication_failed);
    EXPECT_EQ(status(card, perform(0x00, 0xA8, TlvWriter().put(0x9A, hash).take())), StatusWord::wrong_data);
  }
}

TEST_F(ShieldIso, the_signature_key_asks_for_the_pin_each_time_and_the_cards_key_never) {
  enrol(card, Slot::signature);
  enrol(card, Slot::card);
  ASSERT_EQ(status(card, set_environment(Slot::signature)), StatusWord::ok);
  ASSERT_EQ(card.verify_pin("123456"), "9000");
  EXPECT_EQ(status(card, perform(0x9E, 0x9A, hash)), StatusWord::ok);
  EXPECT_EQ(status(card, perform(0x9E, 0x9A, hash)), StatusWord::security_status);
  card.restart();
  ASSERT_EQ(status(card, shield::select()), StatusWord::ok);
  ASSERT_EQ(status(card, set_environment(Slot::card)), StatusWord::ok);
  EXPECT_EQ(status(card, perform(0x9E, 0x9A, hash)), StatusWord::ok);
}

TEST_F(ShieldIso, a_hash_of_another_size_and_an_operation_without_environment_are_refused) {
  enrol(card, Slot::card);
  EXPECT_EQ(status(card, perform(0x9E, 0x9A, hash)), StatusWord::conditions_of_use);
  ASSERT_EQ(status(card, set_environment(Slot::card)), StatusWord::ok);
  EXPECT_EQ(status(card, perform(0x9E, 0x9A, Bytes(20))), StatusWord::wrong_length);
  EXPECT_EQ(status(card, perform(0x9E, 0x9B, hash)), StatusWord::wrong_p1_p2);
  EXPECT_EQ(status(card, perform(0x80, 0x86, hash)), StatusWord::conditions_of_use);
  EXPECT_EQ(status(card, set_environment(Slot::authentication)), StatusWord::reference_not_found);
  EXPECT_EQ(status(card, {.ins = 0x22, .p1 = 0x41, .p2 = 0xB8, .data = hex("84019E")}), StatusWord::conditions_of_use);
  EXPECT_EQ(status(card, {.ins = 0x22, .p1 = 0x41, .p2 = 0xA4, .data = hex("84019E")}), StatusWord::wrong_p1_p2);
  EXPECT_EQ(status(card, {.ins = 0x22, .p1 = 0x41, .p2 = 0xB6, .data = hex("8301")}), StatusWord::wrong_data);
}

TEST_F(ShieldIso, enciphers_and_deciphers_with_a_key_that_signs_nothing) {
  enrol(card, Slot::encryption, shield::Algorithm::rsa2048);
  ASSERT_EQ(status(card, set_environment(Slot::encryption, 0x81)), StatusWord::ok);
  const Bytes cryptogram = data(card, perform(0x86, 0x80, message));
  EXPECT_EQ(cryptogram.size(), 257u);
  EXPECT_EQ(status(card, perform(0x80, 0x86, cryptogram)), StatusWord::security_status);
  ASSERT_EQ(card.verify_pin("123456"), "9000");
  EXPECT_EQ(data(card, perform(0x80, 0x86, cryptogram)), message);
  Bytes wrong = cryptogram;
  wrong[100] ^= 1;
  EXPECT_EQ(status(card, perform(0x80, 0x86, wrong)), StatusWord::wrong_data);
  EXPECT_EQ(status(card, perform(0x9E, 0x9A, hash)), StatusWord::conditions_of_use);
  EXPECT_EQ(status(card, perform(0x86, 0x80, Bytes(300))), StatusWord::wrong_data);
}

TEST_F(ShieldIso, agrees_on_a_secret_with_a_p256_encryption_key) {
  const auto key = enrol(card, Slot::encryption);
  const auto own = crypto::PrivateKey::generate_p256();
  ASSERT_EQ(status(card, set_environment(Slot::encryption)), StatusWord::ok);
  ASSERT_EQ(card.verify_pin("123456"), "9000");
  const Bytes asked = tlv(0xA6, tlv(0x7F49, tlv(0x86, own.public_key().point())));
  const auto agreed = must(crypto::ecdh_p256(own, key));
  EXPECT_EQ(data(card, perform(0x80, 0x86, asked)), to_bytes(agreed.reveal()));
  EXPECT_EQ(status(card, perform(0x80, 0x86, tlv(0xA6, tlv(0x7F49, tlv(0x86, Bytes(65, 4)))))), StatusWord::wrong_data);
  EXPECT_EQ(status(card, perform(0x86, 0x80, message)), StatusWord::function_not_supported);
}

TEST_F(ShieldIso, reads_public_keys_and_generates_in_a_secure_channel_alone) {
  const auto key = enrol(card, Slot::card);
  const auto read = [](std::uint8_t p1) { return CommandApdu{.ins = 0x47, .p1 = p1, .data = p1 == 0x81 ? hex("B603 84019E") : hex("B603 84019E AC03 800111"), .le = 256}; };
  EXPECT_EQ(data(card, read(0x81)), tlv(0x7F49, tlv(0x86, key.point())));
  EXPECT_EQ(status(card, read(0x80)), StatusWord::security_status);
  EXPECT_EQ(status(card, {.ins = 0x47, .p1 = 0x81, .data = hex("B603 84019A"), .le = 256}), StatusWord::reference_not_found);
  EXPECT_EQ(status(card, {.ins = 0x47, .p1 = 0x81, .data = hex("B603 840101"), .le = 256}), StatusWord::reference_not_found);
  SecureHost host(card);
  const Bytes fresh = host.data(read(0x80));
  EXPECT_NE(fresh, tlv(0x7F49, tlv(0x86, key.point())));
  EXPECT_EQ(host.data(read(0x81)), fresh);
}

TEST_F(ShieldIso, certificates_are_files_and_objects) {
  enrol(card, Slot::payment);
  const Bytes certificate = data(card, shield::read_certificate(Slot::payment));
  EXPECT_EQ(status(card, {.ins = 0xB0, .le = 256}), StatusWord::no_current_file);
  EXPECT_EQ(status(card, {.ins = 0xA4, .p1 = 0x02, .p2 = 0x0C, .data = hex("E09A")}), StatusWord::file_not_found);
  ASSERT_EQ(status(card, {.ins = 0xA4, .p1 = 0x02, .p2 = 0x0C, .data = hex("E001")}), StatusWord::ok);
  Bytes read;
  while (true) {
    const auto answer = card.send({.ins = 0xB0, .p1 = static_cast<std::uint8_t>(read.size() >> 8), .p2 = static_cast<std::uint8_t>(read.size()), .le = 100});
    if (answer.status == StatusWord::wrong_offset) break;
    ASSERT_EQ(answer.status, StatusWord::ok);
    append(read, answer.data);
  }
  EXPECT_EQ(read, certificate);
  EXPECT_EQ(data(card, {.ins = 0xCA, .p1 = 0x01, .p2 = 0x01, .le = 256}), certificate);
  EXPECT_EQ(status(card, {.ins = 0xCA, .p1 = 0x01, .p2 = 0x9A, .le = 256}), StatusWord::file_not_found);
}

TEST_F(ShieldIso, gives_challenges_that_differ) {
  ASSERT_EQ(status(card, shield::select()), StatusWord::ok);
  const auto challenge = [&](std::uint32_t le) { return data(card, {.ins = 0x84, .le = le}); };
  EXPECT_EQ(challenge(16).size(), 16u);
  EXPECT_EQ(challenge(256).size(), 8u);
  EXPECT_NE(challenge(16), challenge(16));
  EXPECT_EQ(status(card, {.ins = 0x84, .p1 = 1, .le = 8}), StatusWord::wrong_p1_p2);
}

TEST_F(ShieldIso, the_pin_is_verified_changed_and_blocked_in_the_clear) {
  ASSERT_EQ(status(card, shield::select()), StatusWord::ok);
  const auto change = [&](std::string_view old, std::string_view fresh) {
    Bytes both = to_bytes(padded_pin(old).reveal());
    append(both, padded_pin(fresh).reveal());
    return status(card, {.ins = 0x24, .p2 = 0x80, .data = both});
  };
  EXPECT_EQ(card.raw("00200080"), "63C3");
  EXPECT_EQ(change("123456", "abc"), StatusWord::wrong_data);
  EXPECT_EQ(change("123456", "222222"), StatusWord::ok);
  EXPECT_EQ(card.verify_pin("123456"), "63C2");
  EXPECT_EQ(card.verify_pin("222222"), "9000");
  EXPECT_EQ(card.raw("00200080"), "9000");
  EXPECT_EQ(card.raw("00200081"), "6A88");
  for (int i = 0; i < 3; ++i) (void)card.verify_pin("000000");
  EXPECT_EQ(card.verify_pin("222222"), "6983");
  EXPECT_EQ(card.raw("00200080"), "6983");
}

}  // namespace
}  // namespace tf::card::test
