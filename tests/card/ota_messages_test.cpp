// Over the air in short messages: parts that are lost, doubled, out of order, of other packets and of other cards.
#include <gtest/gtest.h>

#include <map>

#include "apdu/sms_download.hpp"
#include "tests/card/shield_support.hpp"
#include "tests/support/expect.hpp"

namespace tf::card::test {
namespace {

namespace ota = apdu::ota;
using ota::ResponseStatus;
using Parts = std::vector<apdu::CommandApdu>;

// The USIM alone is selected, as in a terminal that knows nothing of the shield.
struct OtaMessages : testing::Test {
  OtaMessages() : key(enrol(card, Slot::payment)), keys(must(ota_keys(card.services().memory))) { select_usim(); }
  void select_usim() { ASSERT_EQ(card.raw("00A4040C 07 A0000000871002"), "9000"); }
  // The same one each time.
  [[nodiscard]] const Bytes& certificate(int serial) const {
    auto& made = certificates[serial];
    if (made.empty()) made = certificate_for(key, serial);
    return made;
  }
  [[nodiscard]] Parts message(std::uint64_t counter, int serial, std::uint8_t reference) const { return message(counter, serial, reference, keys); }
  [[nodiscard]] Parts message(std::uint64_t counter, int serial, std::uint8_t reference, const ota::Keys& by) const {
    const Bytes script = must(ota::encode_script({shield::store_certificate(Slot::payment, certificate(serial))}));
    return must(ota::downloads(must(ota::seal_command({ota::kShieldTar, counter, script}, by)), reference, "491701234567"));
  }
  // What the card says to each.
  std::vector<Bytes> send(const Parts& parts) {
    std::vector<Bytes> out;
    for (const auto& each : parts) out.push_back(data(card, each));
    return out;
  }
  [[nodiscard]] ResponseStatus told(ByteView proof, std::uint64_t counter) const { return must(ota::open_response(proof, keys, ota::kShieldTar, counter)).status; }
  // On another channel, so that what the USIM has of a packet stays.
  Bytes stored() {
    EXPECT_EQ(card.raw("0070000001"), "019000");
    apdu::CommandApdu select = shield::select(), read = shield::read_certificate(Slot::payment);
    select.cla |= 0x01;
    read.cla |= 0x01;
    EXPECT_TRUE(card.send(select).ok());
    Bytes out = card.send(read).data;
    EXPECT_EQ(card.raw("00708001"), "9000");
    return out;
  }

