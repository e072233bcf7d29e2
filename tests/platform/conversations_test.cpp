#include "platform/rki/conversations.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include "tests/support/expect.hpp"
#include "tests/support/deterministic.hpp"

namespace tf::platform::test {
namespace {

struct State {
  int value = 0;
};
using Table = Conversations<State>;

ConversationId id(int number) {
  ConversationId out{};
  out[0] = static_cast<std::uint8_t>(number);
  out[1] = static_cast<std::uint8_t>(number >> 8);
  return out;
}

class ConversationTable : public testing::Test {
 protected:
  void pass(std::int64_t ms) { clock.set(clock.now_ms() + ms); }
  tf::test::FixedClock clock;
  Table table{clock, 3, 1000};
};

TEST_F(ConversationTable, finds_what_was_opened_and_nothing_else) {
  ASSERT_OK(table.open(id(1), "A", {7}));
  const auto found = table.find(id(1));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->state.value, 7);
  EXPECT_EQ(found->subject, "A");
  EXPECT_FALSE(found->superseded);
  EXPECT_FALSE(table.find(id(2)));
}

TEST_F(ConversationTable, is_bounded_and_has_room_again_when_the_oldest_ends) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK(table.open(id(i), "A", {}));
    pass(100);
  }
  EXPECT_REFUSED(table.open(id(9), "B", {}), Code::overloaded, "platform.conversations_full");
  EXPECT_FALSE(table.find(id(9)));
  EXPECT_EQ(table.size(), 3U);
  pass(700);  // the first is 1000 ms old
  EXPECT_EQ(table.size(), 2U);
  EXPECT_OK(table.open(id(9), "B", {}));
  EXPECT_REFUSED(table.open(id(10), "B", {}), Code::overloaded, "platform.conversations_full");
}

TEST_F(ConversationTable, forgets_a_conversation_at_the_end_of_its_life_however_busy_it_is) {
  ASSERT_OK(table.open(id(1), "A", {}));
  for (int i = 0; i < 9; ++i) {
    pass(100);
    EXPECT_TRUE(table.find(id(1))) << i;
  }
  pass(99);
  EXPECT_TRUE(table.find(id(1)));
  pass(1);
  EXPECT_FALSE(table.find(id(1)));
  EXPECT_EQ(table.size(), 0U);
}

TEST_F(ConversationTable, lets_go_of_the_state_when_the_life_ends) {
  Conversations<std::shared_ptr<int>> holders(clock, 3, 1000);
  auto secret = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = secret;
  ASSERT_OK(holders.open(id(1), "A", std::move(secret)));
  EXPECT_FALSE(watch.expired());
  pass(1000);
  EXPECT_EQ(holders.size(), 0U);
  EXPECT_TRUE(watch.expired());
}

