// The module application, APDU by APDU: who may send what, and what malformed commands get.
#include <gtest/gtest.h>

#include "apdu/onboard.hpp"
#include "apdu/tlv.hpp"
#include "card/onboard/credentials.hpp"
#include "tests/card/support.hpp"
#include "tests/support/expect.hpp"

namespace tf::card::test {
namespace {

namespace words = apdu::onboard;
using apdu::CommandApdu;
using apdu::ResponseApdu;
using apdu::TlvWriter;
using words::Ins;

// A host by hand.
class OnboardApplication : public testing::Test {
 protected:
  OnboardApplication() { select(); }
  void select() { ASSERT_TRUE(card.send(words::select()).ok()); }
  StatusWord plain(Ins ins, std::uint8_t p2 = 0, Bytes data = {}) { return card.send(words::command(ins, p2, std::move(data))).status; }
  StatusWord claim() {
    const auto ours = crypto::PrivateKey::generate_p256();
    const auto point = ours.public_key().point();
    const auto certificate = must(pki::Certificate::from_der(card.services().files.read_unchecked(kChannelCertificate).value()));
    auto fresh = words::channel_keys(must(crypto::ecdh_p256(ours, must(certificate.public_key()))), point, kSerial);
    const StatusWord status = plain(Ins::claim, 0, TlvWriter().put(words::kPoint, point).take());
    if (status == StatusWord::ok) keys = std::move(fresh);
    return status;
  }
  StatusWord open(std::uint8_t level = apdu::scp03::kEverything) {
    session.emplace(must(apdu::scp03::HostSession::begin(keys, card.random(), 0, level)));
    const ResponseApdu begun = card.send(session->initialize_update());
    if (!begun.ok()) return begun.status;
    const auto proof = session->external_authenticate(begun);
    if (!proof) return StatusWord::authentication_failed;
    const ResponseApdu proved = card.send(*proof);
    EXPECT_OK(session->established(proved));
    return proved.status;
  }
  ResponseApdu ask(Ins ins, std::uint8_t p2 = 0, Bytes data = {}) { return must(session->unwrap(card.send(must(session->wrap(words::command(ins, p2, std::move(data))))))); }
  void make() {
    ASSERT_EQ(claim(), StatusWord::ok);
    ASSERT_EQ(open(), StatusWord::ok);
    ASSERT_EQ(ask(Ins::make, 0, name("M2M-0001")).status, StatusWord::ok);
  }
  static Bytes name(std::string_view text) { return apdu::tlv(words::kName, as_bytes(text)); }
  Bytes credential(std::string_view imsi = "001010123456789", std::uint8_t k = 1) {
    SecretBytes both(32);
    both.reveal_mutable()[0] = k;
    return TlvWriter().put(words::kImsi, as_bytes(imsi)).put(words::kIccid, ByteView()).put(words::kNote, ByteView()).put(words::kValue, must(session->encrypt_sensitive(both))).take();
  }