  TestCard card;
  crypto::PublicKey key;
  ota::Keys keys;
  mutable std::map<int, Bytes> certificates;
};

TEST_F(OtaMessages, part_by_part_renew_a_certificate_and_the_last_one_is_answered) {
  const auto parts = message(1, 2, 1);
  ASSERT_GE(parts.size(), 3u);
  const auto answers = send(parts);
  for (std::size_t i = 0; i + 1 < answers.size(); ++i) EXPECT_EQ(answers[i], Bytes{});
  EXPECT_EQ(told(answers.back(), 1), ResponseStatus::ok);
  EXPECT_LE(answers.back().size(), ota::kMaxReport) << "it goes back in one delivery report";
  EXPECT_EQ(stored(), certificate(2));
}

TEST_F(OtaMessages, in_every_order_are_one_packet) {
  std::uint64_t counter = 0;
  auto parts = message(1, 2, 1);
  std::vector<std::size_t> order(parts.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  do {
    const auto serial = static_cast<int>(2 + ++counter);
    parts = message(counter, serial, static_cast<std::uint8_t>(counter));
    Parts shuffled;
    for (const std::size_t at : order) shuffled.push_back(parts[at]);
    ASSERT_EQ(told(send(shuffled).back(), counter), ResponseStatus::ok);
    ASSERT_EQ(stored(), certificate(serial));
  } while (std::ranges::next_permutation(order).found && counter < 24);
}

TEST_F(OtaMessages, that_come_twice_change_nothing_and_are_answered_alike) {
  const auto parts = message(1, 2, 1);
  Parts doubled;
  for (const auto& each : parts) doubled.insert(doubled.end(), {each, each});
  doubled.pop_back();
  const Bytes proof = send(doubled).back();
  EXPECT_EQ(told(proof, 1), ResponseStatus::ok);
  // The last one once more, and then all: the sender does not know that they arrived.
  EXPECT_EQ(data(card, parts.back()), Bytes{});
  EXPECT_EQ(send(parts)[parts.size() - 2], proof) << "the doubled last part counts for the repeated packet";
  EXPECT_EQ(stored(), certificate(2));
}

TEST_F(OtaMessages, of_which_one_is_lost_do_nothing_until_it_comes_again) {
  const Bytes before = stored();
  const auto parts = message(1, 2, 1);
  for (std::size_t lost = 0; lost < parts.size(); ++lost) {
    const auto reference = static_cast<std::uint8_t>(10 + lost);
    auto some = message(1, 2, reference);
    const auto missing = some[lost];
    some.erase(some.begin() + static_cast<std::ptrdiff_t>(lost));
    for (const Bytes& answer : send(some)) EXPECT_EQ(answer, Bytes{});
    EXPECT_EQ(stored(), lost == 0 ? before : certificate(2));
    EXPECT_EQ(told(data(card, missing), 1), ResponseStatus::ok);
  }
  EXPECT_EQ(stored(), certificate(2));
}

TEST_F(OtaMessages, of_a_packet_that_was_never_whole_do_not_spoil_the_next) {
  auto first = message(1, 2, 1);
  first.pop_back();
  (void)send(first);
  EXPECT_EQ(told(send(message(2, 3, 2)).back(), 2), ResponseStatus::ok);
  EXPECT_EQ(stored(), certificate(3));
  // Power off takes the parts with it.
  auto third = message(3, 4, 3);
  const auto last = third.back();
  third.pop_back();
  (void)send(third);
  card.restart();
  select_usim();
  EXPECT_EQ(data(card, last), Bytes{});
  EXPECT_EQ(stored(), certificate(3));
}

TEST_F(OtaMessages, with_a_counter_of_before_are_told_so_under_the_keys) {
  EXPECT_EQ(told(send(message(5, 2, 1)).back(), 5), ResponseStatus::ok);
  EXPECT_EQ(told(send(message(4, 3, 2)).back(), 4), ResponseStatus::counter_low);
  EXPECT_EQ(told(send(message(0, 3, 3)).back(), 0), ResponseStatus::counter_low);
  EXPECT_EQ(stored(), certificate(2));
}

TEST_F(OtaMessages, for_another_card_and_with_a_part_of_another_packet_prove_nothing) {
  const Bytes before = stored();
  TestCard other("other");
  const auto others = must(ota_keys(other.services().memory));
  EXPECT_EQ(send(message(1, 2, 1, others)).back().back(), static_cast<std::uint8_t>(ResponseStatus::checksum_failed));
  auto mixed = message(1, 2, 2);
  mixed[1] = message(2, 3, 2)[1];
  const Bytes answer = send(mixed).back();
  EXPECT_EQ(answer.back(), static_cast<std::uint8_t>(ResponseStatus::checksum_failed));
  EXPECT_REFUSED(ota::open_response(answer, keys, ota::kShieldTar, 1), Code::refused, "ota.proof");
  EXPECT_EQ(stored(), before);
  EXPECT_EQ(told(send(message(1, 2, 3)).back(), 1), ResponseStatus::ok) << "no counter was used up";
}

TEST_F(OtaMessages, that_are_none_are_refused_and_leave_the_parts_that_are_there) {
  auto parts = message(1, 2, 1);
  const auto last = parts.back();
  parts.pop_back();
  (void)send(parts);
  for (const char* bad : {"D100", "D1028281", "D10482028381", "D1068202838106", "D10B820283818B054000917FF6"})
    EXPECT_EQ(status(card, {.cla = 0x80, .ins = 0xC2, .data = hex(bad)}), StatusWord::wrong_data) << bad;
  EXPECT_EQ(status(card, {.cla = 0x80, .ins = 0xC2, .p1 = 1, .data = last.data}), StatusWord::wrong_p1_p2);
  EXPECT_EQ(told(data(card, last), 1), ResponseStatus::ok);
}

}  // namespace
}  // namespace tf::card::test
