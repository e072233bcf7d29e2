// What the e-wallet's front end makes of answers that were altered, mixed up, or never came.
#include "frontends/ewallet/front_end.hpp"

#include <fmt/format.h>

#include "frontends/ewallet/messages.hpp"
#include "frontends/ewallet/verdicts.hpp"
#include "simulate/ewallet/dialect.hpp"

#include "tests/frontends/ewallet_support.hpp"

namespace tf::frontends::test {
namespace {

class EwalletFrontEnd : public testing::Test {
 protected:
  EwalletFrontEnd() {
    exchange.gateway = [this](const net::ClientRequest& request) -> Result<wire::HttpResponse> {
      const auto fields = tf::test::must(parse_form(request.body));
      const std::string method = value_of(fields, "method");
      return wire::HttpResponse{200, "application/json", signed_body(method, nodes.at(method)), {}};
    };
  }
  std::string signed_body(const std::string& method, const std::string& node) {
    return fmt::format(R"({{"{}":{},"sign":"{}"}})", ewallet::node_name(method), node,
                       simulate::ewallet::signature(gateway_keys().ewallet, node, spoilt));
  }
  Outcome pay() { return pay(payment); }
  Outcome pay(const Payment& what) {
    return outcome_of([&](auto done) { front_end.pay(what, std::nullopt, std::move(done)); });
  }
  Outcome query() {
    return outcome_of([&](auto done) { front_end.query(payment, std::move(done)); });
  }
  std::string good(const std::string& amount = "12.34", const std::string& order = "20261101000000000001") {
    return fmt::format(R"({{"code":"10000","msg":"Success","trade_no":"T1","out_trade_no":"{}","total_amount":"{}"}})", order, amount);
  }
  std::string refusal(const std::string& sub_code, const std::string& order = "20261101000000000001") {
    return fmt::format(R"({{"code":"40004","msg":"Business Failed","sub_code":"{}","out_trade_no":"{}"}})", sub_code, order);
  }

