#include "tests/card/support.hpp"

#include <gtest/gtest.h>

#include "apdu/tlv.hpp"
#include "card/piv/names.hpp"
#include "crypto/block_cipher.hpp"
#include "pki/issue.hpp"
#include "wire/encoding.hpp"

namespace tf::card::test {

using apdu::CommandApdu;
using apdu::ResponseApdu;
using apdu::tlv;

Bytes hex(std::string_view text) {
  std::string tight;
  for (const char c : text)
    if (c != ' ') tight.push_back(c);
  return must(wire::from_hex(tight));
}

const pki::Issuer& manufacturer() {
  static const pki::Issuer made = [] {
    tf::test::DeterministicRandom random("manufacturer");
    const crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
    return pki::Issuer{must(pki::make_root("card manufacturer", key, {tf::test::FixedClock::kStart, pki::kRootDays}, random)), key};
  }();
  return made;
}

Plan plan() {
  Plan out = default_plan(std::string(kSerial));
  out.administrator_cipher = piv::kAes192;
  // K and OPc of TS 35.208 §4.3, test set 1.
  Subscription usim{.imsi = "001010000000001", .iccid = "8988211000000000017", .key = {}};
  usim.key = {Secret<16>(std::span<const std::uint8_t, 16>(hex("465B5CE8B199B49FAA5F0A2EE238A6BC"))), Secret<16>(std::span<const std::uint8_t, 16>(hex("CD63CB71954A9F4E48A5994E37A02BAF")))};
  out.usim = std::move(usim);
  out.users.push_back({.number = 1, .pin = padded_pin("111111"), .puk = padded_pin("11111111")});
  return out;
}

TestCard::TestCard(std::string_view seed) : TestCard(plan(), seed) {}

TestCard::TestCard(Plan made_by, std::string_view seed) : random_(seed) {
  fill_in(made_by, random_);
  software_ = must(SoftwareCard::create_over(storage_, made_by, manufacturer(), tf::test::FixedClock::kStart, random_), "a card");
  card().power_on();
}

void TestCard::restart() {
  software_ = must(SoftwareCard::over(storage_, random_), "opening the card again");
  card().power_on();
}

std::string TestCard::raw(std::string_view command) { return wire::hex_upper(card().transmit(hex(command))); }

ResponseApdu TestCard::send(const CommandApdu& command, apdu::Sizes sizes) {
  InProcessChannel channel(card());
  return must(apdu::exchange(channel, command, sizes), "an exchange with the card");
}

std::string TestCard::status(const CommandApdu& command) {
  ResponseApdu answer = send(command);
  answer.data.clear();
  return wire::hex_upper(answer.encode());
}

void TestCard::select_piv() { ASSERT_EQ(send({.ins = 0xA4, .p1 = 0x04, .data = to_bytes(piv::kAid), .le = 256}).status, StatusWord::ok); }

std::string TestCard::verify_pin(std::string_view pin) {
  return wire::hex_upper(send({.ins = 0x20, .p2 = 0x80, .data = to_bytes(padded_pin(pin).reveal())}).encode());
}

void TestCard::be_administrator() {
  const Bytes key = hex("010203040506070801020304050607080102030405060708");
  const ResponseApdu asked = send({.ins = 0x87, .p1 = piv::kAes192, .p2 = piv::kAdministrator, .data = hex("7C028100"), .le = 256});
  ASSERT_EQ(asked.status, StatusWord::ok);
  const ByteView challenge = must(apdu::only(must(apdu::only(asked.data, 0x7C)), 0x81));
  const SecretBytes response = must(crypto::ecb(crypto::BlockCipher::aes, crypto::Direction::encrypt, key, challenge));
  ASSERT_EQ(send({.ins = 0x87, .p1 = piv::kAes192, .p2 = piv::kAdministrator, .data = tlv(0x7C, tlv(0x82, response.reveal()))}).status, StatusWord::ok);
}

Bytes TestCard::generate(std::uint8_t reference, std::uint8_t algorithm) {
  const std::uint8_t asked[] = {algorithm};
  const ResponseApdu answer = send({.ins = 0x47, .p2 = reference, .data = tlv(0xAC, tlv(0x80, asked)), .le = 256});
  EXPECT_EQ(answer.status, StatusWord::ok);
  return answer.data;
}

ResponseApdu TestCard::sign(std::uint8_t reference, std::uint8_t algorithm, ByteView block) {
  return send({.ins = 0x87, .p1 = algorithm, .p2 = reference, .data = tlv(0x7C, apdu::TlvWriter().put(0x82, ByteView()).put(0x81, block).bytes()), .le = 256});
}

}  // namespace tf::card::test
