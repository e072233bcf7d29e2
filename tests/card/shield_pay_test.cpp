// Steps 601 to 608 on the card, and what everybody between PIN pad and card may try.
#include <gtest/gtest.h>

#include "crypto/digest.hpp"
#include "tests/card/shield_support.hpp"
#include "tests/support/expect.hpp"

namespace tf::card::test {
namespace {

struct ShieldPay : testing::Test {
  ShieldPay() { enrol(card, Slot::payment); }
  shield::Prepared prepare() { return must(shield::read_prepared(data(card, shield::prepare_payment()))); }
  shield::Tries tries() { return must(shield::read_tries(data(card, shield::get_data(shield::Object::tries)))); }
  std::uint64_t counter() { return prepare().counter; }
  TestCard card;
  const Bytes m = must(payment().encode());
  const Hash256 hash = crypto::sha256(m);
};

TEST_F(ShieldPay, one_nonce_is_for_one_operation) {
  const auto prepared = prepare();
  const auto command = shield::sign_payment(m, envelope(card, {}, hash, prepared.nonce));
  EXPECT_EQ(status(card, command), StatusWord::ok);
  EXPECT_EQ(status(card, command), StatusWord::conditions_of_use);
  prepare();
  EXPECT_EQ(status(card, command), StatusWord::wrong_sm_object);
  EXPECT_EQ(counter(), 1u);
  EXPECT_EQ(tries().pin, 3u);
}

TEST_F(ShieldPay, an_envelope_is_for_one_structure_card_container_and_nonce) {
  const auto refused = [&](const Letter& letter, const Hash256& bound, bool other_nonce, bool other_card) {
    auto prepared = prepare();
    if (other_nonce) prepared.nonce[0] ^= 1;
    TestCard another("another");
    EXPECT_EQ(status(card, shield::sign_payment(m, envelope(other_card ? another : card, letter, bound, prepared.nonce))), StatusWord::wrong_sm_object);
  };
  refused({}, crypto::sha256(must(payment(2000).encode())), false, false);
  refused({.serial = "CARD-0002"}, hash, false, false);
  refused({.container = 1}, hash, false, false);
  refused({.puk = "12345678"}, hash, false, false);
  refused({}, hash, true, false);
  refused({}, hash, false, true);
  EXPECT_EQ(tries().pin, 3u);
  EXPECT_EQ(counter(), 0u);
}

TEST_F(ShieldPay, wrong_pins_cost_tries_to_the_last_and_the_right_one_does_not_help_then) {
  EXPECT_EQ(pay(card, {.pin = "654321"}).status, apdu::tries_left(2));
  EXPECT_EQ(pay(card).status, StatusWord::ok);
  EXPECT_EQ(tries().pin, 3u);
  EXPECT_EQ(pay(card, {.pin = "654321"}).status, apdu::tries_left(2));
  EXPECT_EQ(pay(card, {.pin = "654321"}).status, apdu::tries_left(1));
  EXPECT_EQ(pay(card, {.pin = "654321"}).status, StatusWord::blocked);
  EXPECT_EQ(pay(card).status, StatusWord::blocked);
  EXPECT_EQ(tries().pin, 0u);
  EXPECT_EQ(counter(), 1u);
}

TEST_F(ShieldPay, the_puk_unblocks_and_brings_a_new_pin_sealed_the_same_way) {
  for (int i = 0; i < 3; ++i) (void)pay(card, {.pin = "654321"});
  const auto unblock = [&](const Letter& letter, const Hash256& bound) { return status(card, shield::reset_retry_counter(envelope(card, letter, bound, prepare().nonce))); };
  EXPECT_EQ(unblock({.pin = "777777", .puk = "12345678"}, hash), StatusWord::wrong_sm_object);
  EXPECT_EQ(unblock({.pin = "777777"}, apdu::unblock_binding()), StatusWord::wrong_sm_object);
  EXPECT_EQ(unblock({.pin = "abcdef", .puk = "12345678"}, apdu::unblock_binding()), StatusWord::wrong_data);
  EXPECT_EQ(unblock({.pin = "777777", .puk = "87654321"}, apdu::unblock_binding()), apdu::tries_left(2));
  EXPECT_EQ(unblock({.pin = "777777", .puk = "12345678"}, apdu::unblock_binding()), StatusWord::ok);
  EXPECT_EQ(pay(card).status, apdu::tries_left(2));
  EXPECT_EQ(pay(card, {.pin = "777777"}).status, StatusWord::ok);
  for (int i = 0; i < 3; ++i) (void)unblock({.pin = "888888", .puk = "87654321"}, apdu::unblock_binding());
  EXPECT_EQ(unblock({.pin = "888888", .puk = "12345678"}, apdu::unblock_binding()), StatusWord::blocked);
}

TEST_F(ShieldPay, only_a_payment_structure_is_signed) {
  for (const Bytes& bad : {Bytes{}, Bytes(40, 0xC0), to_bytes(as_bytes("anything at all"))}) {
    const auto prepared = prepare();
    EXPECT_EQ(status(card, shield::sign_payment(bad, envelope(card, {}, crypto::sha256(bad), prepared.nonce))), StatusWord::wrong_data);
  }
  Bytes longer = m;
  longer.push_back(0);
  EXPECT_EQ(status(card, shield::sign_payment(longer, envelope(card, {}, crypto::sha256(longer), prepare().nonce))), StatusWord::wrong_data);
  EXPECT_EQ(counter(), 0u);
}

TEST_F(ShieldPay, nothing_is_signed_without_prepare_or_after_a_reset) {
  const auto prepared = prepare();
  card.card().reset();
  ASSERT_EQ(status(card, shield::select()), StatusWord::ok);
  EXPECT_EQ(status(card, shield::sign_payment(m, envelope(card, {}, hash, prepared.nonce))), StatusWord::conditions_of_use);
}

TEST_F(ShieldPay, a_pin_in_the_clear_opens_no_payment_key) {
  EXPECT_EQ(card.verify_pin("123456"), "9000");
  EXPECT_EQ(status(card, {.cla = 0x00, .ins = 0x22, .p1 = 0x41, .p2 = 0xB6, .data = hex("840101")}), StatusWord::reference_not_found);
  EXPECT_EQ(status(card, {.cla = 0x00, .ins = 0x2A, .p1 = 0x9E, .p2 = 0x9A, .data = Bytes(32), .le = 256}), StatusWord::conditions_of_use);
}

TEST_F(ShieldPay, the_card_remembers_its_last_sixteen_payments) {
  for (std::uint64_t i = 1; i <= 18; ++i) ASSERT_EQ(pay(card, {}, i).status, StatusWord::ok);
  EXPECT_EQ(status(card, shield::read_record(1)), StatusWord::security_status);
  ASSERT_EQ(card.verify_pin("123456"), "9000");
  for (std::uint8_t number = 1; number <= 16; ++number) {
    const auto record = must(shield::read_payment_record(data(card, shield::read_record(number))));
    EXPECT_EQ(record.counter, 19u - number);
    EXPECT_EQ(must(apdu::PaymentStructure::parse(record.structure)).amount, 19u - number);
  }
  EXPECT_EQ(status(card, shield::read_record(17)), StatusWord::wrong_p1_p2);
  ASSERT_EQ(status(card, shield::set_container(1)), StatusWord::ok);
  ASSERT_EQ(card.verify_pin("111111"), "9000");
  EXPECT_EQ(status(card, shield::read_record(1)), StatusWord::security_status);
}

TEST_F(ShieldPay, the_counter_outlives_power_and_keys) {
  ASSERT_EQ(pay(card).status, StatusWord::ok);
  card.restart();
  enrol(card, Slot::payment);
  EXPECT_EQ(counter(), 1u);
}

TEST_F(ShieldPay, hashes_are_signed_by_a_key_of_their_own_and_by_policy) {
  enrol(card, Slot::hash);
  const auto h_of = [&](const shield::Prepared& prepared) { return crypto::sha256(apdu::signed_hash(kSerial, m, prepared.nonce, prepared.counter + 1)); };
  auto prepared = prepare();
  EXPECT_EQ(status(card, shield::sign_hash(h_of(prepared), envelope(card, {}, h_of(prepared), prepared.nonce))), StatusWord::function_not_supported);
  EXPECT_EQ(data(card, shield::get_data(shield::Object::policy)), Bytes{0});

  Plan by_policy = plan();
  by_policy.sign_hash = true;
  TestCard classic(std::move(by_policy), "classic");
  const auto prepare_classic = [&] { return must(shield::read_prepared(data(classic, shield::prepare_payment()))); };
  const auto key = enrol(classic, Slot::hash);
  EXPECT_EQ(data(classic, shield::get_data(shield::Object::policy)), Bytes{1});
  prepared = prepare_classic();
  EXPECT_EQ(status(classic, shield::sign_hash(h_of(prepared), envelope(classic, {}, hash, prepared.nonce))), StatusWord::wrong_sm_object);
  prepared = prepare_classic();
  EXPECT_EQ(status(classic, shield::sign_hash(h_of(prepared), envelope(classic, {.pin = "000000"}, h_of(prepared), prepared.nonce))), apdu::tries_left(2));
  prepared = prepare_classic();
  const auto made = must(shield::read_signed(data(classic, shield::sign_hash(h_of(prepared), envelope(classic, {}, h_of(prepared), prepared.nonce)))));
  EXPECT_TRUE(shield::verify_signature(key, apdu::signed_hash(kSerial, m, prepared.nonce, made.counter), made.signature));
  EXPECT_FALSE(shield::verify_signature(key, apdu::signed_payment(kSerial, m, prepared.nonce, made.counter), made.signature));
}

TEST_F(ShieldPay, malformed_commands_in_every_field_are_refused) {
  for (const char* command : {"80200100", "80200001", "80220000", "8022000000", "80220000 02 A800", "80220000 04 A8008800", "80222200 01 00", "80240000 02 8A00", "802C0000", "802C0000 02 8800",
                              "80100001", "8010000001AA", "80CA00FF00", "80CA000000", "80CA0103 00", "801A000500", "801A010100", "801C00FF00", "80B2000400", "80FF0000", "8000000000", "00FE0000",
                              "84500000", "E0CA00C100", "80C20000", "80C20000 03 027000", "80C20001 03 027000", "80C20000 05 0270000001"}) {
    const auto answer = card.raw(command);
    ASSERT_EQ(answer.size(), 4u) << command;
    EXPECT_EQ(answer[0], '6') << command << " " << answer;
    EXPECT_NE(answer, "6F00") << command;
  }
  EXPECT_EQ(tries().pin, 3u);
}

TEST_F(ShieldPay, signs_and_answers_inside_a_secure_channel_too) {
  SecureHost host(card);
  const auto prepared = must(shield::read_prepared(host.data(shield::prepare_payment())));
  const auto wrapped = must(host.session().wrap(shield::sign_payment(m, envelope(card, {}, hash, prepared.nonce))));
  const auto answer = card.send(wrapped);
  EXPECT_FALSE(shield::read_signed(answer.data).has_value());  // what a relay sees
  EXPECT_OK(shield::read_signed(must(host.session().unwrap(answer)).data));
  EXPECT_EQ(host.send(shield::sign_payment(m, Bytes(100))).status, StatusWord::conditions_of_use);
}

TEST_F(ShieldPay, a_wrong_pin_inside_a_secure_channel_is_told_under_its_mac) {
  SecureHost host(card);
  const auto prepared = must(shield::read_prepared(host.data(shield::prepare_payment())));
  const auto answer = host.send(shield::sign_payment(m, envelope(card, {.pin = "000000"}, hash, prepared.nonce)));
  EXPECT_EQ(answer.status, apdu::tries_left(2));
}

}  // namespace
}  // namespace tf::card::test
