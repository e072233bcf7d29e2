// The card's key to read with: certified by the platform as the others are, renewed and revoked like them, and used by its person's PIN alone.
#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "apdu/tlv.hpp"
#include "crypto/keys.hpp"
#include "pki/device/attestation.hpp"
#include "platform/ca/office.hpp"
#include "terminal/cardsign/own_card.hpp"
#include "tests/platform/cardsign/desk.hpp"

namespace tf::platform::test {
namespace {

using apdu::CommandApdu;
using apdu::StatusWord;
using cardsign::Slot;

constexpr std::string_view kMessage = "for anna's eyes";

cardsign::Policy with_encryption(bool rsa) {
  cardsign::Policy out;
  out.slots = {Slot::payment, Slot::encryption};
  out.rsa = rsa;
  return out;
}

CommandApdu set_key() { return {.ins = 0x22, .p1 = 0x41, .p2 = 0xB8, .data = {0x84, 0x01, 0x9D}}; }
CommandApdu decipher(Bytes data) { return {.ins = 0x2A, .p1 = 0x80, .p2 = 0x86, .data = std::move(data), .le = 256}; }
CommandApdu verify(std::string_view pin) { return {.ins = 0x20, .p1 = 0x00, .p2 = 0x80, .data = to_bytes(card::padded_pin(pin).reveal())}; }

class CardsignEncryption : public testing::TestWithParam<bool> {
 protected:
  CardsignDesk desk{with_encryption(GetParam())};
  std::unique_ptr<HeldCard> card = desk.paying("TF-000001", "anna");

