// Ten thousand seeded runs with faults; afterwards every order has ended once and the sums agree. And what such a run finds
// when a line of the table is wrong.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/log.hpp"
#include "tests/payment/fault_run.hpp"

namespace tf::payment::test {
namespace {

constexpr std::uint64_t kRuns = 10'000;

// Thousands of lives and failing disks would be reported otherwise.
class BooksChecker : public testing::Test {
 protected:
  BooksChecker() { log::set_level(log::Level::error); }
  ~BooksChecker() override { log::set_level(log::Level::info); }
};

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += "\n  " + line;
  return out;
}

TEST_F(BooksChecker, agree_with_the_banks_after_ten_thousand_runs_with_faults) {
  FaultRun::Tally tally;
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    FaultRun run(seed);
    const auto wrong = run.run();
    ASSERT_TRUE(wrong.empty()) << "seed " << seed << joined(wrong);
    tally += run.tally();
  }
  // A weather in which nothing happens would prove nothing.
  EXPECT_GT(tally.captured, 8'000);
  EXPECT_GT(tally.declined, 2'000);
  EXPECT_GT(tally.reversed, 2'000);
  EXPECT_GT(tally.resolved, 2'000);
  EXPECT_GT(tally.refunds, 5'000);
  EXPECT_GT(tally.crashes, 5'000);
  EXPECT_GT(tally.repeated, 10'000);
  EXPECT_GT(tally.over_limit, 100);
  EXPECT_GT(tally.direct, 2'000);
  EXPECT_GT(tally.direct_paid, 500);
  RecordProperty("orders", tally.orders);
  RecordProperty("events", tally.events);
}

constexpr int kEnough = 5;

// The table with one line changed; how many runs notice, until it is enough.
int noticed(const std::function<void(Transition&)>& change) {
  std::vector<Transition> table(std::begin(kTransitions), std::end(kTransitions));
  for (Transition& line : table) change(line);
  int out = 0;
  for (std::uint64_t seed = 1; seed <= 3'000 && out < kEnough; ++seed) out += FaultRun(seed, {.table = table}).run().empty() ? 0 : 1;
  return out;
}

TEST_F(BooksChecker, would_not_agree_if_an_unanswered_payment_were_taken_for_declined) {
  EXPECT_EQ(noticed([](Transition& line) { if (line.on == Event::unanswered) line.to = State::declined; }), kEnough);
}
TEST_F(BooksChecker, would_not_agree_if_an_unanswered_payment_were_taken_for_paid) {
  EXPECT_EQ(noticed([](Transition& line) { if (line.on == Event::unanswered) line.to = State::captured; }), kEnough);
}
TEST_F(BooksChecker, would_not_agree_if_the_reversal_were_forgotten) {
  EXPECT_EQ(noticed([](Transition& line) { line.effects.undo = false; }), kEnough);
}
TEST_F(BooksChecker, would_not_agree_if_a_reversal_that_nobody_answered_were_believed) {
  EXPECT_EQ(noticed([](Transition& line) { if (line.from == State::reversing && line.on == Event::not_found_out) line = {line.from, line.on, {}, State::reversed, {.answer = true}}; }), kEnough);
}
TEST_F(BooksChecker, would_not_agree_if_a_payment_that_stands_were_taken_for_reversed) {
  EXPECT_EQ(noticed([](Transition& line) { if (line.on == Event::stands) line.to = State::reversed; }), kEnough);
}
TEST_F(BooksChecker, would_not_agree_if_a_query_that_brings_nothing_were_taken_for_declined) {
  EXPECT_EQ(noticed([](Transition& line) { if (line.from == State::unknown && line.on == Event::not_found_out) line = {line.from, line.on, {}, State::declined, {.answer = true}}; }), kEnough);
}
TEST_F(BooksChecker, would_not_agree_if_an_offer_were_forgotten_instead_of_taken_back) {
  EXPECT_EQ(noticed([](Transition& line) { if (line.from == State::offered && line.effects.undo) line = {line.from, line.on, {}, State::declined, {.answer = true}}; }), kEnough);
}
TEST_F(BooksChecker, would_not_agree_if_a_restart_forgot_the_open_ones) {
  EXPECT_EQ(noticed([](Transition& line) { if (line.on == Event::restarted) line.effects = {}; }), kEnough);
}
TEST_F(BooksChecker, would_not_agree_if_the_payment_were_sent_again_after_a_restart) {
  EXPECT_EQ(noticed([](Transition& line) { if (line.on == Event::restarted && line.from == State::sent) line = {line.from, line.on, line.how, State::captured, {.answer = true}}; }), kEnough);
}

}  // namespace
}  // namespace tf::payment::test
