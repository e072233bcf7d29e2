// The tables by themselves.
#include "payment/desk/machine.hpp"
#include "payment/money.hpp"
#include "tests/support/expect.hpp"

namespace tf::payment::test {
namespace {

constexpr State kStates[] = {State::created, State::sent, State::offered, State::unknown, State::reversing, State::captured, State::declined, State::reversed};
constexpr Event kEvents[] = {Event::booked, Event::over_limit, Event::paid, Event::not_paid, Event::unanswered, Event::restarted, Event::due,
                             Event::found_paid, Event::found_not_paid, Event::not_found_out, Event::asked_enough, Event::undone, Event::stands,
                             Event::offered, Event::withdrawn, Event::decided_paid, Event::decided_undone};
constexpr FrontEnd::Resolves kWays[] = {kByQuery, kByReversal};

TEST(Machine, an_end_is_an_end) {
  for (const State state : kStates)
    for (const Event event : kEvents)
      for (const auto how : kWays)
        if (has_ended(state)) EXPECT_FALSE(step(state, event, how)) << name_of(state);
}

TEST(Machine, an_order_that_ends_is_always_answered_and_calls_nobody) {
  for (const Transition& line : kTransitions) {
    if (!has_ended(line.to)) continue;
    EXPECT_TRUE(line.effects.answer);
    EXPECT_FALSE(line.effects.send || line.effects.ask || line.effects.undo || line.effects.wait);
  }
}

TEST(Machine, an_order_that_is_open_is_never_left_without_something_to_come) {
  for (const Transition& line : kTransitions)
    if (!has_ended(line.to)) EXPECT_EQ(line.effects.send + line.effects.ask + line.effects.undo + line.effects.wait, 1);
}

TEST(Machine, a_payment_is_sent_once_and_from_created_only) {
  for (const Transition& line : kTransitions)
    if (line.effects.send) EXPECT_EQ(line.from, State::created);
  for (const Transition& line : kTransitions)
    if (line.to == State::created) ADD_FAILURE() << "back to the beginning";
}

TEST(Machine, once_it_is_being_reversed_only_the_reversal_decides) {
  for (const Event event : {Event::paid, Event::not_paid, Event::unanswered, Event::found_paid, Event::found_not_paid, Event::asked_enough})
    for (const auto how : kWays) EXPECT_FALSE(step(State::reversing, event, how));
}

TEST(Machine, what_is_open_goes_on_after_a_restart) {
  for (const auto how : kWays) {
    for (const State state : {State::sent, State::offered, State::unknown, State::reversing}) EXPECT_TRUE(step(state, Event::restarted, how));
    EXPECT_EQ(step(State::sent, Event::restarted, how)->state, how == kByQuery ? State::unknown : State::reversing);
  }
}

TEST(Machine, operators_decide_only_what_is_past_every_first_answer) {
  for (const State state : kStates)
    for (const Event event : {Event::decided_paid, Event::decided_undone}) {
      const auto next = step(state, event, kByQuery);
      EXPECT_EQ(next.has_value(), state == State::unknown || state == State::reversing) << name_of(state);
      if (next) EXPECT_EQ(next->state, event == Event::decided_paid ? State::captured : State::reversed);
    }
}

TEST(Machine, an_offer_waits_until_it_is_paid_or_taken_back) {
  EXPECT_EQ(step(State::sent, Event::offered, kByQuery)->state, State::offered);
  EXPECT_EQ(step(State::offered, Event::withdrawn, kByQuery)->state, State::reversing);
  EXPECT_EQ(step(State::offered, Event::asked_enough, kByQuery)->state, State::reversing);
  EXPECT_FALSE(step(State::offered, Event::unanswered, kByQuery)) << "nothing that was not heard ends it";
}

TEST(Machine, a_refund_ends_by_an_answer_and_by_nothing_else) {
  EXPECT_EQ(step(RefundState::pending, Verdict::done), RefundState::done);
  EXPECT_EQ(step(RefundState::pending, Verdict::declined), RefundState::declined);
  EXPECT_FALSE(step(RefundState::pending, Verdict::unknown));
  EXPECT_FALSE(step(RefundState::done, Verdict::declined));
  EXPECT_FALSE(step(RefundState::declined, Verdict::done));
}

TEST(Numbers, are_twenty_digits_that_begin_with_the_day_and_go_on_for_ever) {
  EXPECT_EQ(transaction_of(number_after(0, 20261121)), "20261121000000000001");
  const std::int64_t first = number_after(0, 20261121);
  EXPECT_EQ(number_after(first, 20261121), first + 1);
  EXPECT_EQ(transaction_of(number_after(first, 20261122)), "20261122000000000002");
  EXPECT_GT(number_after(first, 20261120), first);  // the clock was put back
  EXPECT_EQ(*number_of("20261121000000000001"), first);
  for (const char* wrong : {"", "2026112100000000001", "2026112100000000000x", "20261121010000000001"})
    EXPECT_REFUSED(number_of(wrong), Code::invalid, "payment.transaction");
}

TEST(Numbers, give_a_trace_from_1_to_999999) {
  const std::int64_t day = 20261121 * kNumbersADay;
  EXPECT_EQ(trace_of(day), 1U);
  EXPECT_EQ(trace_of(day + 999'998), 999'999U);
  EXPECT_EQ(trace_of(day + 999'999), 1U);
}

TEST(Numbers, take_the_day_where_the_books_are) {
  constexpr std::int64_t kEvening = 1'793'491'200'000 - 3'600'000;  // 2026-10-31T23:00:00Z
  EXPECT_EQ(day_of(kEvening, 0), 20261031);
  EXPECT_EQ(day_of(kEvening, 480), 20261101);
  EXPECT_EQ(day_of(kEvening, -480), 20261031);
}

TEST(Money, is_read_with_the_decimals_of_its_currency) {
  EXPECT_EQ(parse_money("10.00", "CNY")->minor, 1'000);
  EXPECT_EQ(parse_money("10", "CNY")->minor, 1'000);
  EXPECT_EQ(parse_money("0.01", "CNY")->minor, 1);
  EXPECT_EQ(parse_money("500", "JPY")->minor, 500);
  EXPECT_EQ(parse_money("1.234", "KWD")->minor, 1'234);
  EXPECT_EQ(format_money({1'005, "CNY"}), "10.05");
  EXPECT_EQ(format_money({500, "JPY"}), "500");
  EXPECT_EQ(format_money({1'234, "KWD"}), "1.234");
  for (const char* wrong : {"", ".", "10.", "10.0", "10.000", "-1.00", "+1.00", "1,00", "1e3", " 1.00", "99999999999999999999.00", "10000000000.00"})
    EXPECT_REFUSED(parse_money(wrong, "CNY"), Code::invalid, "payment.amount");
  EXPECT_REFUSED(parse_money("1.0", "JPY"), Code::invalid, "payment.amount");
  EXPECT_REFUSED(parse_money("1.00", "cny"), Code::invalid, "payment.amount");
}

}  // namespace
}  // namespace tf::payment::test
