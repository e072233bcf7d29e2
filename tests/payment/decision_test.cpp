// Orders whose end nobody can tell are decided by operators; a front end that says otherwise afterwards moves nothing.
#include "tests/payment/decision_scene.hpp"

namespace tf::payment::test {
namespace {

using tf::test::must;

TEST_F(Decided, an_order_ends_as_it_was_decided_and_everybody_is_told) {
  const Order order = stuck("1");
  const Order paid = must(decide(order, true));
  EXPECT_EQ(paid.state, State::captured);
  EXPECT_EQ(paid.code, kDecided);
  EXPECT_TRUE(paid.resolved);
  EXPECT_EQ(must(place(asked("1")).get()).state, State::captured);
  EXPECT_EQ(must(decide(stuck("2"), false)).state, State::reversed);
  EXPECT_REFUSED(decide(order, false), Code::conflict, "payment.has_ended");
}

TEST_F(Decided, what_goes_along_is_written_with_the_end) {
  const Order order = stuck("1");
  ASSERT_OK(propose(order, true, "anna"));
  ASSERT_OK(decide(order, true, [&](store::Session& session) { return confirm_decision(session, order.number, "bert", 9); }));
  const auto decision = decision_of(order);
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->proposed_by, "anna");
  EXPECT_EQ(decision->decided_by, "bert");
  EXPECT_EQ(decision->decided_ms, 9);
  EXPECT_REFUSED(propose(order, false, "anna"), Code::conflict, "payment.has_ended");
}

TEST_F(Decided, a_decision_waits_until_the_platform_has_tried_long_enough) {
  settings.decide_after_ms = 3'600'000;
  stop(), start();
  const Order order = stuck("1");
  EXPECT_REFUSED(payments->check_stuck(order), Code::conflict, "payment.not_stuck");
  EXPECT_REFUSED(decide(order, true), Code::conflict, "payment.not_stuck");
  EXPECT_EQ(must(books->find(order.number))->state, State::unknown);
}

TEST_F(Decided, an_order_that_the_front_end_still_has_to_answer_is_not_for_operators) {
  auto answer = place(asked("1"));
  wallet.wait_for_call("pay");
  const Order sent = *must(books->find("anna", "1"));
  EXPECT_REFUSED(decide(sent, true), Code::conflict, "payment.not_stuck");
  wallet.release("pay", Verdict::done);
  EXPECT_EQ(must(answer.get()).state, State::captured);
}

TEST_F(Decided, a_reversal_that_is_answered_after_the_decision_moves_nothing_and_raises_an_alarm) {
  card.answers("pay", {Verdict::unknown});
  const Order order = must(place(order_of("1")).get());
  ASSERT_EQ(order.state, State::reversing);
  card.wait_for_call("reverse");
  ASSERT_OK(propose(order, true, "anna"));
  ASSERT_EQ(must(decide(order, true)).state, State::captured);
  card.release("reverse", Verdict::done);  // undone after all
  while (!decision_of(order)->contradicted_ms) written();
  EXPECT_EQ(decision_of(order)->contradicted, "not paid late");
  EXPECT_EQ(must(books->find(order.number))->state, State::captured);
}

TEST_F(Decided, the_same_answer_after_the_decision_is_no_alarm) {
  card.answers("pay", {Verdict::unknown});
  const Order order = must(place(order_of("1")).get());
  card.wait_for_call("reverse");
  ASSERT_OK(propose(order, false, "anna"));
  ASSERT_EQ(must(decide(order, false)).state, State::reversed);
  card.release("reverse", Verdict::done);
  EXPECT_OK(payments->hear("card", order.transaction(), {Verdict::declined, "51", {}}));
  written();
  EXPECT_EQ(decision_of(order)->contradicted_ms, 0);
}

TEST_F(Decided, a_notification_after_a_restart_that_says_otherwise_raises_the_alarm_once) {
  const Order order = stuck("1");
  ASSERT_OK(propose(order, false, "anna"));
  ASSERT_OK(decide(order, false));
  stop();
  int alarms = 0;
  database = must(store::open_sqlite({.path = folder.file("books.db")}));
  runner = std::make_unique<ThreadRunner>(2);
  books = std::make_unique<StoredBooks>(*database, StoredBooksOptions{.limits = limits, .alarm = [&](store::Session&, const Order& at, const std::string& transaction, std::int64_t) -> Status {
                                                                        EXPECT_EQ(at.number, order.number);
                                                                        EXPECT_EQ(transaction, order.transaction());
                                                                        ++alarms;
                                                                        return {};
                                                                      }});
  payments = must(Payments::open({*books, *runner, clock, metrics}, settings, Router(routes), {&card, &wallet}));
  for (int i = 0; i < 3; ++i) {
    EXPECT_OK(payments->hear("wallet", order.transaction(), {Verdict::done, "TRADE_SUCCESS", "REF"}));
    while (!decision_of(order)->contradicted_ms) written();
  }
  stop();
  EXPECT_EQ(alarms, 1);
  start();
  EXPECT_EQ(decision_of(order)->contradicted, "paid TRADE_SUCCESS");
  EXPECT_EQ(must(books->find(order.number))->state, State::reversed) << "money is not moved by it";
}

TEST_F(Decided, a_decision_of_paid_can_be_given_back_and_one_of_undone_cannot) {
  wallet.answers("refund", {Verdict::done});
  const Order paid = must(decide(stuck("1"), true));
  EXPECT_EQ(must(refund(paid.transaction(), "r1", 400).get()).state, RefundState::done);
  const Order undone = must(decide(stuck("2"), false));
  EXPECT_REFUSED(refund(undone.transaction(), "r1", 400).get(), Code::refused, "payment.not_captured");
}

TEST_F(Decided, only_what_was_not_decided_is_proposed_anew) {
  const Order order = stuck("1");
  ASSERT_OK(propose(order, true, "anna"));
  ASSERT_OK(propose(order, false, "bert"));
  EXPECT_EQ(decision_of(order)->proposed_by, "bert");
  EXPECT_FALSE(decision_of(order)->paid);
  EXPECT_TRUE(must(parse_verdict("paid")));
  EXPECT_FALSE(must(parse_verdict("undone")));
  EXPECT_REFUSED(parse_verdict("perhaps"), Code::invalid, "payment.verdict");
  EXPECT_REFUSED(parse_verdict("refunded"), Code::invalid, "payment.verdict");
  EXPECT_TRUE(must(parse_verdict("refunded", true)));
  EXPECT_FALSE(must(parse_verdict("declined", true)));
  EXPECT_REFUSED(parse_verdict("paid", true), Code::invalid, "payment.verdict");
}

}  // namespace
}  // namespace tf::payment::test