  tf::test::FixedClock clock{SystemClock().now_ms()};
  OneAccount accounts;
  MemoryExchange exchange;
  bool spoilt = false;
  std::map<std::string, std::string> nodes;
  Payment payment = payment_of(1234, clock.now_ms());
  ewallet::FrontEnd front_end{{.app_id = kAppId, .key = kEwalletKey, .gateway_key = gateway_keys().ewallet.public_key(), .base_url = "https://gateway"},
                              {*our_side().vault, accounts, clock, exchange}};
};

TEST_F(EwalletFrontEnd, a_payment_is_done_only_for_its_own_order_and_amount) {
  nodes["alipay.trade.pay"] = good();
  EXPECT_OUTCOME(pay(), Verdict::done, "10000");
  nodes["alipay.trade.pay"] = good("12.35");
  EXPECT_OUTCOME(pay(), Verdict::unknown, "wrong_amount");
  nodes["alipay.trade.pay"] = good("12.34", "20261101000000000002");
  EXPECT_OUTCOME(pay(), Verdict::unknown, "another_order");
  nodes["alipay.trade.pay"] = R"({"code":"10000"})";
  EXPECT_OUTCOME(pay(), Verdict::unknown, "another_order");
  nodes["alipay.trade.pay"] = R"({"msg":"?"})";
  EXPECT_OUTCOME(pay(), Verdict::unknown, "incomplete");
}

TEST_F(EwalletFrontEnd, only_a_definite_refusal_of_the_very_order_declines) {
  nodes["alipay.trade.pay"] = refusal("ACQ.BUYER_BALANCE_NOT_ENOUGH");
  EXPECT_OUTCOME(pay(), Verdict::declined, "ACQ.BUYER_BALANCE_NOT_ENOUGH");
  nodes["alipay.trade.pay"] = refusal("ACQ.BUYER_BALANCE_NOT_ENOUGH", "20261101000000000002");
  EXPECT_OUTCOME(pay(), Verdict::unknown, "another_order");
  for (const char* code : {"ACQ.TRADE_HAS_SUCCESS", "ACQ.SYSTEM_ERROR", "ACQ.CONTEXT_INCONSISTENT", "ACQ.NEVER_HEARD_OF"}) {
    nodes["alipay.trade.pay"] = refusal(code);
    EXPECT_OUTCOME(pay(), Verdict::unknown, code);
  }
  nodes["alipay.trade.pay"] = R"({"code":"20000","msg":"Service Currently Unavailable","sub_code":"isp.unknow-error"})";
  EXPECT_OUTCOME(pay(), Verdict::unknown, "isp.unknow-error");
  nodes["alipay.trade.pay"] = R"({"code":"10003","msg":"order success pay inprocess","out_trade_no":"20261101000000000001"})";
  EXPECT_OUTCOME(pay(), Verdict::unknown, "10003");
}

TEST_F(EwalletFrontEnd, an_answer_that_cannot_be_believed_leaves_the_payment_unknown) {
  nodes["alipay.trade.pay"] = good();
  spoilt = true;
  EXPECT_OUTCOME(pay(), Verdict::unknown, "ewallet.signature");
  exchange.gateway = [](const auto&) -> Result<wire::HttpResponse> { return wire::HttpResponse{503, "text/plain", "", {}}; };
  EXPECT_OUTCOME(pay(), Verdict::unknown, "http_503");
  exchange.gateway = [](const auto&) -> Result<wire::HttpResponse> { return wire::HttpResponse{200, "application/json", "{}", {}}; };
  EXPECT_OUTCOME(pay(), Verdict::unknown, "ewallet.response");
  exchange.gateway = [](const auto&) -> Result<wire::HttpResponse> { return Error{Code::unavailable, "net.timeout", {}}; };
  EXPECT_OUTCOME(pay(), Verdict::unknown, "net.timeout");
  EXPECT_FALSE(front_end.healthy());
}

TEST_F(EwalletFrontEnd, what_never_left_us_is_declined_and_nothing_is_guessed_of_a_question) {
  exchange.refuses = true;
  EXPECT_OUTCOME(pay(), Verdict::declined, "not_sent");
  EXPECT_OUTCOME(query(), Verdict::unknown, "frontends.queue_full");
  exchange.refuses = false;
  Payment strange = payment;
  strange.instrument = "nobody's";
  EXPECT_OUTCOME(pay(strange), Verdict::declined, "not_sent");
  strange = payment;
  strange.amount.currency = "USD";
  EXPECT_OUTCOME(pay(strange), Verdict::declined, "currency");
  EXPECT_TRUE(exchange.sent.empty());
  EXPECT_TRUE(front_end.healthy());
}

TEST_F(EwalletFrontEnd, a_query_believes_final_states_only) {
  const auto state = [this](const char* status, const char* paid) {
    nodes["alipay.trade.query"] = fmt::format(
        R"({{"code":"10000","trade_no":"T1","out_trade_no":"{}","total_amount":"12.34","trade_status":"{}","send_pay_date":"{}"}})",
        payment.transaction, status, paid);
    return query();
  };
  EXPECT_OUTCOME(state("TRADE_SUCCESS", "2026-11-21 10:00:00"), Verdict::done, "TRADE_SUCCESS");
  EXPECT_OUTCOME(state("TRADE_FINISHED", ""), Verdict::done, "TRADE_FINISHED");
  EXPECT_OUTCOME(state("TRADE_CLOSED", ""), Verdict::declined, "TRADE_CLOSED");
  EXPECT_OUTCOME(state("TRADE_CLOSED", "2026-11-21 10:00:00"), Verdict::done, "TRADE_CLOSED");  // paid, then given back
  EXPECT_OUTCOME(state("WAIT_BUYER_PAY", ""), Verdict::unknown, "WAIT_BUYER_PAY");
  EXPECT_OUTCOME(state("SOMETHING", ""), Verdict::unknown, "SOMETHING");
}

TEST_F(EwalletFrontEnd, an_order_not_found_is_declined_only_when_it_can_never_come) {
  nodes["alipay.trade.query"] = refusal("ACQ.TRADE_NOT_EXIST");
  nodes["alipay.trade.cancel"] = R"({"code":"20000","sub_code":"isp.busy"})";
  EXPECT_OUTCOME(query(), Verdict::unknown, "isp.busy");
  nodes["alipay.trade.cancel"] = fmt::format(R"({{"code":"10000","out_trade_no":"{}","retry_flag":"N"}})", payment.transaction);
  EXPECT_OUTCOME(query(), Verdict::declined, "ACQ.TRADE_NOT_EXIST");
  clock.set(clock.now_ms() + 361'000);  // the gateway does not take it any more: no cancelling needed
  exchange.sent.clear();
  EXPECT_OUTCOME(query(), Verdict::declined, "ACQ.TRADE_NOT_EXIST");
  EXPECT_EQ(exchange.sent.size(), 1U);
}

TEST_F(EwalletFrontEnd, what_is_paid_is_not_closed_and_what_may_be_undone_later_is_unknown) {
  const auto close = [&] { return outcome_of([&](auto done) { front_end.close(payment, std::move(done)); }); };
  const auto reverse = [&] { return outcome_of([&](auto done) { front_end.reverse(payment, std::move(done)); }); };
  nodes["alipay.trade.close"] = good();
  EXPECT_OUTCOME(close(), Verdict::done, "10000");
  nodes["alipay.trade.close"] = good("12.34", "20261101000000000002");
  EXPECT_OUTCOME(close(), Verdict::unknown, "another_order");
  nodes["alipay.trade.close"] = refusal("ACQ.REASON_TRADE_STATUS_INVALID");
  EXPECT_OUTCOME(close(), Verdict::declined, "ACQ.REASON_TRADE_STATUS_INVALID");
  const auto cancelled = [&](const char* retry, const char* action) {
    nodes["alipay.trade.cancel"] =
        fmt::format(R"({{"code":"10000","out_trade_no":"{}","retry_flag":"{}","action":"{}"}})", payment.transaction, retry, action);
  };
  cancelled("N", "refund");
  EXPECT_OUTCOME(reverse(), Verdict::done, "refund");
  cancelled("Y", "");
  EXPECT_OUTCOME(reverse(), Verdict::unknown, "retry");
  cancelled("N", "something");
  EXPECT_OUTCOME(reverse(), Verdict::unknown, "something");
  nodes["alipay.trade.cancel"] = refusal("ACQ.TRADE_HAS_FINISHED");
  EXPECT_OUTCOME(reverse(), Verdict::declined, "ACQ.TRADE_HAS_FINISHED");
}

TEST_F(EwalletFrontEnd, a_refund_is_done_when_this_call_or_an_earlier_one_moved_the_money) {
  const Refund part{"20261101000000000009", 9, clock.now_ms(), {234, "CNY"}, payment, "T1"};
  const auto refund = [&] { return outcome_of([&](auto done) { front_end.refund(part, std::move(done)); }); };
  const auto answer = [&](const char* change, const char* fee) {
    nodes["alipay.trade.refund"] = fmt::format(R"({{"code":"10000","trade_no":"T1","out_trade_no":"{}","fund_change":"{}","refund_fee":"{}"}})",
                                               payment.transaction, change, fee);
  };
  answer("Y", "2.34");
  EXPECT_OUTCOME(refund(), Verdict::done, "10000");
  answer("Y", "2.33");
  EXPECT_OUTCOME(refund(), Verdict::unknown, "wrong_amount");
  answer("N", "2.34");
  nodes["alipay.trade.fastpay.refund.query"] = fmt::format(R"({{"code":"10000","out_trade_no":"{}","out_request_no":"{}"}})", payment.transaction, part.transaction);
  EXPECT_OUTCOME(refund(), Verdict::unknown, "not_refunded");
  nodes["alipay.trade.fastpay.refund.query"] = fmt::format(
      R"({{"code":"10000","out_trade_no":"{}","out_request_no":"{}","refund_status":"REFUND_SUCCESS","refund_amount":"2.34"}})", payment.transaction, part.transaction);
  EXPECT_OUTCOME(refund(), Verdict::done, "REFUND_SUCCESS");
}

TEST_F(EwalletFrontEnd, the_bill_is_fetched_from_the_gateway_and_nowhere_else) {
  nodes["alipay.data.dataservice.bill.downloadurl.query"] = R"({"code":"10000","bill_download_url":"https://gateway.evil/bills"})";
  std::optional<Result<std::string>> bill;
  front_end.bill("2026-11-01", [&](Result<std::string> result) { bill = std::move(result); });
  ASSERT_TRUE(bill);
  EXPECT_REFUSED(*bill, Code::refused, "ewallet.bill");
}

}  // namespace
}  // namespace tf::frontends::test