  TestCard card;
  apdu::scp03::StaticKeys keys;
  std::optional<apdu::scp03::HostSession> session;
};

constexpr Ins kHostCommands[] = {Ins::make, Ins::read_module, Ins::read_request, Ins::store_certificates, Ins::read_certificates, Ins::sign, Ins::unwrap, Ins::erase_module,
                        Ins::install, Ins::erase, Ins::authenticate, Ins::store_record, Ins::read_record};

TEST_F(OnboardApplication, obeys_its_host_in_the_secure_channel_alone) {
  for (const Ins ins : kHostCommands) EXPECT_EQ(plain(ins, 1), StatusWord::security_status);
  make();
  for (const Ins ins : kHostCommands) EXPECT_EQ(plain(ins, 1), StatusWord::security_status);
  EXPECT_EQ(plain(Ins::get_data, words::kSerialObject), StatusWord::security_status) << "a channel is open";
  select();
  EXPECT_EQ(plain(Ins::get_data, words::kSerialObject), StatusWord::ok);
  for (const Ins ins : kHostCommands) EXPECT_EQ(plain(ins, 1), StatusWord::security_status);
  // Commands alone under protection are not enough.
  ASSERT_EQ(open(apdu::scp03::kCommandMac | apdu::scp03::kCommandEncryption), StatusWord::ok);
  for (const Ins ins : kHostCommands) EXPECT_EQ(ask(ins, 1).status, StatusWord::security_status);
}

TEST_F(OnboardApplication, is_claimed_by_anybody_until_it_is_made_and_by_nobody_after) {
  EXPECT_EQ(plain(Ins::claim), StatusWord::wrong_data);
  EXPECT_EQ(plain(Ins::claim, 0, TlvWriter().put(words::kPoint, Bytes(65, 4)).take()), StatusWord::wrong_data);
  EXPECT_EQ(plain(Ins::claim, 1), StatusWord::wrong_p1_p2);
  keys = {SecretBytes(16), SecretBytes(16), SecretBytes(16)};
  EXPECT_EQ(open(), StatusWord::reference_not_found);
  ASSERT_EQ(claim(), StatusWord::ok);
  const auto first = keys.clone();
  ASSERT_EQ(claim(), StatusWord::ok);
  make();
  select();
  EXPECT_EQ(claim(), StatusWord::conditions_of_use);
  keys = first.clone();
  EXPECT_EQ(open(), StatusWord::authentication_failed) << "the first host's keys went when the second came";
}

TEST_F(OnboardApplication, a_claim_on_another_channel_ends_what_was_opened_before_it) {
  ASSERT_EQ(claim(), StatusWord::ok);
  ASSERT_EQ(open(), StatusWord::ok);
  ASSERT_EQ(card.raw("0070000001"), "019000");
  const auto elsewhere = [&](CommandApdu command) {
    command.cla |= 1;
    return card.send(command).status;
  };
  ASSERT_EQ(elsewhere(words::select()), StatusWord::ok);
  const auto point = crypto::PrivateKey::generate_p256().public_key().point();
  ASSERT_EQ(elsewhere(words::command(Ins::claim, 0, TlvWriter().put(words::kPoint, point).take())), StatusWord::ok);
  const auto sent = must(session->wrap(words::command(Ins::make, 0, name("M2M-0001"))));
  EXPECT_EQ(card.send(sent).status, StatusWord::security_status) << "a module would be made for who does not have its keys";
  EXPECT_EQ(claim(), StatusWord::ok) << "it was not made";
}

TEST_F(OnboardApplication, does_nothing_before_it_is_made) {
  ASSERT_EQ(claim(), StatusWord::ok);
  ASSERT_EQ(open(), StatusWord::ok);
  for (const Ins ins : kHostCommands)
    if (ins != Ins::make && ins != Ins::erase_module) EXPECT_EQ(ask(ins, 1).status, StatusWord::conditions_of_use);
  for (const char* bad : {"", ".x", "a b", "a/b"}) EXPECT_EQ(ask(Ins::make, 0, name(bad)).status, StatusWord::wrong_data);
  EXPECT_EQ(ask(Ins::make, 0, name(std::string(65, 'a'))).status, StatusWord::wrong_data);
  EXPECT_EQ(ask(Ins::make, 0, name("M2M-0001")).status, StatusWord::ok);
  const Bytes told = ask(Ins::read_module).data;
  EXPECT_EQ(ask(Ins::make, 0, name("M2M-0001")).status, StatusWord::ok) << "once more";
  EXPECT_EQ(ask(Ins::read_module).data, told) << "the same keys";
  EXPECT_EQ(ask(Ins::make, 0, name("M2M-0002")).status, StatusWord::exists);
}

TEST_F(OnboardApplication, is_erased_by_its_host_who_may_say_so_again_until_somebody_claims_the_card) {
  make();
  ASSERT_EQ(ask(Ins::store_record, 0, TlvWriter().put(0x86, as_bytes("r")).put(0x87, as_bytes("1")).take()).status, StatusWord::ok);
  ASSERT_EQ(ask(Ins::install, 2, credential()).status, StatusWord::ok);
  EXPECT_EQ(ask(Ins::erase_module, 1).status, StatusWord::wrong_p1_p2);
  EXPECT_EQ(ask(Ins::erase_module).status, StatusWord::ok);
  EXPECT_TRUE(card.services().keys.references("onboard").empty());
  EXPECT_EQ(must(onboard::usim_of(card.services().memory)).own.imsi, "001010000000001") << "the manufacturer's";
  EXPECT_EQ(ask(Ins::read_module).status, StatusWord::conditions_of_use);
  select();
  ASSERT_EQ(open(), StatusWord::ok);
  EXPECT_EQ(ask(Ins::erase_module).status, StatusWord::ok);
  const auto before = keys.clone();
  select();
  ASSERT_EQ(claim(), StatusWord::ok);
  keys = before.clone();
  EXPECT_EQ(open(), StatusWord::authentication_failed);
}

TEST_F(OnboardApplication, refuses_what_is_malformed_and_changes_nothing) {
  make();
  for (const std::uint8_t p2 : {std::uint8_t{0}, std::uint8_t{3}, std::uint8_t{0xFF}})
    for (const Ins ins : {Ins::read_request, Ins::read_certificates, Ins::unwrap, Ins::erase, Ins::authenticate}) EXPECT_EQ(ask(ins, p2, Bytes(32)).status, StatusWord::wrong_p1_p2);
  EXPECT_EQ(ask(Ins::store_certificates, 1, hex("70 03 010203")).status, StatusWord::wrong_data);
  EXPECT_EQ(ask(Ins::store_certificates, 1).status, StatusWord::wrong_data);
  EXPECT_EQ(ask(Ins::unwrap, 1, Bytes(256, 1)).status, StatusWord::wrong_data);
  EXPECT_EQ(ask(Ins::unwrap, 2, Bytes(255, 1)).status, StatusWord::wrong_data);
  EXPECT_EQ(ask(Ins::authenticate, 2, Bytes(32)).status, StatusWord::reference_not_found);
  for (const char* imsi : {"", "00101", "0010101234567890", "00101x"}) EXPECT_EQ(ask(Ins::install, 2, credential(imsi)).status, StatusWord::wrong_data);
  Bytes good = credential();
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_EQ(ask(Ins::install, 2, Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size))).status, StatusWord::wrong_data);
  EXPECT_EQ(must(onboard::usim_of(card.services().memory)).own.imsi, "001010000000001") << "the manufacturer's";
  EXPECT_EQ(ask(Ins::install, 2, good).status, StatusWord::ok);
  EXPECT_EQ(ask(Ins::install, 2, credential()).status, StatusWord::ok);
  EXPECT_EQ(ask(Ins::install, 2, credential("001010123456789", 2)).status, StatusWord::exists);
  EXPECT_EQ(ask(Ins::authenticate, 2, Bytes(31)).status, StatusWord::wrong_length);
  EXPECT_EQ(ask(Ins::authenticate, 2, Bytes(32)).status, StatusWord::mac_wrong);
  EXPECT_EQ(ask(Ins::store_record, 0, hex("86 01 2E 87 01 00")).status, StatusWord::wrong_data);
  EXPECT_EQ(ask(Ins::store_record, 0, TlvWriter().put(0x86, as_bytes("r")).put(0x87, Bytes(4097)).take()).status, StatusWord::wrong_data);
  EXPECT_EQ(ask(Ins::read_record, 0, hex("86 01 61")).status, StatusWord::reference_not_found);
  EXPECT_EQ(ask(Ins::read_record, 0, hex("86 01 2F")).status, StatusWord::wrong_data);
}

TEST_F(OnboardApplication, its_keys_are_not_to_be_had_by_other_applications) {
  make();
  EXPECT_EQ(card.services().keys.references("onboard").size(), 2u);
  // By the shield's slots and PIV's references there is no way into the container; what they address is theirs.
  card.select_piv();
  for (const std::uint8_t reference : {std::uint8_t{0x01}, std::uint8_t{0x02}}) EXPECT_NE(card.sign(reference, 0x11, Bytes(32)).status, StatusWord::ok);
}

TEST_F(OnboardApplication, a_replayed_or_altered_command_ends_the_channel) {
  make();
  const CommandApdu wrapped = must(session->wrap(words::command(Ins::store_record, 0, TlvWriter().put(0x86, as_bytes("r")).put(0x87, as_bytes("1")).take())));
  ASSERT_TRUE(must(session->unwrap(card.send(wrapped))).ok());
  EXPECT_EQ(card.send(wrapped).status, StatusWord::wrong_sm_object);
  EXPECT_EQ(card.send(must(session->wrap(words::command(Ins::read_module)))).status, StatusWord::security_status);
}

}  // namespace
}  // namespace tf::card::test
