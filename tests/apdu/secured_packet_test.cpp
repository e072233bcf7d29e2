// Secured packets: what other tools make, both ends against each other, and everything that is altered on the way.
#include "apdu/secured_packet.hpp"

#include <gtest/gtest.h>

#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"
#include "wire/encoding.hpp"

namespace tf::apdu::ota {
namespace {

using test::must;

Bytes hex(std::string_view text) { return must(wire::from_hex(text)); }

// The keys of pySim's tests (osmocom, tests/unittests/test_ota.py), key set 2.
Keys sample_keys() { return {SecretBytes(ByteView(hex("200102030405060708090a0b0c0d0e0f"))), SecretBytes(ByteView(hex("201102030405060708090a0b0c0d0e0f"))), 2}; }
constexpr Tar kUsimFiles = {0xB0, 0x00, 0x11};
const Bytes kSelect = hex("00a40004023f00");

TEST(SecuredPacket, is_octet_for_octet_what_pysim_makes) {
  // OTAman's reference of pySim's encode_cmd for SPI 1619, KIc and KID 22, counter 11 (test_ota_helpers, AES_REFERENCE_VECTORS).
  const Bytes expected = hex("00281516192222b000115a47655527e96e832f1a5c698655715d4331454a0d83952c0ed35245706976b1");
  EXPECT_EQ(must(seal_command({kUsimFiles, 0x11, kSelect}, sample_keys())), expected);
  const CommandPacket opened = must(open_command(expected, sample_keys()));
  EXPECT_EQ(opened.tar, kUsimFiles);
  EXPECT_EQ(opened.counter, 0x11u);
  EXPECT_EQ(opened.data, kSelect);
}

TEST(SecuredPacket, reads_the_proof_of_receipt_of_a_real_card) {
  // A sysmoISIM-SJA5's, from pySim's tests: status 00, one command carried out, 6132.
  const Bytes proof = hex("027100002412b00011ebc6b497e2cad7aedf36ace0e3a29b38853f0fe9ccde81913be5702b73abce1f");
  const ResponsePacket opened = must(open_response(proof, sample_keys(), kUsimFiles, 0));
  EXPECT_EQ(opened.status, ResponseStatus::ok);
  EXPECT_EQ(opened.data, hex("016132"));
  EXPECT_REFUSED(open_response(proof, sample_keys(), kUsimFiles, 1), Code::refused, "ota.proof");
  EXPECT_REFUSED(open_response(proof, sample_keys(), kShieldTar, 0), Code::refused, "ota.proof");
  EXPECT_EQ(must(seal_response(opened, sample_keys())), proof);
}

TEST(SecuredPacket, goes_both_ways_in_every_size) {
  for (const std::size_t size : {16u, 24u, 32u}) {
    const Keys keys{SecretBytes(ByteView(Bytes(size, 1))), SecretBytes(ByteView(Bytes(size, 2)))};
    for (const std::size_t length : {1u, 2u, 3u, 16u, 18u, 1500u, 8000u}) {
      const Bytes data(length, 0x00);
      EXPECT_EQ(must(open_command(must(seal_command({kShieldTar, kMaxCounter, data}, keys)), keys)).data, data);
      EXPECT_EQ(must(open_response(must(seal_response({kShieldTar, 7, ResponseStatus::counter_low, data}, keys)), keys, kShieldTar, 7)).data, data);
    }
  }
}

TEST(SecuredPacket, every_altered_bit_and_every_cut_is_refused) {
  const Bytes packet = must(seal_command({kShieldTar, 5, Bytes(40, 9)}, sample_keys()));
  const Bytes proof = must(seal_response({kShieldTar, 5, ResponseStatus::ok, Bytes(20, 9)}, sample_keys()));
  const auto altered = [](Bytes octets, std::size_t bit) {
    octets[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    return octets;
  };
  for (std::size_t bit = 0; bit < packet.size() * 8; ++bit) EXPECT_FALSE(open_command(altered(packet, bit), sample_keys()).has_value()) << bit;
  for (std::size_t bit = 0; bit < proof.size() * 8; ++bit) EXPECT_FALSE(open_response(altered(proof, bit), sample_keys(), kShieldTar, 5).has_value()) << bit;
  for (std::size_t size = 0; size < packet.size(); ++size) EXPECT_FALSE(open_command(ByteView(packet).first(size), sample_keys()).has_value()) << size;
  for (std::size_t size = 0; size < proof.size(); ++size) EXPECT_FALSE(open_response(ByteView(proof).first(size), sample_keys(), kShieldTar, 5).has_value()) << size;
}

TEST(SecuredPacket, takes_no_weaker_security_than_its_own) {
  const Bytes packet = must(seal_command({kShieldTar, 5, Bytes(40, 9)}, sample_keys()));
  for (const int spi1 : {0x00, 0x02, 0x04, 0x06, 0x12, 0x1E}) {
    Bytes weaker = packet;
    weaker[3] = static_cast<std::uint8_t>(spi1);
    EXPECT_REFUSED(open_command(weaker, sample_keys()), Code::refused, "ota.security");
  }
  Bytes des = packet;
  des[5] = 0x15;
  EXPECT_REFUSED(open_command(des, sample_keys()), Code::refused, "ota.security");
  EXPECT_REFUSED(open_response(plain_response(kShieldTar, ResponseStatus::ok), sample_keys(), kShieldTar, 0), Code::refused, "ota.proof");
}

TEST(SecuredPacket, refuses_what_cannot_be_sent) {
  EXPECT_REFUSED(seal_command({kShieldTar, kMaxCounter + 1, {1}}, sample_keys()), Code::invalid, "ota.packet");
  EXPECT_REFUSED(seal_command({kShieldTar, 1, {}}, sample_keys()), Code::invalid, "ota.packet");
  EXPECT_REFUSED(seal_command({kShieldTar, 1, Bytes(kMaxPacket)}, sample_keys()), Code::invalid, "ota.packet");
  EXPECT_REFUSED(seal_command({kShieldTar, 1, {1}}, {SecretBytes(15), SecretBytes(16)}), Code::invalid, "ota.packet");
}

TEST(SecuredPacket, scripts_are_written_as_pysim_writes_them) {
  const auto one = must(CommandApdu::parse(hex("80f24002024f0000"))), two = must(CommandApdu::parse(hex("00a40004023f0000")));
  EXPECT_EQ(must(encode_script({one, two})), hex("aa14220880f24002024f0000220800a40004023f0000"));
  EXPECT_EQ(must(parse_script(must(encode_script({one, two})))), (std::vector{one, two}));
  const std::vector<ResponseApdu> answers{ResponseApdu(Bytes{1, 2}), ResponseApdu(StatusWord::wrong_data)};
  EXPECT_EQ(must(parse_outcome(encode_outcome(answers))), answers);
}

TEST(SecuredPacket, scripts_and_outcomes_that_do_not_parse_are_refused) {
  for (const char* bad : {"", "aa00", "ab00", "aa022200", "aa03230100", "aa14220880f24002024f0000220800a40004023f00", "aa0a220880f24002024f000000"})
    EXPECT_REFUSED(parse_script(hex(bad)), Code::malformed, "ota.script");
  for (const char* bad : {"", "aa00", "ab03800101", "ab0780010123029000" "00", "ab04230290" "00", "ab0680010123019000"})
    EXPECT_REFUSED(parse_outcome(hex(bad)), Code::malformed, "ota.outcome");
  EXPECT_REFUSED(encode_script({}), Code::invalid, "ota.script");
}

TEST(SecuredPacket, travels_in_an_envelope) {
  const Bytes packet = hex("0001aa");
  EXPECT_EQ(to_bytes(must(packet_of(envelope(packet).data))), packet);
  EXPECT_REFUSED(packet_of(hex("027100")), Code::malformed, "ota.packet");
}

}  // namespace
}  // namespace tf::apdu::ota
