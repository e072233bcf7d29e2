// Secured packets in short messages.
#include "apdu/sms_download.hpp"

#include <gtest/gtest.h>

#include "apdu/tlv.hpp"
#include "tests/apdu/octets.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"
#include "wire/encoding.hpp"

namespace tf::apdu::ota {
namespace {

using test::must;

Bytes download(std::string_view message) { return tlv(0xD1, TlvWriter().put(0x82, hex("8381")).put(0x8B, hex(message)).bytes()); }

// SMS-DELIVERs that another tool makes (OTAman's tests over pySim, _build_sms_tpdu): alone, the first of three, the second of three.
constexpr const char* kAlone = "4005812143f57ff6240512151730002502700000201506091515b00000c08f58c38860acb3a362fffe670ad13759a2a6b4c1a91116";
constexpr const char* kFirst = "4405812143f57ff6240512151730002a070003010301700000201506091515b00000c08f58c38860acb3a362fffe670ad13759a2a6b4c1a91116";
constexpr const char* kSecond = "4405812143f57ff6240512151730002805000301030200201506091515b00000c08f58c38860acb3a362fffe670ad13759a2a6b4c1a91116";
constexpr const char* kPacket = "00201506091515b00000c08f58c38860acb3a362fffe670ad13759a2a6b4c1a91116";

TEST(SmsDownload, reads_messages_that_another_tool_makes) {
  const auto alone = must(read_download(download(kAlone)));
  EXPECT_EQ(alone.total, 1);
  EXPECT_EQ(alone.content, hex(kPacket));
  const auto first = must(read_download(download(kFirst))), second = must(read_download(download(kSecond)));
  EXPECT_EQ(first.total, 3);
  EXPECT_EQ(first.number, 1);
  EXPECT_EQ(first.content, hex(kPacket));
  EXPECT_EQ(second.reference, 1);
  EXPECT_EQ(second.number, 2);
}

TEST(SmsDownload, packets_of_every_size_are_cut_and_come_together) {
  for (const std::size_t size : {1u, 137u, 138u, 266u, 267u, 1000u, 8000u}) {
    Bytes packet(size);
    for (std::size_t i = 0; i < size; ++i) packet[i] = static_cast<std::uint8_t>(i * 7);
    Bytes together;
    const auto commands = must(downloads(packet, 9, "491701234567"));
    for (std::size_t i = 0; i < commands.size(); ++i) {
      EXPECT_LE(commands[i].data.size(), 255u);
      const auto part = must(read_download(commands[i].data));
      EXPECT_EQ(part.total, commands.size());
      EXPECT_EQ(part.number, i + 1);
      append(together, part.content);
    }
    EXPECT_EQ(together, packet);
  }
}

TEST(SmsDownload, what_is_no_such_message_is_refused) {
  const Bytes good = download(kFirst);
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_REFUSED(read_download(ByteView(good).first(size)), Code::malformed, "ota.message");
  for (const char* bad : {"", "40", "0005812143f57ff6240512151730002502700000", "4005812143f500f624051215173000030270004141",        // no header; for the terminal
                          "4005812143f57ff62405121517300003020000", "4005812143f57ff6240512151730000605000301030041",               // not a packet; part 0
                          "4005812143f57ff6240512151730000605000301030441", "4005812143f57ff62405121517300004ff700041"})
    EXPECT_REFUSED(read_download(download(bad)), Code::malformed, "ota.message");
  EXPECT_REFUSED(read_download(tlv(0xD1, tlv(0x82, hex("8381")))), Code::malformed, "ota.message");
  EXPECT_REFUSED(downloads({}, 1, "49"), Code::invalid, "ota.message");
  EXPECT_REFUSED(downloads(hex("00"), 1, "+49"), Code::invalid, "ota.message");
  EXPECT_REFUSED(downloads(Bytes(9000), 1, "49"), Code::invalid, "ota.message");
}

TEST(SmsDownload, what_a_modem_tells_is_handed_over_when_it_is_for_the_card) {
  // TS 27.005: service centre 491710760000, then the message.
  const std::string centre = "0791947101670000";
  const auto handed = must(hand_over_received(hex(centre + kAlone)));
  ASSERT_TRUE(handed);
  EXPECT_EQ(handed->cla, 0x80);
  EXPECT_EQ(handed->ins, 0xC2);
  EXPECT_EQ(must(read_download(handed->data)).content, hex(kPacket));
  TlvReader objects(must(only(handed->data, 0xD1)));
  EXPECT_EQ(to_bytes(must(objects.expect(0x82))), hex("8381"));
  EXPECT_EQ(to_bytes(must(objects.expect(0x06))), hex("91947101670000"));
  EXPECT_EQ(to_bytes(must(objects.expect(0x8B))), hex(kAlone));
  const auto without = must(hand_over_received(hex(std::string("00") + kAlone)));
  ASSERT_TRUE(without);
  EXPECT_EQ(*without, hand_over(hex(kAlone)));
  // A text; for the card by its protocol identifier but not by its class; by its class and not by its identifier: all for the terminal.
  for (const char* other : {"000405812143f500006240512151730005E8329BFD06", "004005812143f57f04624051215173000302700041", "004005812143f500f6624051215173000302700041"})
    EXPECT_FALSE(must(hand_over_received(hex(other)))) << other;
  const Bytes whole = hex(centre + kAlone);
  for (std::size_t size = 0; size < 24; ++size) EXPECT_REFUSED(hand_over_received(ByteView(whole).first(size)), Code::malformed, "ota.message");
  EXPECT_REFUSED(hand_over_received(hex(std::string("0C9194710167000000000000") + kAlone)), Code::malformed, "ota.message");
  EXPECT_REFUSED(hand_over_received(hex(std::string("00") + "4105812143f57ff6")), Code::malformed, "ota.message");  // SMS-SUBMIT
}

TEST(SmsDownload, its_answer_goes_back_in_the_delivery_report) {
  EXPECT_EQ(must(deliver_report(hex("027100000B0A53484400000000000009"))), hex("40077FF610027100000B0A53484400000000000009"));
  EXPECT_OK(deliver_report(Bytes(kMaxReport)));
  EXPECT_REFUSED(deliver_report({}), Code::invalid, "ota.message");
  EXPECT_REFUSED(deliver_report(Bytes(kMaxReport + 1)), Code::invalid, "ota.message");
}

TEST(SmsDownload, headers_are_those_that_the_other_tool_writes) {
  EXPECT_EQ(must(user_data_of(hex(kPacket), 1)), std::vector<Bytes>{hex(std::string("027000") + kPacket)});
  const auto three = must(user_data_of(Bytes(400), 1));
  ASSERT_EQ(three.size(), 3u);
  EXPECT_EQ(to_bytes(ByteView(three[0]).first(8)), hex("0700030103017000"));
  EXPECT_EQ(to_bytes(ByteView(three[1]).first(6)), hex("050003010302"));
  EXPECT_EQ(three[0].size(), kMaxUserData);
  EXPECT_EQ(three[1].size(), kMaxUserData);
}

TEST(SmsDownload, the_same_packet_gives_the_same_messages) {
  const Bytes packet(500, 7);
  EXPECT_EQ(must(user_data_of(packet, 3)), must(user_data_of(packet, 3)));
  EXPECT_NE(must(user_data_of(packet, 3)), must(user_data_of(packet, 4)));
  EXPECT_REFUSED(deliver("49", Bytes(kMaxUserData + 1)), Code::invalid, "ota.message");
}

}  // namespace
}  // namespace tf::apdu::ota
