// Steps 501 to 512 on the card: a secure channel, a key made inside, request, attestation, certificate.
#include <gtest/gtest.h>

#include "apdu/tlv.hpp"
#include "card/piv/names.hpp"
#include "crypto/digest.hpp"
#include "tests/card/shield_support.hpp"
#include "tests/support/expect.hpp"

namespace tf::card::test {
namespace {

constexpr std::int64_t kNow = tf::test::FixedClock::kStart + 3600'000;
const pki::EnrolmentNonce kNonce{1, 2, 3, 4};

pki::Certificate certificate(ByteView der) { return must(pki::Certificate::from_der(der)); }

TEST(ShieldEnrol, a_key_is_made_inside_attested_certified_and_signs_a_payment) {
  TestCard card;
  ASSERT_EQ(status(card, shield::select()), StatusWord::ok);
  EXPECT_EQ(must(shield::read_serial(data(card, shield::get_data(shield::Object::serial)))), kSerial);
  std::vector<pki::Certificate> factory;
  for (const Bytes& der : must(shield::read_chain(data(card, shield::get_data(shield::Object::factory))))) factory.push_back(certificate(der));
  ASSERT_OK(pki::verify_factory(factory, kSerial, {manufacturer().certificate}, kNow));

  SecureHost host(card);
  const auto key = must(crypto::PublicKey::from_spki(host.data(shield::generate_key(Slot::payment, shield::Algorithm::p256, kNonce))));
  const auto request = must(pki::read_card_request(host.data(shield::read_request(Slot::payment))));
  EXPECT_EQ(request.serial, kSerial);
  EXPECT_EQ(request.nonce, kNonce);
  EXPECT_EQ(request.request.public_key().spki(), key.spki());
  const auto attested = certificate(host.data(shield::read_attestation(Slot::payment)));
  EXPECT_EQ(must(attested.public_key()).spki(), key.spki());
  EXPECT_EQ(must(pki::verify_attestation(attested, factory[0], kNow)), (pki::Attestation{std::string(kSerial), kNonce, 0x01, 0}));
  const Bytes issued = certificate_for(key);
  host.data(shield::store_certificate(Slot::payment, issued));
  EXPECT_EQ(host.data(shield::read_certificate(Slot::payment)), issued);

  const auto channel = certificate(host.data(shield::get_data(shield::Object::channel)));
  ASSERT_OK(pki::verify_channel(channel, factory[0], kNow));
  const Bytes m = must(payment().encode());
  const auto prepared = must(shield::read_prepared(host.data(shield::prepare_payment())));
  const auto made = must(shield::read_signed(host.data(shield::sign_payment(m, envelope(card, {}, crypto::sha256(m), prepared.nonce)))));
  EXPECT_EQ(made.counter, prepared.counter + 1);
  EXPECT_TRUE(shield::verify_signature(key, apdu::signed_payment(kSerial, m, prepared.nonce, made.counter), made.signature));
  EXPECT_FALSE(shield::verify_signature(key, apdu::signed_hash(kSerial, m, prepared.nonce, made.counter), made.signature));
}

TEST(ShieldEnrol, rsa_keys_are_made_and_sign_as_well) {
  TestCard card;
  const auto key = enrol(card, Slot::payment, shield::Algorithm::rsa2048);
  const auto prepared = must(shield::read_prepared(data(card, shield::prepare_payment())));
  const Bytes m = must(payment().encode());
  const auto made = must(shield::read_signed(data(card, shield::sign_payment(m, envelope(card, {}, crypto::sha256(m), prepared.nonce)))));
  EXPECT_TRUE(shield::verify_signature(key, apdu::signed_payment(kSerial, m, prepared.nonce, made.counter), made.signature));
  SecureHost host(card);
  EXPECT_EQ(must(pki::read_card_request(host.data(shield::read_request(Slot::payment)))).nonce, (pki::EnrolmentNonce{7}));
}

TEST(ShieldEnrol, administration_is_refused_without_a_secure_channel) {
  TestCard card;
  ASSERT_EQ(status(card, shield::select()), StatusWord::ok);
  for (const auto& command : {shield::generate_key(Slot::payment, shield::Algorithm::p256, kNonce), shield::read_request(Slot::payment), shield::read_attestation(Slot::payment),
                              shield::store_certificate(Slot::payment, Bytes(10)), shield::create_container(2, Bytes(16), Bytes(16)), shield::delete_container(1)})
    EXPECT_EQ(status(card, command), StatusWord::security_status) << int{command.ins};
  EXPECT_EQ(status(card, shield::read_record(1)), StatusWord::security_status);
}

TEST(ShieldEnrol, a_wrapped_command_without_a_channel_and_a_plain_one_inside_it_are_refused) {
  TestCard card;
  ASSERT_EQ(status(card, shield::select()), StatusWord::ok);
  apdu::CommandApdu wrapped = shield::read_request(Slot::payment);
  wrapped.cla |= 0x04;
  wrapped.data = Bytes(8);
  EXPECT_EQ(status(card, wrapped), StatusWord::security_status);
  SecureHost host(card);
  EXPECT_EQ(status(card, shield::set_container(1)), StatusWord::security_status);
  EXPECT_EQ(host.status(shield::set_container(1)), StatusWord::ok);
}

TEST(ShieldEnrol, select_and_reset_end_the_channel) {
  TestCard card;
  SecureHost first(card);
  ASSERT_EQ(status(card, shield::select()), StatusWord::ok);
  EXPECT_EQ(first.status(shield::get_data(shield::Object::counter)), StatusWord::security_status);
  SecureHost second(card);
  card.card().reset();
  ASSERT_EQ(status(card, shield::select()), StatusWord::ok);
  EXPECT_EQ(second.status(shield::get_data(shield::Object::counter)), StatusWord::security_status);
}

TEST(ShieldEnrol, altered_dropped_replayed_and_reordered_commands_of_a_relay_end_the_channel) {
  const auto with = [](auto relay) {
    TestCard card;
    SecureHost host(card);
    relay(card, host);
    EXPECT_EQ(status(card, must(host.session().wrap(shield::set_container(0)))), StatusWord::security_status);
  };
  const auto command = shield::generate_key(Slot::payment, shield::Algorithm::p256, kNonce);
  with([&](TestCard& card, SecureHost& host) {  // altered
    auto wrapped = must(host.session().wrap(command));
    wrapped.p2 = static_cast<std::uint8_t>(Slot::hash);
    EXPECT_EQ(status(card, wrapped), StatusWord::wrong_sm_object);
  });
  with([&](TestCard& card, SecureHost& host) {  // dropped
    (void)must(host.session().wrap(shield::set_container(1)));
    EXPECT_EQ(status(card, must(host.session().wrap(command))), StatusWord::wrong_sm_object);
  });
  with([&](TestCard& card, SecureHost& host) {  // replayed
    const auto wrapped = must(host.session().wrap(command));
    EXPECT_EQ(status(card, wrapped), StatusWord::ok);
    EXPECT_EQ(status(card, wrapped), StatusWord::wrong_sm_object);
  });
  with([&](TestCard& card, SecureHost& host) {  // cut inside a chain
    auto wrapped = must(host.session().wrap(shield::store_certificate(Slot::payment, Bytes(600, 1))));
    wrapped.data.resize(wrapped.data.size() - 1);
    EXPECT_EQ(status(card, wrapped), StatusWord::wrong_sm_object);
  });
}

TEST(ShieldEnrol, only_a_certificate_for_the_slots_key_is_stored) {
  TestCard card;
  SecureHost host(card);
  EXPECT_EQ(host.status(shield::store_certificate(Slot::payment, certificate_for(crypto::PrivateKey::generate_p256().public_key()))), StatusWord::reference_not_found);
  host.data(shield::generate_key(Slot::payment, shield::Algorithm::p256, kNonce));
  EXPECT_EQ(host.status(shield::store_certificate(Slot::payment, certificate_for(crypto::PrivateKey::generate_p256().public_key()))), StatusWord::wrong_data);
  EXPECT_EQ(host.status(shield::store_certificate(Slot::payment, Bytes(100, 0x30))), StatusWord::wrong_data);
  EXPECT_EQ(host.status(shield::read_certificate(Slot::payment)), StatusWord::file_not_found);
}

TEST(ShieldEnrol, a_new_key_has_no_certificate_and_another_nonce) {
  TestCard card;
  enrol(card, Slot::signature);
  SecureHost host(card);
  host.data(shield::generate_key(Slot::signature, shield::Algorithm::p256, kNonce));
  EXPECT_EQ(host.status(shield::read_certificate(Slot::signature)), StatusWord::file_not_found);
  EXPECT_EQ(must(pki::read_card_request(host.data(shield::read_request(Slot::signature)))).nonce, kNonce);
}

TEST(ShieldEnrol, a_certificate_of_a_piv_slot_is_pivs_object) {
  TestCard card;
  enrol(card, Slot::authentication);
  const Bytes stored = data(card, shield::read_certificate(Slot::authentication));
  card.select_piv();
  const auto answer = card.send({.ins = 0xCB, .p1 = 0x3F, .p2 = 0xFF, .data = hex("5C035FC105"), .le = 256});
  ASSERT_EQ(answer.status, StatusWord::ok);
  EXPECT_EQ(answer.data, apdu::tlv(0x53, piv::certificate_object(stored)));
}

TEST(ShieldEnrol, a_key_that_piv_made_or_imported_is_not_attested_under_an_older_nonce) {
  TestCard card;
  enrol(card, Slot::authentication);
  card.select_piv();
  card.be_administrator();
  card.generate(0x9A, 0x11);
  SecureHost host(card);
  EXPECT_EQ(host.status(shield::read_attestation(Slot::authentication)), StatusWord::conditions_of_use);
  EXPECT_EQ(host.status(shield::read_request(Slot::authentication)), StatusWord::conditions_of_use);
}

TEST(ShieldEnrol, containers_keep_users_apart) {
  TestCard card;
  const auto mine = enrol(card, Slot::payment, shield::Algorithm::p256, 0);
  const auto theirs = enrol(card, Slot::payment, shield::Algorithm::p256, 1);
  EXPECT_NE(mine.spki(), theirs.spki());
  EXPECT_EQ(data(card, shield::get_data(shield::Object::containers)), (Bytes{0, 1}));
  ASSERT_EQ(status(card, shield::set_container(1)), StatusWord::ok);
  EXPECT_EQ(data(card, shield::read_public_key(Slot::payment)), theirs.spki());
  EXPECT_EQ(pay(card, {.container = 1, .pin = "123456"}).status, apdu::tries_left(2));
  EXPECT_EQ(pay(card, {.container = 0, .pin = "123456"}).status, StatusWord::wrong_sm_object);
  EXPECT_EQ(pay(card, {.container = 1, .pin = "111111"}).status, StatusWord::ok);
  EXPECT_EQ(status(card, shield::set_container(9)), StatusWord::reference_not_found);
}

TEST(ShieldEnrol, containers_come_with_encrypted_pins_and_go_with_all_their_keys) {
  TestCard card;
  SecureHost host(card);
  const auto sealed = [&](std::string_view text) {
    SecretBytes block(16);
    const SecretBytes pin = padded_pin(text);
    std::ranges::copy(pin.reveal(), block.reveal_mutable().begin());
    block.reveal_mutable()[8] = 0x80;
    return must(host.session().encrypt_sensitive(block));
  };
  EXPECT_EQ(host.status(shield::create_container(1, sealed("222222"), sealed("22222222"))), StatusWord::exists);
  EXPECT_EQ(host.status(shield::create_container(2, sealed("22"), sealed("22222222"))), StatusWord::wrong_data);
  EXPECT_EQ(host.status(shield::create_container(2, Bytes(16, 3), sealed("22222222"))), StatusWord::wrong_data);
  EXPECT_EQ(host.status(shield::create_container(16, sealed("222222"), sealed("22222222"))), StatusWord::wrong_p1_p2);
  EXPECT_EQ(host.status(shield::create_container(2, sealed("222222"), sealed("22222222"))), StatusWord::ok);
  enrol(card, Slot::payment, shield::Algorithm::p256, 2);
  ASSERT_EQ(status(card, shield::set_container(2)), StatusWord::ok);
  EXPECT_EQ(pay(card, {.container = 2, .pin = "222222"}).status, StatusWord::ok);
  SecureHost again(card);
  EXPECT_EQ(again.status(shield::delete_container(0)), StatusWord::wrong_p1_p2);
  EXPECT_EQ(again.status(shield::delete_container(2)), StatusWord::ok);
  EXPECT_EQ(again.status(shield::set_container(2)), StatusWord::reference_not_found);
  EXPECT_EQ(again.data(shield::get_data(shield::Object::containers)), (Bytes{0, 1}));
}

// Container 2 with PIN 222222 and a payment key.
void make_container(TestCard& card) {
  SecureHost host(card);
  const auto sealed = [&](std::string_view value) {
    SecretBytes block(16);
    std::ranges::copy(padded_pin(value).reveal(), block.reveal_mutable().begin());
    block.reveal_mutable()[8] = 0x80;
    return must(host.session().encrypt_sensitive(block));
  };
  ASSERT_EQ(host.status(shield::create_container(2, sealed("222222"), sealed("22222222"))), StatusWord::ok);
  enrol(card, Slot::payment, shield::Algorithm::p256, 2);
}

TEST(ShieldEnrol, a_deleted_container_takes_its_payments_along_and_leaves_the_others) {
  TestCard card;
  enrol(card, Slot::payment);
  make_container(card);
  const auto pay_by = [&](std::uint8_t container, const char* pin) {
    ASSERT_EQ(status(card, shield::select()), StatusWord::ok);
    ASSERT_EQ(status(card, shield::set_container(container)), StatusWord::ok);
    ASSERT_EQ(pay(card, {.container = container, .pin = pin}).status, StatusWord::ok);
  };
  pay_by(2, "222222");
  pay_by(0, "123456");
  pay_by(2, "222222");
  SecureHost host(card);
  ASSERT_EQ(host.status(shield::delete_container(2)), StatusWord::ok);
  EXPECT_EQ(host.status(shield::read_record(1)), StatusWord::record_not_found);
  EXPECT_EQ(must(shield::read_payment_record(host.data(shield::read_record(2)))).counter, 2u);
  EXPECT_EQ(host.status(shield::read_record(3)), StatusWord::record_not_found);
  EXPECT_EQ(card.services().memory.names("key/user/2").size(), 0u);
  EXPECT_EQ(card.services().memory.names("pin/pin.2").size() + card.services().memory.names("pin/puk.2").size(), 0u);
  pay_by(0, "123456");
  SecureHost again(card);
  EXPECT_EQ(must(shield::read_payment_record(again.data(shield::read_record(1)))).counter, 4u) << "the counter is the card's and stays";
}

// Somebody who proved himself for a container is not taken for the next person who gets its number.
TEST(ShieldEnrol, what_was_proved_for_a_container_ends_with_it_wherever_it_was_proved) {
  TestCard card;
  make_container(card);
  Card modem = card.card().further_interface();
  modem.power_on();
  const auto say = [&](const apdu::CommandApdu& command) { return must(apdu::ResponseApdu::parse(modem.transmit(must(command.encode())))).status; };
  ASSERT_EQ(say(shield::select()), StatusWord::ok);
  ASSERT_EQ(say(shield::set_container(2)), StatusWord::ok);
  const apdu::CommandApdu verify{.cla = 0x00, .ins = 0x20, .p1 = 0, .p2 = 0x80, .data = hex("323232323232FFFF")};
  ASSERT_EQ(say(verify), StatusWord::ok);
  ASSERT_EQ(say(shield::read_record(1)), StatusWord::record_not_found) << "the PIN was right";
  {
    SecureHost host(card);
    ASSERT_EQ(host.status(shield::delete_container(2)), StatusWord::ok);
  }
  make_container(card);
  EXPECT_EQ(say(shield::read_record(1)), StatusWord::security_status);
  ASSERT_EQ(say(verify), apdu::tries_left(2)) << "it is the owner's PIN that is asked for";
}

}  // namespace
}  // namespace tf::card::test
