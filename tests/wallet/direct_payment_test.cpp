// The phone's direct path in the protocol: an order that names the network's gateway instead of a card or account.
#include "protocols/wallet/refusal.hpp"
#include "tests/wallet/world.hpp"

namespace tf::wallet::test {
namespace {

class DirectPayment : public testing::TestWithParam<Suite> {
 protected:
  DirectPayment() {
    one.options.suite = GetParam();
    EXPECT_OK(one.enrol());
    EXPECT_OK(one.login_now());
  }
  Purchase direct(const std::string& order, std::int64_t amount = 1000, bool critical = false) {
    Purchase out = one.purchase(order, amount, critical);
    out.terms.instrument.clear();
    out.terms.gateway = "network";
    out.pin = SecretBytes();
    out.pan = SecretBytes();
    return out;
  }
  World world;
  Phone one = Phone::of(world);
};
INSTANTIATE_TEST_SUITE_P(Suites, DirectPayment, testing::Values(Suite::modern, Suite::classic), [](const auto& info) { return std::string(name_of(info.param)); });

TEST_P(DirectPayment, gives_the_phone_the_orders_number_at_the_gateway_signed_by_the_platform) {
  const auto booked = one.pay(direct("D-1"));
  ASSERT_OK(booked);
  EXPECT_EQ(booked->outcome, Outcome::pending);
  EXPECT_EQ(booked->tn, "tn1");
  EXPECT_EQ(world.executed, 0) << "nobody has paid yet";
  const Order& order = world.orders.begin()->second.order;
  EXPECT_EQ(order.terms.gateway, "network");
  EXPECT_EQ(order.terms.instrument, "");
  EXPECT_FALSE(order.pin_block);
  const auto asked = one.query("D-1");
  ASSERT_OK(asked);
  EXPECT_EQ(asked->tn, "tn1") << "a phone that lost the answer goes on";
}

TEST_P(DirectPayment, the_same_again_is_the_same_order_and_another_way_to_pay_is_another) {
  const auto sent = tf::test::must(one.payment(direct("D-1")));
  const auto first = finish_result(one.platform(), sent, tf::test::must(one.send("pay", sent.body)));
  const auto again = finish_result(one.platform(), sent, tf::test::must(one.send("pay", sent.body)));
  ASSERT_OK(again);
  EXPECT_EQ(again->transaction, first->transaction);
  EXPECT_EQ(again->tn, "tn1");
  EXPECT_REFUSED(one.pay(one.purchase("D-1")), Code::refused, "wallet.order_differs");
  ASSERT_EQ(world.alarms.size(), 1U);
}

TEST_P(DirectPayment, high_amounts_are_sealed_here_too) {
  EXPECT_REFUSED(one.pay(direct("D-1", 2'000'000)), Code::refused, "wallet.not_sealed");
  EXPECT_OK(one.pay(direct("D-2", 2'000'000, true)));
}

TEST_P(DirectPayment, goes_to_a_gateway_that_takes_phones_and_brings_no_pin) {
  Purchase elsewhere = direct("D-1");
  elsewhere.terms.gateway = "card";
  const auto refused = one.pay(elsewhere);
  EXPECT_REFUSED(refused, Code::refused, "wallet.no_gateway");
  EXPECT_EQ(public_reason(refused.error()), "gateway");
  Purchase with_pin = direct("D-2");
  with_pin.pin = SecretBytes(as_bytes("1234"));
  with_pin.pan = SecretBytes(as_bytes("5544332211009966"));
  EXPECT_REFUSED(one.pay(with_pin), Code::refused, "wallet.pin_missing");
  EXPECT_TRUE(world.orders.empty());
}

TEST_P(DirectPayment, a_query_brings_back_what_the_gateway_gave) {
  ASSERT_OK(one.pay(direct("D-1")));
  const std::string theirs = R"({"data":"pay_result=success&tn=tn1&cert_id=1","sign":"AA=="})";
  const auto sent = tf::test::must(begin_query(one.platform(), *one.session, tf::test::must(one.user()), "D-1", tf::test::must(one.challenge(ChallengePurpose::query)),
                                               world.clock.now_ms(), world.random, theirs));
  EXPECT_OK(finish_result(one.platform(), sent, tf::test::must(one.send("query", sent.body))));
  EXPECT_EQ(world.brought, std::vector<std::string>{theirs});
}

TEST(DirectTerms, name_a_gateway_or_an_instrument_and_never_both) {
  PayClaim claim;
  claim.binding = {.platform = "wallet.test", .certificate = {}, .session = std::string(22, 's'), .nonce_p = "n", .nonce_t = {}};
  claim.terms = {"A-1", "shop-1", 1000, "CNY", "", "network"};
  const std::string text = encode(claim);
  EXPECT_EQ(tf::test::must(decode_pay_claim(text)).terms, claim.terms);
  std::string both = text;
  both.replace(both.find("\"gateway\""), 0, "\"instrument\":\"card-1\",");
  EXPECT_FALSE(decode_pay_claim(both).has_value());
  for (const char* wrong : {"", "UPPER", "a b", "123456789012345678901234567890123"}) {
    std::string bad = text;
    bad.replace(bad.find("network"), 7, wrong);
    EXPECT_FALSE(decode_pay_claim(bad).has_value()) << wrong;
  }
}

TEST(DirectTerms, only_a_query_brings_something_back) {
  const std::string session(22, 's');
  InquiryRequest request;
  request.session = session;
  request.jws = "a.b.c";
  request.returned = "{}";
  const std::string body = encode(request);
  EXPECT_EQ(tf::test::must(decode_query_request(body)).returned, "{}");
  EXPECT_FALSE(decode_refund_request(body).has_value());
  std::string nothing = body;
  nothing.replace(nothing.find("{}"), 2, "");
  EXPECT_FALSE(decode_query_request(nothing).has_value());
  request.returned = std::string(kReturnedMax + 1, 'x');
  EXPECT_FALSE(decode_query_request(encode(request)).has_value());
}

}  // namespace
}  // namespace tf::wallet::test
