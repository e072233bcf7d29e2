// Refunds that stay pending are decided by operators, as orders are.
#include "payment/desk/reconcile.hpp"
#include "tests/payment/decision_scene.hpp"

namespace tf::payment::test {
namespace {

using tf::test::must;

class DecidedRefunds : public Decided {
 protected:
  Order paid(const std::string& number) {
    wallet.answers("pay", {Verdict::done});
    return must(place(asked(number)).get());
  }
  RefundOrder pending(const Order& order, const std::string& number, std::int64_t minor) {
    wallet.answers("refund", {Verdict::unknown});
    RefundOrder out = must(refund(order.transaction(), number, minor).get());
    EXPECT_EQ(out.state, RefundState::pending);
    return out;
  }
  Result<RefundOrder> decide_refund(const Order& order, const std::string& number, bool given_back, Along along = {}) {
    auto promise = std::make_shared<std::promise<Result<RefundOrder>>>();
    payments->decide_refund(order.transaction(), number, given_back, std::move(along), [promise](Result<RefundOrder> answer) { promise->set_value(std::move(answer)); });
    return promise->get_future().get();
  }
  Status propose(const RefundOrder& refund, bool given_back, const std::string& by) {
    return database->write([&](store::Session& session) {
      return propose_decision(session, {.number = refund.number, .refund = true, .paid = given_back, .reason = "a call", .proposed_by = by, .proposed_ms = 7});
    });
  }
  std::int64_t refunded(const Order& order) { return must(books->find(order.number))->refunded; }
  std::vector<Line> lines_of(const Order& order) {
    std::vector<Line> out;
    must(database->read([&](store::Session& session) -> Status {
      out = TF_TRY(load_lines(session, "wallet", order.number / kNumbersADay));
      return {};
    }));
    return out;
  }
};

TEST_F(DecidedRefunds, a_refund_that_was_given_back_counts_and_one_that_was_not_can_be_asked_again) {
  const Order order = paid("1");
  EXPECT_EQ(pending(order, "a", 700).refund_number, "a");
  const RefundOrder given = must(decide_refund(order, "a", true));
  EXPECT_EQ(given.state, RefundState::done);
  EXPECT_EQ(given.code, kDecided);
  pending(order, "b", 300);
  EXPECT_REFUSED(refund(order.transaction(), "c", 300).get(), Code::refused, "payment.refund_too_much");
  EXPECT_EQ(must(decide_refund(order, "b", false)).state, RefundState::declined);
  EXPECT_EQ(refunded(order), 700);
  wallet.answers("refund", {Verdict::done});
  EXPECT_EQ(must(refund(order.transaction(), "c", 300).get()).state, RefundState::done);
  EXPECT_EQ(must(refund(order.transaction(), "a", 700).get()).state, RefundState::done);
  EXPECT_EQ(must(refund(order.transaction(), "b", 300).get()).state, RefundState::declined);
  EXPECT_EQ(refunded(order), 1'000);
  EXPECT_EQ(std::ranges::count(wallet.calls(), "refund"), 3) << "what is decided is not sent again";
  EXPECT_EQ(payments->under_way(), 0U);
  EXPECT_REFUSED(decide_refund(order, "a", false), Code::conflict, "payment.has_ended");
  EXPECT_REFUSED(decide_refund(order, "d", true), Code::not_found, "payment.no_refund");
}

TEST_F(DecidedRefunds, a_refund_as_it_was_decided_is_in_the_days_file) {
  const Order order = paid("1");
  pending(order, "a", 700);
  pending(order, "b", 300);
  auto theirs = lines_of(order);  // they have carried out the first and never heard of the second
  for (Line& line : theirs)
    if (line.type == "refund") line.state = line.amount.minor == 700 ? "done" : "declined";
  EXPECT_EQ(compare(lines_of(order), theirs).differences.size(), 2U);
  must(decide_refund(order, "a", true));
  must(decide_refund(order, "b", false));
  EXPECT_TRUE(compare(lines_of(order), theirs).differences.empty());
}

TEST_F(DecidedRefunds, what_goes_along_is_written_with_the_end_of_a_refund) {
  const Order order = paid("1");
  const RefundOrder refund = pending(order, "a", 700);
  ASSERT_OK(propose(refund, true, "anna"));
  ASSERT_OK(decide_refund(order, "a", true, [&](store::Session& session) { return confirm_decision(session, refund.number, "bert", 9); }));
  const auto decision = decision_of(refund.number);
  ASSERT_TRUE(decision);
  EXPECT_TRUE(decision->refund);
  EXPECT_TRUE(decision->paid);
  EXPECT_EQ(decision->decided_by, "bert");
  EXPECT_REFUSED(propose(refund, false, "anna"), Code::conflict, "payment.has_ended");
  EXPECT_FALSE(decision_of(order)) << "of the payment nothing was decided";
}

TEST_F(DecidedRefunds, a_refund_is_decided_only_when_it_is_old_enough) {
  settings.decide_after_ms = 3'600'000;
  stop(), start();
  const Order order = paid("1");
  EXPECT_REFUSED(payments->check_stuck(pending(order, "a", 700)), Code::conflict, "payment.not_stuck");
  EXPECT_REFUSED(decide_refund(order, "a", true), Code::conflict, "payment.not_stuck");
  EXPECT_EQ(must(payments->find_refund(order.transaction(), "a"))->state, RefundState::pending);
}

TEST_F(DecidedRefunds, a_refund_that_is_answered_after_the_decision_moves_nothing_and_raises_an_alarm) {
  const Order order = paid("1");
  wallet.answers("refund", {});
  auto answer = refund(order.transaction(), "a", 700);
  wallet.wait_for_call("refund");
  const RefundOrder sent = *must(payments->find_refund(order.transaction(), "a"));
  ASSERT_OK(propose(sent, false, "anna"));
  ASSERT_OK(decide_refund(order, "a", false));
  EXPECT_EQ(must(answer.get()).state, RefundState::declined) << "who waits is told what was decided";
  wallet.release("refund", Verdict::done);  // given back after all
  while (!decision_of(sent.number)->contradicted_ms) written();
  EXPECT_EQ(decision_of(sent.number)->contradicted, "refunded late");
  EXPECT_EQ(must(payments->find_refund(order.transaction(), "a"))->state, RefundState::declined);
  EXPECT_EQ(refunded(order), 0);
}

TEST_F(DecidedRefunds, the_same_answer_after_the_decision_of_a_refund_is_no_alarm) {
  const Order order = paid("1");
  wallet.answers("refund", {});
  auto answer = refund(order.transaction(), "a", 700);
  wallet.wait_for_call("refund");
  const RefundOrder sent = *must(payments->find_refund(order.transaction(), "a"));
  ASSERT_OK(propose(sent, true, "anna"));
  ASSERT_OK(decide_refund(order, "a", true));
  wallet.release("refund", Verdict::done);
  stop(), start();
  EXPECT_EQ(decision_of(sent.number)->contradicted_ms, 0);
  EXPECT_EQ(must(payments->find_refund(order.transaction(), "a"))->state, RefundState::done);
  EXPECT_EQ(refunded(order), 700);
}

}  // namespace
}  // namespace tf::payment::test
