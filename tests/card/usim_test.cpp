// The USIM: files, AKA with the published test set, on a channel of its own while the shield works, and the AT commands before it.
#include "card/usim/application.hpp"

#include <gtest/gtest.h>

#include "card/usim/at_line.hpp"
#include "crypto/aka/usim.hpp"
#include "crypto/digest.hpp"
#include "tests/card/shield_support.hpp"
#include "tests/support/expect.hpp"
#include "wire/encoding.hpp"

namespace tf::card::test {
namespace {

const crypto::Amf kAmf{0x80, 0x00};
const crypto::Rand kRand{0x23, 0x55, 0x3C, 0xBE, 0x96, 0x37, 0xA8, 0x9D, 0x21, 0x8A, 0xE6, 0x4D, 0xAE, 0x47, 0xBF, 0x35};

// The network's side of AKA for the card's subscription.
crypto::AkaVector vector_for(TestCard& card, std::uint64_t sqn) {
  crypto::AkaFunctions network(must(subscription(card.services().memory)).key);
  crypto::AkaVector out;
  network.vectors(std::span(&kRand, 1), std::span(&sqn, 1), kAmf, std::span(&out, 1));
  return out;
}
apdu::CommandApdu authenticate(const crypto::AkaVector& vector, std::uint8_t channel = 0) {
  apdu::CommandApdu out{.cla = channel, .ins = 0x88, .p2 = 0x81, .data = {16}, .le = 256};
  append(out.data, vector.rand);
  out.data.push_back(16);
  append(out.data, vector.autn);
  return out;
}
Bytes success(const crypto::AkaVector& vector) {
  Bytes out{0xDB};
  for (const ByteView part : {ByteView(vector.res.reveal()), ByteView(vector.ck.reveal()), ByteView(vector.ik.reveal())}) {
    out.push_back(static_cast<std::uint8_t>(part.size()));
    append(out, part);
  }
  return out;
}
constexpr std::uint64_t sqn(std::uint64_t seq) { return seq << crypto::kIndBits; }

struct Usim : testing::Test {
  void select() { ASSERT_EQ(card.raw("00A4040C 07 A0000000871002"), "9000"); }
  TestCard card;
};

TEST_F(Usim, answers_aka_with_the_published_test_set) {
  select();
  // TS 35.208 §4.3, test set 1: f2 a54211d5e3ba50bf, f3 b40ba9a3…, f4 f769bcd7….
  const auto vector = vector_for(card, sqn(1));
  const auto answer = card.send(authenticate(vector));
  ASSERT_EQ(answer.status, StatusWord::ok);
  EXPECT_EQ(answer.data, success(vector));
  EXPECT_EQ(wire::hex_lower(answer.data), "db08a54211d5e3ba50bf10b40ba9a3c58b2a05bbf0d987b21bf8cb10f769bcd751044604127672711c6d3441");
}

TEST_F(Usim, tells_a_network_that_does_not_know_the_key_and_one_that_is_behind) {
  select();
  auto vector = vector_for(card, sqn(1));
  vector.autn[15] ^= 1;
  EXPECT_EQ(status(card, authenticate(vector)), StatusWord::mac_wrong);
  vector = vector_for(card, sqn(5));
  EXPECT_EQ(card.send(authenticate(vector)).data, success(vector));
  const auto again = card.send(authenticate(vector));
  ASSERT_EQ(again.data.size(), 16u);
  EXPECT_EQ(again.data[0], 0xDC);
  EXPECT_EQ(again.data[1], 14);
  crypto::Auts auts{};
  std::copy_n(again.data.begin() + 2, auts.size(), auts.begin());
  crypto::AkaFunctions network(must(subscription(card.services().memory)).key);
  EXPECT_EQ(must(network.open_auts(kRand, auts)), sqn(5));
}

TEST_F(Usim, a_sequence_number_is_taken_before_its_answer_leaves) {
  const auto vector = vector_for(card, sqn(3));
  for (const auto cut : {VolatileStorage::Cut::before, VolatileStorage::Cut::after}) {
    select();
    card.storage().cut_at(1, cut);
    EXPECT_FALSE(card.send(authenticate(vector)).ok());
    card.restart();
  }
  select();
  EXPECT_EQ(card.send(authenticate(vector)).data.at(0), 0xDC);
}

TEST_F(Usim, has_its_files) {
  select();
  ASSERT_EQ(card.raw("00A4000C 02 6F07"), "9000");
  EXPECT_EQ(card.raw("00B0000009"), "0809101000000000109000");
  EXPECT_EQ(card.raw("00B000000A"), "6C09");
  EXPECT_EQ(card.raw("00B0000009").substr(0, 18), wire::hex_upper(usim::encode_imsi("001010000000001")));
  ASSERT_EQ(card.raw("00A4080C 04 7FFF6F07"), "9000");
  ASSERT_EQ(card.raw("00A4080C 02 2FE2"), "9000");
  EXPECT_EQ(card.raw("00B000000A"), "988812010000000010F79000");
  EXPECT_EQ(card.raw("00A4000C 02 6F08"), "6A82");
  EXPECT_EQ(card.raw("00B0000A01"), "6B00");
  EXPECT_EQ(card.raw("80F2000C"), "9000");
  EXPECT_EQ(card.raw("00A40004 02 6F07").substr(0, 4), "620F");
}

TEST_F(Usim, imsis_are_coded_and_read_in_every_length) {
  for (const char* imsi : {"123456", "1234567", "262011234567890", "26201123456789"}) EXPECT_EQ(usim::decode_imsi(usim::encode_imsi(imsi)), imsi);
  EXPECT_EQ(wire::hex_lower(usim::encode_imsi("26201123456789")), "0821261021436587f9");
  for (const char* bad : {"", "ff", "09ffffffffffffffff", "080a1010000000000a"}) EXPECT_EQ(usim::decode_imsi(hex(bad)), "") << bad;
}

TEST_F(Usim, malformed_commands_are_refused) {
  select();
  for (const char* bad : {"00880081", "0088008101 00", "00880080 22 10", "00880181", "008800810110", "00A4040C 02 3F00", "00A40000 02 6F07", "00B0800001", "00B0000001", "80F20300", "00CA00C1 00", "04B00000", "A0A40000"}) {
    const auto answer = card.raw(bad);
    EXPECT_EQ(answer[0], '6') << bad << " " << answer;
  }
}

TEST_F(Usim, a_card_without_a_subscription_has_none) {
  Plan without = plan();
  without.usim.reset();
  TestCard other(std::move(without));
  EXPECT_EQ(other.raw("00A4040C 07 A0000000871002"), "6A82");
}

TEST_F(Usim, works_on_its_own_channel_while_a_signature_is_under_way) {
  enrol(card, Slot::payment);
  const auto prepared = must(shield::read_prepared(data(card, shield::prepare_payment())));
  const Bytes m = must(apdu::PaymentStructure(payment()).encode());
  const apdu::CommandApdu sign = shield::sign_payment(m, envelope(card, {}, crypto::sha256(m), prepared.nonce));
  ASSERT_GT(sign.data.size(), 255u);
  // The first piece of the chain; then AKA on channel 1; then the rest.
  apdu::CommandApdu piece = sign;
  piece.cla |= 0x10;
  piece.data.resize(255);
  piece.le.reset();
  EXPECT_EQ(card.card().transmit(must(piece.encode())), hex("9000"));
  EXPECT_EQ(card.raw("0070000001"), "019000");
  EXPECT_EQ(card.raw("01A4040C 07 A0000000871002"), "9000");
  const auto vector = vector_for(card, sqn(1));
  EXPECT_EQ(card.send(authenticate(vector, 1)).data, success(vector));
  apdu::CommandApdu rest = sign;
  rest.data.erase(rest.data.begin(), rest.data.begin() + 255);
  EXPECT_OK(shield::read_signed(data(card, rest)));
}

TEST_F(Usim, works_while_a_secure_channel_is_open) {
  enrol(card, Slot::payment);
  SecureHost host(card);
  InProcessChannel way(card.card());
  usim::AtFront at(way);
  EXPECT_EQ(at.line("AT+CIMI"), "\r\n001010000000001\r\n\r\nOK\r\n");
  host.data(shield::generate_key(Slot::payment, shield::Algorithm::p256, {1}));
  EXPECT_EQ(at.line("AT+CIMI"), "\r\n001010000000001\r\n\r\nOK\r\n");
}

struct AtChannel : Usim {
  AtChannel() : way(card.card()), at(way) { EXPECT_EQ(at.line("AT+CMEE=1"), "\r\nOK\r\n"); }
  InProcessChannel way;
  usim::AtFront at;
};

TEST_F(AtChannel, carries_commands_as_they_are) {
  EXPECT_EQ(at.line("AT"), "\r\nOK\r\n");
  EXPECT_EQ(at.line("at+cpin?"), "\r\n+CPIN: READY\r\n\r\nOK\r\n");
  EXPECT_EQ(at.line("AT+CSIM=24,\"00A4040C07A0000000871002\"\r\n"), "\r\n+CSIM: 4,\"9000\"\r\n\r\nOK\r\n");
  EXPECT_EQ(at.line("AT+CSIM=14,\"00A4000C026F07\""), "\r\n+CSIM: 4,\"9000\"\r\n\r\nOK\r\n");
  EXPECT_EQ(at.line("AT+CSIM=10,\"00B0000009\""), "\r\n+CSIM: 22,\"0809101000000000109000\"\r\n\r\nOK\r\n");
}

TEST_F(AtChannel, opens_uses_and_closes_logical_channels) {
  EXPECT_EQ(at.line("AT+CCHO=\"A0000000871002\""), "\r\n+CCHO: 1\r\n\r\nOK\r\n");
  EXPECT_EQ(at.line("AT+CGLA=1,14,\"00A4000C026F07\""), "\r\n+CGLA: 4,\"9000\"\r\n\r\nOK\r\n");
  EXPECT_EQ(at.line("AT+CGLA=1,10,\"00B0000009\""), "\r\n+CGLA: 22,\"0809101000000000109000\"\r\n\r\nOK\r\n");
  EXPECT_EQ(at.line("AT+CCHC=1"), "\r\nOK\r\n");
  EXPECT_EQ(at.line("AT+CGLA=1,10,\"00B0000009\""), "\r\n+CGLA: 4,\"6881\"\r\n\r\nOK\r\n");
  EXPECT_EQ(at.line("AT+CCHO=\"A000000099\""), "\r\n+CME ERROR: 22\r\n");
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(at.line("AT+CCHO=\"A0000000871002\""), "\r\n+CCHO: " + std::to_string(i) + "\r\n\r\nOK\r\n");
  EXPECT_EQ(at.line("AT+CCHO=\"A0000000871002\""), "\r\n+CME ERROR: 20\r\n");
}

TEST_F(AtChannel, reads_the_imsi_again_after_a_reset) {
  EXPECT_EQ(at.line("AT+CIMI"), "\r\n001010000000001\r\n\r\nOK\r\n");
  card.card().reset();
  EXPECT_EQ(at.line("AT+CIMI"), "\r\n001010000000001\r\n\r\nOK\r\n");
  card.card().power_off();
  EXPECT_EQ(at.line("AT+CIMI"), "\r\n+CME ERROR: 13\r\n");
}

TEST_F(AtChannel, refuses_lines_that_are_not_right) {
  for (const char* bad : {"", "A", "BT", "AT+CSIM", "AT+FOO=1", "AT+CSIM?", "AT+CIMI=1", "ATE2", "ATZ9", "ATE0+CMEE=1"}) EXPECT_NE(at.line(bad).find("ERROR"), std::string::npos) << bad;
  for (const char* bad : {"AT+CSIM=", "AT+CSIM=10", "AT+CSIM=8,\"00B0000009\"", "AT+CSIM=10,00B0000009", "AT+CSIM=3,\"00B\"", "AT+CSIM=2,\"zz\"", "AT+CGLA=0,10,\"00B0000009\"", "AT+CGLA=4,10,\"00B0000009\"",
                          "AT+CGLA=1,10,\"01B0000009\"", "AT+CCHO=A000000087", "AT+CCHO=\"\"", "AT+CCHC=x", "AT+CCHC=1,1", "AT+CMEE=3", "AT+CMEE=1,1", "AT+CMEE="})
    EXPECT_EQ(at.line(bad), "\r\n+CME ERROR: 50\r\n") << bad;
}

TEST_F(AtChannel, says_what_failed_as_it_is_asked_to) {
  EXPECT_EQ(at.line("AT+CCHC=3"), "\r\n+CME ERROR: 21\r\n");
  EXPECT_EQ(at.line("AT+CSIM=" + std::string(usim::kMaxAtLine, '0')), "\r\n+CME ERROR: 24\r\n");
  EXPECT_EQ(at.line("AT+CMEE=2"), "\r\nOK\r\n");
  EXPECT_EQ(at.line("AT+CMEE?"), "\r\n+CMEE: 2\r\n\r\nOK\r\n");
  EXPECT_EQ(at.line("AT+CMEE=?"), "\r\n+CMEE: (0-2)\r\n\r\nOK\r\n");
  EXPECT_EQ(at.line("AT+CCHO=\"A000000099\""), "\r\n+CME ERROR: not found\r\n");
  EXPECT_EQ(at.line("AT&F"), "\r\nOK\r\n");  // as it is at the start
  EXPECT_EQ(at.line("AT+CCHO=\"A000000099\""), "\r\nERROR\r\n");
}

TEST_F(AtChannel, a_card_without_a_subscription_is_a_modem_without_a_sim) {
  Plan without = plan();
  without.usim.reset();
  TestCard other(std::move(without));
  InProcessChannel other_way(other.card());
  usim::AtFront empty(other_way);
  empty.line("AT+CMEE=1");
  for (const char* asks : {"AT+CIMI", "AT+CPIN?"}) EXPECT_EQ(empty.line(asks), "\r\n+CME ERROR: 10\r\n");
  EXPECT_EQ(empty.line("AT+CCHO=\"A0000000871002\""), "\r\n+CME ERROR: 22\r\n");
  EXPECT_EQ(empty.line("AT+CSIM=24,\"00A4040C07A0000000871002\""), "\r\n+CSIM: 4,\"6A82\"\r\n\r\nOK\r\n");
}

struct AtLineOfACard : Usim {
  AtLineOfACard() : way(card.card()), line(way) {}
  InProcessChannel way;
  usim::AtLine line;
};

TEST_F(AtLineOfACard, puts_lines_together_from_pieces) {
  EXPECT_EQ(line.take("A"), "");
  EXPECT_EQ(line.take("T+CI"), "");
  EXPECT_EQ(line.take("MI\r\nAT\r"), "\r\n001010000000001\r\n\r\nOK\r\n\r\nOK\r\n");
  EXPECT_EQ(line.take("AT+CPIX\bN?\n"), "\r\n+CPIN: READY\r\n\r\nOK\r\n") << "BS takes one back, LF ends a line";
  EXPECT_EQ(line.take("\b\b\x01\x1b""AT\r"), "\r\nOK\r\n");
}

TEST_F(AtLineOfACard, says_nothing_to_what_is_not_for_a_modem) {
  EXPECT_EQ(line.take("\r\n\r\nOK\r\n+CME ERROR: 13\r\nERROR\r\n~~PPP\r"), "");
  EXPECT_EQ(line.take("AT\r"), "\r\nOK\r\n");
}

TEST_F(AtLineOfACard, shows_what_is_written_on_request_alone) {
  EXPECT_EQ(line.take("ATE1\r"), "\r\nOK\r\n");
  EXPECT_EQ(line.take("AT\r"), "AT\r\r\nOK\r\n");
  EXPECT_EQ(line.take("ATE0\r"), "ATE0\r\r\nOK\r\n");
  EXPECT_EQ(line.take("AT\r"), "\r\nOK\r\n");
}

TEST_F(AtLineOfACard, refuses_a_line_that_does_not_end_and_goes_on_after_it) {
  line.take("AT+CMEE=1\r");
  EXPECT_EQ(line.take("AT+CSIM=10,\""), "");
  const std::string piece(60000, 'A');
  for (int i = 0; i < 5; ++i) EXPECT_EQ(line.take(piece), "");
  EXPECT_EQ(line.take("\"\r"), "\r\n+CME ERROR: 24\r\n");
  EXPECT_EQ(line.take("AT+CIMI\r"), "\r\n001010000000001\r\n\r\nOK\r\n");
}

// The card at two interfaces: a reader and a modem, each with power, channels and selection of its own.
TEST_F(Usim, a_modem_keeps_its_selection_whatever_the_reader_does) {
  Card modem = card.card().further_interface();
  EXPECT_EQ(modem.transmit(hex("00A4040C07A0000000871002")), hex("6F00")) << "no power yet";
  modem.power_on();
  EXPECT_EQ(modem.transmit(hex("00A4040C07A0000000871002")), hex("9000"));
  EXPECT_EQ(card.raw("00A4040C 09 A00000030800001000"), "9000") << "PIV, on the other's basic channel";
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(card.raw("0070000001"), "0" + std::to_string(i) + "9000") << "channels are each interface's own";
  EXPECT_EQ(modem.transmit(hex("0070000001")), hex("019000"));
  card.card().reset();
  card.card().power_off();
  const auto vector = vector_for(card, sqn(1));
  Bytes expected = success(vector);
  append(expected, hex("9000"));
  EXPECT_EQ(modem.transmit(must(authenticate(vector).encode())), expected);
  card.card().power_on();
  modem.power_off();
  EXPECT_EQ(card.raw("00A4040C 09 A00000030800001000"), "9000");
  select();
  EXPECT_EQ(card.send(authenticate(vector)).data.at(0), 0xDC) << "one memory: what was answered there is used up here";
}

TEST_F(Usim, a_failed_write_silences_both_interfaces_until_one_has_power_anew) {
  Card modem = card.card().further_interface();
  modem.power_on();
  select();
  EXPECT_EQ(modem.transmit(hex("00A4040C07A0000000871002")), hex("9000"));
  card.storage().cut_at(1, VolatileStorage::Cut::before);
  EXPECT_FALSE(card.send(authenticate(vector_for(card, sqn(3)))).ok());
  EXPECT_EQ(modem.transmit(hex("80F2000C")), hex("6F00"));
  card.card().power_on();
  EXPECT_EQ(modem.transmit(hex("80F2000C")), hex("9000"));
}

}  // namespace
}  // namespace tf::card::test
