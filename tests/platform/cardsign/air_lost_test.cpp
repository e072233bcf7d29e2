// Renewal over the air where parts, packets or proofs are lost: sent again at its time, the same octets, and not for ever.
#include <algorithm>

#include "tests/platform/cardsign/air.hpp"

namespace tf::platform::test {
namespace {

TEST_F(CardsignAir, parts_that_are_lost_doubled_and_out_of_order_are_made_whole_by_the_same_packet_again) {
  renew();
  const Messages first = sent();
  Messages some = first;
  some.erase(some.begin());
  std::ranges::reverse(some);
  some.push_back(some.front());
  EXPECT_EQ(hand_over(some), Bytes{});
  // Not before its time; then the same octets.
  desk.service->air();
  EXPECT_TRUE(sent().empty());
  desk.now.advance(std::chrono::hours(1));
  desk.service->air();
  const Messages again = sent();
  ASSERT_EQ(again.size(), first.size());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(again[i].text, first[i].text);
  const Bytes report = hand_over({again.front()});  // the part that was missing
  ASSERT_FALSE(report.empty());
  EXPECT_EQ(hand_over({again.begin() + 1, again.end()}), Bytes{});
  centre.report(kNumberA, report);
  EXPECT_FALSE(sent().empty()) << "the next packet";
  EXPECT_EQ(waiting(), 2);
}

TEST_F(CardsignAir, what_is_lost_is_sent_again_when_its_time_has_come_and_not_for_ever) {
  using std::chrono::milliseconds;
  desk.settings.repeat_seconds = 300;
  desk.restart();
  renew();
  EXPECT_FALSE(sent().empty());
  for (const std::int64_t minutes : {5, 20, 80, 320, 1'280}) {
    desk.now.advance(std::chrono::minutes(minutes) - milliseconds(1));
    desk.service->air();
    EXPECT_TRUE(sent().empty()) << minutes;
    desk.now.advance(milliseconds(1));
    desk.service->air();
    EXPECT_FALSE(sent().empty()) << minutes;
  }
  desk.now.advance(std::chrono::hours(24 * 30));
  desk.service->air();
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(pause_after_ms(5, 3'600'000), 24 * 3'600'000);
}

TEST_F(CardsignAir, a_card_whose_row_is_damaged_holds_up_no_other) {
  const auto other = desk.enrolled("TF-000002", "berta");
  must(desk.service->cards().set_number("test", "TF-000002", "8613800138002"));
  must(desk.opened->database->write([](store::Session& rows) -> Status {
    TF_TRY(rows.execute("UPDATE cardsign_cards SET ota = $1 WHERE serial = $2", {ByteView(Bytes(60, 1)), kSerialA}));
    return {};
  }));
  must(desk.service->cards().renew("test", kSerialA));
  must(desk.service->cards().renew("test", "TF-000002"));
  desk.service->air();
  const Messages messages = sent();
  ASSERT_FALSE(messages.empty());
  for (const ShortMessage& each : messages) EXPECT_EQ(each.destination.digits, "8613800138002");
}

TEST_F(CardsignAir, a_lost_proof_is_given_again_and_a_doubled_one_counts_once) {
  renew();
  const Messages first = sent();
  const Bytes lost = hand_over(first);
  desk.now.advance(std::chrono::hours(1));
  desk.service->air();
  const Bytes report = hand_over(sent());
  EXPECT_EQ(report, lost);
  desk.mark();
  centre.report(kNumberA, report);
  settle();
  EXPECT_EQ(waiting(), 2);
  const Messages second = sent();
  ASSERT_FALSE(second.empty());
  centre.report(kNumberA, report);  // of the packet before
  settle();
  EXPECT_EQ(waiting(), 2);
  centre.report(kNumberA, hand_over(second));
  settle();
  EXPECT_EQ(waiting(), 1);
  EXPECT_TRUE(desk.reasons().empty());
  EXPECT_TRUE(desk.alarms().empty());
}

}  // namespace
}  // namespace tf::platform::test
