// The phone's direct path: an order made at the network's own gateway, which the phone pays there by itself.
#include "tests/payment/scene.hpp"

namespace tf::payment::test {
namespace {

using testing::ElementsAre;
using tf::test::must;

class Direct : public testing::Test, protected Scene {
 protected:
  Direct() { wallet.has_phones = true; }
  static OrderRequest direct(const std::string& number) {
    OrderRequest out = order_of(number);
    out.instrument.clear();
    out.prefix.clear();
    out.gateway = "wallet";
    out.until_ms = 4'102'444'800'000;
    return out;
  }
  Order in_the_books(const std::string& number) { return *must(books->find("anna", number)); }
  Result<Order> brought(const Order& order, bool will_pay) {
    auto promise = std::make_shared<std::promise<Result<Order>>>();
    payments->brought(order.transaction(), will_pay, [promise](Result<Order> answer) { promise->set_value(std::move(answer)); });
    return promise->get_future().get();
  }
};

TEST_F(Direct, an_order_goes_past_the_routes_and_comes_back_with_its_number_at_the_gateway) {
  settings.back_off_ms = 1'000'000;
  stop(), start();
  std::optional<Order> when_called;
  wallet.on_call = [&](const std::string&, const std::string&) { when_called = in_the_books("1"); };
  wallet.answers("offer", {Verdict::done});
  const Order order = must(place(direct("1")).get());
  EXPECT_EQ(order.state, State::offered);
  EXPECT_EQ(order.offer, "REF");
  EXPECT_EQ(order.reference, "");
  EXPECT_EQ(wallet.offered_until_ms, direct("1").until_ms);
  ASSERT_TRUE(when_called);
  EXPECT_EQ(when_called->state, State::sent) << "it is in the books before the gateway has it";
  EXPECT_TRUE(in_the_books("1").asked.is_direct());
  EXPECT_EQ(in_the_books("1").offer, "REF");
  EXPECT_EQ(must(place(direct("1")).get()).offer, "REF") << "the same again gets the same order";
  OrderRequest other = direct("1");
  other.content_hash[5] ^= 1;
  EXPECT_REFUSED(place(other).get(), Code::conflict, "payment.order_changed");
  EXPECT_THAT(wallet.calls(), ElementsAre("offer"));
}

TEST_F(Direct, the_phone_is_not_believed_but_the_gateway_is_asked_at_once) {
  settings.back_off_ms = 1'000'000;
  stop(), start();
  wallet.answers("offer", {Verdict::done});
  wallet.answers("query", {Verdict::unknown, Verdict::done});
  const Order order = must(place(direct("1")).get());
  EXPECT_EQ(must(brought(order, true)).state, State::offered) << "it says that it paid, and the gateway does not know of it";
  const Order paid = must(brought(order, true));
  EXPECT_EQ(paid.state, State::captured);
  EXPECT_EQ(paid.reference, "REF");
  EXPECT_EQ(must(brought(order, false)).state, State::captured) << "after the end it says nothing";
  EXPECT_THAT(wallet.calls(), ElementsAre("offer", "query", "query"));
}

TEST_F(Direct, an_order_that_the_phone_will_not_pay_is_asked_about_and_taken_back) {
  settings.back_off_ms = 1'000'000;
  stop(), start();
  wallet.answers("offer", {Verdict::done});
  wallet.answers("query", {Verdict::unknown});
  const Order order = must(place(direct("1")).get());
  EXPECT_EQ(must(brought(order, false)).state, State::reversing);
  wallet.release("reverse", Verdict::done);
  EXPECT_EQ(until_ended(direct("1")).state, State::reversed);
  EXPECT_THAT(wallet.calls(), ElementsAre("offer", "query", "reverse"));
}

TEST_F(Direct, an_order_that_was_paid_though_the_phone_says_no_is_paid) {
  settings.back_off_ms = 1'000'000;
  stop(), start();
  wallet.answers("offer", {Verdict::done});
  wallet.answers("query", {Verdict::done});
  EXPECT_EQ(must(brought(must(place(direct("1")).get()), false)).state, State::captured);
  EXPECT_THAT(wallet.calls(), ElementsAre("offer", "query"));
}

TEST_F(Direct, the_gateways_own_word_ends_it_once) {
  settings.back_off_ms = 1'000'000;
  stop(), start();
  wallet.answers("offer", {Verdict::done});
  const Order order = must(place(direct("1")).get());
  EXPECT_OK(payments->hear("wallet", order.transaction(), {Verdict::done, "00", "QUERY-ID"}));
  EXPECT_OK(payments->hear("wallet", order.transaction(), {Verdict::done, "00", "QUERY-ID"}));
  const Order paid = until_ended(direct("1"));
  EXPECT_EQ(paid.state, State::captured);
  EXPECT_EQ(paid.reference, "QUERY-ID");
}

TEST_F(Direct, an_offer_nobody_paid_is_taken_back_when_its_time_is_over) {
  settings.offer_ms = 30;
  stop(), start();
  wallet.answers("offer", {Verdict::done});
  wallet.answers("query", {Verdict::unknown});
  wallet.answers("reverse", {Verdict::done});
  EXPECT_EQ(must(place(direct("1")).get()).state, State::offered);
  EXPECT_EQ(until_ended(direct("1")).state, State::reversed);
}

TEST_F(Direct, an_order_whose_number_got_lost_is_never_offered_again_but_taken_back) {
  wallet.answers("offer", {Verdict::unknown});
  wallet.answers("query", {Verdict::unknown});
  wallet.answers("reverse", {Verdict::done});
  EXPECT_EQ(must(place(direct("1")).get()).state, State::reversing);
  EXPECT_EQ(until_ended(direct("1")).state, State::reversed);
  EXPECT_EQ(std::ranges::count(wallet.calls(), "offer"), 1);
}

TEST_F(Direct, an_offer_survives_a_restart_and_is_asked_about) {
  settings.back_off_ms = 1'000'000;
  stop(), start();
  wallet.answers("offer", {Verdict::done});
  EXPECT_EQ(must(place(direct("1")).get()).state, State::offered);
  stop();
  start();
  wallet.release("query", Verdict::done);
  EXPECT_EQ(until_ended(direct("1")).state, State::captured);
  EXPECT_THAT(wallet.calls(), ElementsAre("offer", "query"));
}

TEST_F(Direct, limits_hold_as_for_every_payment) {
  limits = {.all = {{.of = Of::user, .currency = "CNY", .amount = 500, .sum_per_day = {}, .count_per_day = {}}}};
  stop(), start();
  const Order order = must(place(direct("1")).get());
  EXPECT_EQ(order.state, State::declined);
  EXPECT_EQ(order.code, "limit_amount");
  EXPECT_TRUE(wallet.calls().empty());
}

TEST_F(Direct, only_a_gateway_that_takes_phones_has_the_path_and_no_instrument_comes_along) {
  OrderRequest to_card = direct("1");
  to_card.gateway = "card";
  EXPECT_REFUSED(place(to_card).get(), Code::refused, "payment.no_gateway");
  to_card.gateway = "nobody";
  EXPECT_REFUSED(place(to_card).get(), Code::refused, "payment.no_gateway");
  wallet.is_healthy = false;
  EXPECT_REFUSED(place(direct("1")).get(), Code::unavailable, "payment.no_front_end");
  OrderRequest with_card = direct("1");
  with_card.instrument = "card-1";
  EXPECT_REFUSED(place(with_card).get(), Code::invalid, "payment.order");
  EXPECT_FALSE(must(books->find("anna", "1")));
}

}  // namespace
}  // namespace tf::payment::test
