// Refunds and limits over the real database.
#include "tests/payment/scene.hpp"

namespace tf::payment::test {
namespace {

using testing::ElementsAre;
using tf::test::must;

class Refunds : public testing::Test, protected Scene {
 protected:
  Refunds() {
    card.answers("pay", {Verdict::done});
    card.answers("refund", {Verdict::done});
    transaction = must(place(order_of("1", 1'000)).get()).transaction();
  }
  RefundOrder until_done(const std::string& number, std::int64_t minor) {
    for (;;) {
      RefundOrder out = must(refund(transaction, number, minor).get());
      if (out.state != RefundState::pending) return out;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  [[nodiscard]] std::int64_t refunded() { return must(payments->find(transaction))->refunded; }
  std::string transaction;
};

TEST_F(Refunds, may_be_parts_but_never_more_than_was_captured) {
  EXPECT_EQ(must(refund(transaction, "a", 400).get()).state, RefundState::done);
  EXPECT_EQ(must(refund(transaction, "b", 600).get()).state, RefundState::done);
  EXPECT_REFUSED(refund(transaction, "c", 1).get(), Code::refused, "payment.refund_too_much");
  EXPECT_EQ(refunded(), 1'000);
}

TEST_F(Refunds, with_the_same_number_are_one_refund_and_with_another_amount_none) {
  const auto first = must(refund(transaction, "a", 400).get());
  EXPECT_EQ(must(refund(transaction, "a", 400).get()).number, first.number);
  EXPECT_REFUSED(refund(transaction, "a", 401).get(), Code::conflict, "payment.refund_changed");
  EXPECT_EQ(refunded(), 400);
  EXPECT_THAT(card.calls(), ElementsAre("pay", "refund"));
}

TEST_F(Refunds, that_are_not_answered_are_sent_again_until_they_are) {
  card.answers("refund", {Verdict::unknown, Verdict::unknown, Verdict::done});
  EXPECT_EQ(must(refund(transaction, "a", 400).get()).state, RefundState::pending);
  EXPECT_EQ(until_done("a", 400).state, RefundState::done);
  EXPECT_THAT(card.calls(), ElementsAre("pay", "refund", "refund", "refund"));
}

TEST_F(Refunds, that_were_pending_at_the_end_of_the_program_are_sent_by_the_next) {
  card.answers("refund", {});
  auto pending = refund(transaction, "a", 400);
  card.wait_for_call("refund");
  stop();
  EXPECT_REFUSED(pending.get(), Code::unavailable, "payment.stopping");
  card.answers("refund", {Verdict::done});
  start();
  EXPECT_EQ(until_done("a", 400).state, RefundState::done);
  EXPECT_THAT(card.calls(), ElementsAre("pay", "refund", "refund"));
}

TEST_F(Refunds, that_are_declined_let_go_of_their_amount) {
  card.answers("refund", {Verdict::declined});
  EXPECT_EQ(must(refund(transaction, "a", 1'000).get()).state, RefundState::declined);
  EXPECT_EQ(refunded(), 0);
  card.answers("refund", {Verdict::done});
  EXPECT_EQ(must(refund(transaction, "b", 1'000).get()).state, RefundState::done);
}

TEST_F(Refunds, of_what_is_no_captured_payment_are_refused) {
  card.answers("pay", {Verdict::declined});
  const std::string declined = must(place(order_of("2")).get()).transaction();
  EXPECT_REFUSED(refund(declined, "a", 1).get(), Code::refused, "payment.not_captured");
  EXPECT_REFUSED(refund("20261121010000000001", "a", 1).get(), Code::invalid, "payment.transaction");
  EXPECT_REFUSED(refund("20261121000000999999", "a", 1).get(), Code::not_found, "payment.no_order");
  EXPECT_REFUSED(refund(transaction, "a", 0).get(), Code::invalid, "payment.refund");
  EXPECT_REFUSED(refund(transaction, "", 1).get(), Code::invalid, "payment.refund");
}

TEST_F(Refunds, at_the_same_time_do_not_exceed_the_payment) {
  std::vector<std::future<Result<RefundOrder>>> asked;
  for (int i = 0; i < 20; ++i) asked.push_back(refund(transaction, "n" + std::to_string(i), 100));
  int done = 0;
  for (auto& each : asked) {
    const auto answer = each.get();
    if (answer) {
      ++done;
    } else {
      EXPECT_STREQ(answer.error().reason, "payment.refund_too_much");
    }
  }
  EXPECT_EQ(done, 10);
  EXPECT_EQ(refunded(), 1'000);
}

class LimitsOf : public testing::Test, protected Scene {
 protected:
  void limit(Limit limit) {
    stop();
    limit.currency = "CNY";
    limits.all = {limit};
    card.answers("pay", {Verdict::done});
    start();
  }
  std::string code(const std::string& number, std::int64_t minor) {
    const Order order = must(place(order_of(number, minor)).get());
    return order.state == State::captured ? "" : order.code;
  }
};

TEST_F(LimitsOf, one_payment_are_inclusive_and_the_answer_is_kept) {
  limit({.of = Of::user, .currency = {}, .amount = 1'000, .sum_per_day = {}, .count_per_day = {}});
  EXPECT_EQ(code("1", 1'000), "");
  EXPECT_EQ(code("2", 1'001), "limit_amount");
  EXPECT_EQ(code("2", 1'001), "limit_amount");
  EXPECT_THAT(card.calls(), ElementsAre("pay"));
}

TEST_F(LimitsOf, a_days_sum_count_what_was_paid_and_what_is_being_paid_but_not_what_was_declined) {
  limit({.of = Of::user, .currency = {}, .amount = {}, .sum_per_day = 1'000, .count_per_day = {}});
  card.answers("pay", {Verdict::declined, Verdict::done});
  EXPECT_EQ(code("1", 900), "00");
  EXPECT_EQ(code("2", 900), "");
  EXPECT_EQ(code("3", 101), "limit_sum");
  EXPECT_EQ(code("4", 100), "");
}

TEST_F(LimitsOf, a_terminal_count_all_its_users) {
  limit({.of = Of::terminal, .currency = {}, .amount = {}, .sum_per_day = {}, .count_per_day = 2});
  OrderRequest other = order_of("1");
  other.user = "bert";
  EXPECT_EQ(code("1", 1), "");
  EXPECT_EQ(must(place(other).get()).state, State::captured);
  EXPECT_EQ(code("2", 1), "limit_count");
}

TEST_F(LimitsOf, velocity_survive_a_restart) {
  limit({.of = Of::user, .currency = {}, .amount = {}, .sum_per_day = {}, .count_per_day = {}, .count = 2, .within_ms = 3'600'000});
  EXPECT_EQ(code("1", 1), "");
  stop();
  start();
  EXPECT_EQ(code("2", 1), "");
  EXPECT_EQ(code("3", 1), "limit_velocity");
}

TEST_F(LimitsOf, a_sum_are_exact_when_many_pay_at_once) {
  limit({.of = Of::user, .currency = {}, .amount = {}, .sum_per_day = 1'000, .count_per_day = {}});
  std::vector<std::future<Result<Order>>> placed;
  for (int i = 0; i < 40; ++i) placed.push_back(place(order_of("n" + std::to_string(i), 100)));
  int captured = 0;
  for (auto& each : placed) captured += must(each.get()).state == State::captured ? 1 : 0;
  EXPECT_EQ(captured, 10);
}

TEST(Velocity, counts_any_stretch_and_forgets_what_is_older) {
  const Limit limit{.of = Of::user, .currency = "CNY", .amount = {}, .sum_per_day = {}, .count_per_day = {}, .count = 2, .within_ms = 1'000};
  Usage usage;
  EXPECT_FALSE(take(limit, usage, 1, 20261121, 0));
  EXPECT_FALSE(take(limit, usage, 1, 20261121, 600));
  EXPECT_EQ(take(limit, usage, 1, 20261121, 999), "limit_velocity");
  EXPECT_FALSE(take(limit, usage, 1, 20261121, 1'000));
  EXPECT_EQ(take(limit, usage, 1, 20261122, 1'599), "limit_velocity");
  EXPECT_EQ(must(decode_recent(encode_recent(usage))), usage.recent);
  EXPECT_REFUSED(decode_recent(Bytes(7)), Code::integrity, "payment.recent");
}

TEST(Usage, begins_anew_each_day_and_gives_back_only_its_own) {
  const Limit limit{.of = Of::user, .currency = "CNY", .amount = {}, .sum_per_day = 100, .count_per_day = 2};
  Usage usage;
  EXPECT_FALSE(take(limit, usage, 100, 20261121, 0));
  EXPECT_EQ(take(limit, usage, 1, 20261121, 0), "limit_sum");
  EXPECT_FALSE(take(limit, usage, 90, 20261122, 0));
  give_back(usage, 100, 20261121);
  EXPECT_EQ(take(limit, usage, 11, 20261122, 0), "limit_sum");
  give_back(usage, 90, 20261122);
  EXPECT_FALSE(take(limit, usage, 100, 20261122, 0));
  EXPECT_EQ(take(limit, usage, 0, 20261122, 0), "limit_count");
}

}  // namespace
}  // namespace tf::payment::test