  apdu::ResponseApdu send(const CommandApdu& command) { return must(apdu::exchange(*card->in_reach.channel, command)); }
  SlotRow row(std::uint8_t container = 0) {
    for (const SlotRow& slot : must(desk.service->cards().show("TF-000001")).slots)
      if (slot.slot == Slot::encryption && slot.container == container) return slot;
    throw std::runtime_error("no certificate of slot encryption");
  }
  pki::Certificate certificate(std::uint8_t container = 0) { return must(pki::Certificate::from_der(row(container).der)); }
  // What somebody sends who has the certificate alone, and what the card makes of it.
  struct Sealed {
    Bytes cryptogram;  // of DECIPHER
    Bytes content;     // that the card's person sees
  };
  Sealed seal_to(const pki::Certificate& to) {
    const auto key = must(to.public_key());
    if (key.kind() == crypto::KeyKind::rsa) {
      Bytes cryptogram{0x00};
      append(cryptogram, must(crypto::oaep_encrypt(key, as_bytes(kMessage))));
      return {cryptogram, to_bytes(as_bytes(kMessage))};
    }
    const auto mine = crypto::PrivateKey::generate_p256();
    return {apdu::tlv(0xA6, apdu::tlv(0x7F49, apdu::tlv(0x86, mine.public_key().point()))), to_bytes(must(crypto::ecdh_p256(mine, key)).reveal())};
  }
  apdu::ResponseApdu open(const Sealed& sealed, std::string_view pin, std::uint8_t container = 0) {
    EXPECT_TRUE(send(apdu::shield::select()).ok());
    EXPECT_TRUE(send(apdu::shield::set_container(container)).ok());
    (void)send(verify(pin));
    EXPECT_TRUE(send(set_key()).ok());
    return send(decipher(sealed.cryptogram));
  }
};
INSTANTIATE_TEST_SUITE_P(Keys, CardsignEncryption, testing::Bool(), [](const auto& info) { return info.param ? "rsa2048" : "p256"; });

TEST_P(CardsignEncryption, is_certified_for_encipherment_or_agreement_and_opens_by_its_pin) {
  const auto record = must(desk.authority->show(row().certificate_serial));
  EXPECT_EQ(record.profile, GetParam() ? "cardsign-encryption" : "cardsign-encryption-ec");
  EXPECT_EQ(record.holder, "card:TF-000001");
  EXPECT_EQ(certificate().common_name(), "anna");
  EXPECT_EQ(certificate().subject_serial_number(), "TF-000001");
  EXPECT_FALSE(certificate().has_usage(pki::Usage::cardsign_payment) || certificate().has_usage(pki::Usage::tls_client));
  EXPECT_EQ(must(pki::attested_use(certificate())), pki::AttestedUse::decipher);
  // The card shows the same certificate, under the shield and as PIV's object.
  EXPECT_EQ(must(apdu::exchange_ok(*card->in_reach.channel, apdu::shield::select())).empty(), false);
  EXPECT_EQ(send(apdu::shield::read_certificate(Slot::encryption)).data, row().der);
  const Sealed sealed = seal_to(certificate());
  EXPECT_EQ(open(sealed, kPin).data, sealed.content);
  EXPECT_EQ(open(sealed, "654321").status, StatusWord::security_status);
  // It signs nothing.
  ASSERT_TRUE(send(verify(kPin)).ok());
  ASSERT_TRUE(send(set_key()).ok());
  EXPECT_EQ(send({.ins = 0x2A, .p1 = 0x9E, .p2 = 0x9A, .data = Bytes(32, 1), .le = 256}).status, StatusWord::conditions_of_use);
}

TEST_P(CardsignEncryption, pays_nothing_and_logs_nobody_on) {
  EXPECT_FALSE(desk.service->account(row().der).has_value());
  EXPECT_OK(desk.terminal_of(*card).pay({.payment = desk.order("A-1")}));
}

TEST_P(CardsignEncryption, is_renewed_over_the_air_for_the_same_key_and_revoked_with_the_card) {
  const SlotRow before = row();
  const Sealed sealed = seal_to(certificate());
  desk.now.advance(std::chrono::hours(24));
  EXPECT_EQ(must(desk.service->cards().renew("test", "TF-000001")), 2);
  EXPECT_EQ(must(desk.terminal_of(*card).update("TF-000001")).count, 2);
  EXPECT_NE(row().certificate_serial, before.certificate_serial);
  EXPECT_EQ(must(desk.authority->show(row().certificate_serial)).profile, must(desk.authority->show(before.certificate_serial)).profile);
  EXPECT_EQ(open(sealed, kPin).data, sealed.content) << "what was sent before is read after";
  const auto state = [&](const std::string& serial) { return must(desk.authority->show(serial)).state; };
  for (int tries = 0; tries < 200 && state(before.certificate_serial) != ca::State::revoked; ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(50));  // behind the answer
  EXPECT_EQ(state(before.certificate_serial), ca::State::revoked);
  const std::string now = row().certificate_serial;
  must(desk.service->cards().withdraw("test", "TF-000001"));
  EXPECT_EQ(state(now), ca::State::revoked);
}

TEST_P(CardsignEncryption, of_a_new_enrolment_is_a_new_key_and_the_old_certificate_is_revoked) {
  const SlotRow before = row();
  const Sealed sealed = seal_to(certificate());
  const auto again = must(desk.service->cards().assign("test", "TF-000001", 0, "anna"));
  must(desk.terminal_of(*card).enrol(std::string(as_text(again.code.reveal()))));
  EXPECT_NE(must(certificate().public_key()).spki(), must(must(pki::Certificate::from_der(before.der)).public_key()).spki());
  EXPECT_NE(open(sealed, kPin).data, sealed.content);
  const auto state = [&] { return must(desk.authority->show(before.certificate_serial)).state; };
  for (int tries = 0; tries < 200 && state() != ca::State::revoked; ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(50));  // behind the answer
  EXPECT_EQ(state(), ca::State::revoked);
}

TEST_P(CardsignEncryption, of_a_further_person_opens_by_that_persons_pin_alone) {
  const auto ordered = must(desk.service->cards().add_container("test", "TF-000001", 0, "berta"));
  must(desk.terminal_of(*card).enrol(std::string(as_text(ordered.assigned.code.reveal()))));
  const terminal::CardsignTrust trust{desk.settings.name, must(desk.opened->certificates->current(kind::root)).certificate, {desk.manufacturer.certificate}};
  ASSERT_OK(terminal::unblock_card(card->in_reach, {.container = 1, .puk = ordered.puk.clone(), .pin = SecretBytes(as_bytes(std::string_view("246802")))}, trust, desk.now.now_ms()));
  EXPECT_EQ(certificate(1).common_name(), "berta");
  const Sealed sealed = seal_to(certificate(1));
  EXPECT_EQ(open(sealed, "246802", 1).data, sealed.content);
  EXPECT_EQ(open(sealed, kPin, 1).status, StatusWord::security_status);
  EXPECT_NE(open(sealed, kPin, 0).data, sealed.content) << "anna's key is another";
}

// The line is cut after each message in turn: what was stored is kept, and its certificate is for the key that is there.
TEST_P(CardsignEncryption, is_whole_wherever_the_line_is_cut) {
  bool complete = false;
  for (int most = 4; !complete; most += 3) {
    SCOPED_TRACE(most);
    ASSERT_LT(most, 40);
    const auto again = must(desk.service->cards().assign("test", "TF-000001", 0, "anna"));
    const std::string code(as_text(again.code.reveal()));
    int messages = 0;
    desk.line = [&](const std::string& method, const std::string& target, const std::string& body) -> Result<net::HttpResponse> {
      auto answer = desk.serve(method, target, body);
      if (++messages > most) return Error{Code::unavailable, "test.cut", "the answer is lost"};
      return answer;
    };
    complete = desk.terminal_of(*card).enrol(code).has_value();
    desk.line = [&](const std::string& method, const std::string& target, const std::string& body) { return desk.serve(method, target, body); };
    if (!complete) (void)desk.terminal_of(*card).enrol(code);
    const Sealed sealed = seal_to(certificate());
    EXPECT_EQ(open(sealed, kPin).data, sealed.content);
  }
}

TEST(CardsignEncryptionProfiles, that_are_missing_are_named_when_the_platform_starts) {
  CardsignDesk desk;
  desk.authority->drain();
  const auto profile = desk.opened->paths.profiles() + "/cardsign-encryption-ec.toml";
  ASSERT_TRUE(std::filesystem::remove(profile));
  const auto authority = must(open_authority(desk.at, desk.opened->paths.profiles()));
  CardsignSettings settings;
  settings.policy = with_encryption(false);
  const auto made = CardsignService::make(desk.at, desk.sampler, settings, {*authority, *desk.payments, *desk.merchants, *desk.instruments});
  EXPECT_REFUSED(made, Code::invalid, "cardsign.no_profile");
  EXPECT_THAT(made.error().detail, testing::HasSubstr("cardsign-encryption-ec"));
  authority->drain();
}

}  // namespace
}  // namespace tf::platform::test
