// An order's way through database, threads and front end: answers, repetitions, crashes.
#include "tests/payment/scene.hpp"

namespace tf::payment::test {
namespace {

using testing::ElementsAre;
using tf::test::must;

class PaymentsOf : public testing::Test, protected Scene {
 protected:
  std::optional<Order> in_the_books(const OrderRequest& request) { return must(books->find(request.user, request.order_number)); }
  OrderRequest wallet_order(const std::string& number) {
    OrderRequest out = order_of(number);
    out.prefix.clear();
    out.wallet = "alipay";
    return out;
  }
  static PinBlock pin_block() { return {.key = {"kek", Bytes(32)}, .spec = {}, .row = {"sessions", "1", 0}, .block = Bytes(16)}; }
};

TEST_F(PaymentsOf, a_payment_is_in_the_books_before_the_front_end_is_called_and_its_end_before_anyone_is_told) {
  std::optional<Order> when_called;
  card.on_call = [&](const std::string&, const std::string&) { when_called = in_the_books(order_of("1")); };
  card.answers("pay", {Verdict::done});
  const Order order = must(place(order_of("1"), pin_block()).get());
  EXPECT_EQ(order.state, State::captured);
  EXPECT_EQ(order.reference, "REF");
  EXPECT_EQ(order.transaction().size(), 20U);
  EXPECT_TRUE(card.had_pin);
  ASSERT_TRUE(when_called);
  EXPECT_EQ(when_called->state, State::sent);
  EXPECT_EQ(in_the_books(order_of("1"))->state, State::captured);
}

TEST_F(PaymentsOf, a_repetition_gets_the_saved_answer_and_the_front_end_is_called_once) {
  card.answers("pay", {Verdict::declined});
  const Order first = must(place(order_of("1")).get());
  const Order second = must(place(order_of("1")).get());
  EXPECT_EQ(first.state, State::declined);
  EXPECT_EQ(second.state, State::declined);
  EXPECT_EQ(second.number, first.number);
  EXPECT_THAT(card.calls(), ElementsAre("pay"));
}

TEST_F(PaymentsOf, a_repetition_while_the_first_is_under_way_waits_for_the_same_answer) {
  auto first = place(order_of("1"));
  card.wait_for_call("pay");
  auto second = place(order_of("1"));
  card.release("pay", Verdict::done);
  EXPECT_EQ(must(first.get()).number, must(second.get()).number);
  EXPECT_THAT(card.calls(), ElementsAre("pay"));
}

TEST_F(PaymentsOf, other_content_under_the_same_number_is_refused_while_under_way_and_afterwards) {
  auto first = place(order_of("1", 1'000));
  card.wait_for_call("pay");
  EXPECT_REFUSED(place(order_of("1", 1'001)).get(), Code::conflict, "payment.order_changed");
  card.release("pay", Verdict::done);
  EXPECT_OK(first.get());
  EXPECT_REFUSED(place(order_of("1", 1'001)).get(), Code::conflict, "payment.order_changed");
}

TEST_F(PaymentsOf, the_same_number_of_another_user_is_another_order) {
  card.answers("pay", {Verdict::done});
  OrderRequest other = order_of("1", 1'001);
  other.user = "bert";
  EXPECT_NE(must(place(order_of("1")).get()).number, must(place(other).get()).number);
}

TEST_F(PaymentsOf, an_unanswered_card_payment_is_answered_as_pending_and_reversed) {
  card.answers("pay", {Verdict::unknown});
  auto pending = must(place(order_of("1")).get());
  EXPECT_EQ(pending.state, State::reversing);
  EXPECT_EQ(must(place(order_of("1")).get()).state, State::reversing);
  card.release("reverse", Verdict::unknown);
  card.release("reverse", Verdict::done);
  const Order order = until_ended(order_of("1"));
  EXPECT_EQ(order.state, State::reversed);
  EXPECT_TRUE(order.resolved);
  EXPECT_THAT(card.calls(), ElementsAre("pay", "reverse", "reverse"));
}

TEST_F(PaymentsOf, an_unanswered_wallet_payment_is_asked_about_until_it_is_known) {
  wallet.answers("pay", {Verdict::unknown});
  wallet.answers("query", {Verdict::unknown, Verdict::unknown, Verdict::done});
  EXPECT_EQ(until_ended(wallet_order("1")).state, State::captured);
  EXPECT_THAT(wallet.calls(), ElementsAre("pay", "query", "query", "query"));
}

TEST_F(PaymentsOf, when_asking_brings_nothing_the_wallet_payment_is_reversed) {
  wallet.answers("pay", {Verdict::unknown});
  wallet.answers("query", {Verdict::unknown});
  wallet.answers("reverse", {Verdict::done});
  EXPECT_EQ(until_ended(wallet_order("1")).state, State::reversed);
  EXPECT_THAT(wallet.calls(), ElementsAre("pay", "query", "query", "query", "reverse"));
}

TEST_F(PaymentsOf, what_a_dead_program_left_open_is_reversed_or_asked_about_by_the_next) {
  auto by_card = place(order_of("1"), pin_block());
  auto by_wallet = place(wallet_order("2"));
  card.wait_for_call("pay");
  wallet.wait_for_call("pay");
  stop();
  EXPECT_REFUSED(by_card.get(), Code::unavailable, "payment.stopping");
  EXPECT_REFUSED(by_wallet.get(), Code::unavailable, "payment.stopping");
  card.answers("reverse", {Verdict::done});
  wallet.answers("query", {Verdict::done});
  start();
  EXPECT_EQ(until_ended(order_of("1")).state, State::reversed);
  EXPECT_EQ(until_ended(wallet_order("2")).state, State::captured);
  card.release("pay", Verdict::done);  // the answer of the earlier life
  EXPECT_EQ(until_ended(order_of("1")).state, State::reversed);
  EXPECT_THAT(card.calls(), ElementsAre("pay", "reverse"));
  EXPECT_THAT(wallet.calls(), ElementsAre("pay", "query"));
}

TEST_F(PaymentsOf, numbers_go_on_after_a_restart) {
  card.answers("pay", {Verdict::done});
  const std::int64_t first = must(place(order_of("1")).get()).number;
  stop();
  start();
  EXPECT_GT(must(place(order_of("2")).get()).number, first);
}

TEST_F(PaymentsOf, with_no_healthy_front_end_nothing_is_booked_and_known_orders_keep_their_answers) {
  card.answers("pay", {Verdict::done});
  EXPECT_OK(place(order_of("1")).get());
  card.is_healthy = wallet.is_healthy = false;
  EXPECT_EQ(must(place(order_of("1")).get()).state, State::captured);
  EXPECT_REFUSED(place(order_of("2")).get(), Code::unavailable, "payment.no_front_end");
  EXPECT_FALSE(in_the_books(order_of("2")));
  card.is_healthy = true;
  EXPECT_EQ(must(place(order_of("2")).get()).state, State::captured);
}

TEST_F(PaymentsOf, a_second_front_end_is_taken_before_anything_was_sent) {
  card.is_healthy = false;
  wallet.answers("pay", {Verdict::done});
  EXPECT_EQ(must(place(order_of("1")).get()).front_end, "wallet");
  EXPECT_TRUE(card.calls().empty());
}

TEST_F(PaymentsOf, a_front_end_that_never_calls_back_is_given_up_and_what_it_says_later_changes_nothing) {
  stop();
  settings.patience_ms = 30;
  start();
  card.answers("reverse", {Verdict::done});
  EXPECT_EQ(until_ended(order_of("1")).state, State::reversed);
  card.release("pay", Verdict::done);
  EXPECT_EQ(until_ended(order_of("1")).state, State::reversed);
}

TEST_F(PaymentsOf, an_order_that_is_none_is_refused) {
  for (auto* change : {+[](OrderRequest& order) { order.amount.minor = 0; }, +[](OrderRequest& order) { order.amount.minor = -5; },
                       +[](OrderRequest& order) { order.amount.currency = "cny"; }, +[](OrderRequest& order) { order.user.clear(); },
                       +[](OrderRequest& order) { order.order_number = std::string(65, 'x'); }, +[](OrderRequest& order) { order.merchant = "M 1"; },
                       +[](OrderRequest& order) { order.terminal = "T12345678"; }, +[](OrderRequest& order) { order.prefix = "62x"; }}) {
    OrderRequest order = order_of("1");
    change(order);
    EXPECT_REFUSED(place(order).get(), Code::invalid, "payment.order");
  }
  EXPECT_TRUE(card.calls().empty());
}

}  // namespace
}  // namespace tf::payment::test