TEST_F(ConversationTable, keeps_a_finished_conversation_ten_seconds_and_no_longer_than_its_life) {
  Table longer(clock, 3, 60'000);
  ASSERT_OK(longer.open(id(1), "A", {}));
  ASSERT_OK(longer.open(id(2), "B", {}));
  longer.finish(id(1));
  pass(9'999);
  EXPECT_TRUE(longer.find(id(1)));
  pass(1);
  EXPECT_FALSE(longer.find(id(1)));
  EXPECT_TRUE(longer.find(id(2)));
  pass(45'000);
  longer.finish(id(2));
  pass(5'000);  // the end of its life comes first
  EXPECT_FALSE(longer.find(id(2)));
  pass(10'000);
  EXPECT_EQ(longer.size(), 0U);
}

TEST_F(ConversationTable, supersedes_the_one_that_proved_its_subject_before) {
  ASSERT_OK(table.open(id(1), "A", {1}));
  ASSERT_OK(table.open(id(2), "A", {2}));
  ASSERT_OK(table.open(id(3), "B", {3}));
  const auto first = table.find(id(1));
  const auto second = table.find(id(2));
  const auto other = table.find(id(3));
  table.proved(first);
  table.proved(other);
  EXPECT_FALSE(first->superseded);
  table.proved(second);
  EXPECT_TRUE(first->superseded);
  EXPECT_EQ(first->state.value, 0) << "its secrets go at once";
  EXPECT_FALSE(second->superseded);
  EXPECT_FALSE(other->superseded);
  EXPECT_EQ(table.find(id(1)), first) << "it is still there, to be told so";
  table.proved(second);
  EXPECT_FALSE(second->superseded) << "not by itself";
}

TEST_F(ConversationTable, does_not_supersede_a_conversation_that_has_not_proved_itself) {
  ASSERT_OK(table.open(id(1), "A", {1}));
  ASSERT_OK(table.open(id(2), "A", {2}));
  table.proved(table.find(id(2)));
  EXPECT_FALSE(table.find(id(1))->superseded);
  EXPECT_EQ(table.find(id(1))->state.value, 1);
}

TEST_F(ConversationTable, survives_the_end_of_a_proved_conversation_and_its_successor) {
  ASSERT_OK(table.open(id(1), "A", {}));
  auto first = table.find(id(1));
  table.proved(first);
  pass(500);
  ASSERT_OK(table.open(id(2), "A", {}));
  table.proved(table.find(id(2)));
  pass(500);  // the first ends; the second stays the proved one
  EXPECT_FALSE(table.find(id(1)));
  ASSERT_OK(table.open(id(3), "A", {}));
  const auto second = table.find(id(2));
  table.proved(table.find(id(3)));
  EXPECT_TRUE(second->superseded);
}

TEST_F(ConversationTable, gives_one_turn_at_a_time_in_the_order_asked) {
  ASSERT_OK(table.open(id(1), "A", {}));
  const auto only = table.find(id(1));
  std::optional<Table::Turn> held;
  ASSERT_OK(table.take_turn(only, [&](Table::Turn turn) { held.emplace(std::move(turn)); }));
  std::vector<int> order;
  for (int i = 0; i < 4; ++i) ASSERT_OK(table.take_turn(only, [&order, i](Table::Turn) { order.push_back(i); }));
  EXPECT_REFUSED(table.take_turn(only, [](Table::Turn) { FAIL(); }), Code::overloaded, "platform.conversation_busy");
  EXPECT_TRUE(order.empty());
  held->end();
  EXPECT_EQ(order, (std::vector{0, 1, 2, 3}));
  EXPECT_OK(table.take_turn(only, [&order](Table::Turn) { order.push_back(4); }));
  EXPECT_EQ(order.back(), 4);
}

TEST_F(ConversationTable, a_superseded_conversation_in_its_turn_is_wiped_when_the_turn_ends) {
  ASSERT_OK(table.open(id(1), "A", {1}));
  ASSERT_OK(table.open(id(2), "A", {2}));
  const auto first = table.find(id(1));
  table.proved(first);
  ASSERT_OK(table.take_turn(first, [&](Table::Turn turn) {
    table.proved(table.find(id(2)));
    EXPECT_TRUE(turn->superseded);
    EXPECT_EQ(turn->state.value, 1) << "who has the turn may still use it";
  }));
  EXPECT_EQ(first->state.value, 0);
}

TEST_F(ConversationTable, holds_under_many_threads) {
  constexpr int kThreads = 8;
  constexpr int kEach = 500;
  Table shared(clock, kThreads * kEach, 1000);
  std::atomic<int> lost{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          const auto mine = id(t * kEach + i);
          if (!shared.open(mine, "S" + std::to_string(i % 5), {t})) ++lost;
          const auto found = shared.find(mine);
          if (!found) {
            ++lost;
            continue;
          }
          // While its own message is under way, as the service does it.
          if (!shared.take_turn(found, [&](Table::Turn) { shared.proved(found); })) ++lost;
          if (i % 3 == 0) shared.finish(mine);
        }
      });
  }
  EXPECT_EQ(lost, 0);
  EXPECT_EQ(shared.size(), static_cast<std::size_t>(kThreads * kEach));
  // Of each subject one is left that was not superseded.
  int standing = 0;
  for (int i = 0; i < kThreads * kEach; ++i) standing += shared.find(id(i))->superseded ? 0 : 1;
  EXPECT_EQ(standing, 5);
  pass(1000);
  EXPECT_EQ(shared.size(), 0U);
}

TEST_F(ConversationTable, never_holds_more_than_its_capacity_under_many_threads) {
  Table small(clock, 10, 1000);
  std::atomic<int> opened{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 50; ++i)
          if (small.open(id(t * 50 + i), "A", {})) ++opened;
      });
  }
  EXPECT_EQ(opened, 10);
  EXPECT_EQ(small.size(), 10U);
}

}  // namespace
}  // namespace tf::platform::test
