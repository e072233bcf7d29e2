// The card network's gateway in memory and in virtual time: the ladder of queries, reversals, undoings, who signed what.
#include "frontends/acp/front_end.hpp"

#include "crypto/jose/rs256.hpp"
#include "frontends/acp/messages.hpp"
#include "frontends/amount.hpp"
#include "pki/path/foreign_path.hpp"
#include "tests/frontends/ewallet_support.hpp"

namespace tf::frontends::test {
namespace {

using testing::ElementsAre;

class AcpFrontEnd : public testing::Test {
 protected:
  AcpFrontEnd() {
    exchange.gateway = [this](const net::ClientRequest& request) -> Result<wire::HttpResponse> {
      Fields in = tf::test::must(parse_form(request.body));
      const std::string type = value_of(in, "txnType");
      types.push_back(type);
      auto& script = answers[type];
      if (script.empty()) return Error{Code::unavailable, "net.timeout", {}};
      const Fields special = script.size() > 1 ? script.front() : script.back();
      if (script.size() > 1) script.erase(script.begin());
      Fields out{{"orderId", value_of(in, "orderId")}, {"txnTime", value_of(in, "txnTime")}, {"merId", value_of(in, "merId")},
                 {"txnType", type}, {"txnAmt", "1234"}, {"currencyCode", "156"}, {"queryId", "Q1"}};
      for (const auto& [name, value] : special) out[name] = value;
      return signed_answer(std::move(out));
    };
  }
  wire::HttpResponse signed_answer(Fields fields) {
    fields["signPubKeyCert"] = certificate.to_pem();
    const auto sign = [this](ByteView text) { return crypto::sign_rs256(key, text); };
    fields = tf::test::must(acp::sign_fields(std::move(fields), "1", sign));
    if (spoilt) fields["txnAmt"] = "1";
    return {200, "text/html", joined(fields, {}, Empties::kept), {}};
  }
  acp::Settings settings() {
    return {.merchant = kMerchant, .cert_id = kCertId, .key = kAcpKey,
            .trust = {{gateway_keys().root}, {gateway_keys().authority}, simulate::ewallet::kSignerName}};
  }
  Outcome pay() {
    Kept kept;
    front_end.pay(payment, std::nullopt, kept.done());
    timer.run();
    EXPECT_TRUE(kept.value);
    return kept.value.value_or(Outcome{});
  }
  Outcome query() {
    Kept kept;
    front_end.query(payment, kept.done());
    return kept.value.value_or(Outcome{Verdict::unknown, "never told", {}});
  }
  Outcome reverse() {
    Kept kept;
    front_end.reverse(payment, kept.done());
    timer.run();
    return kept.value.value_or(Outcome{Verdict::unknown, "never told", {}});
  }
  Outcome order(std::int64_t until_ms = INT64_MAX / 2'000'000) {
    Kept kept;
    front_end.order_for_phone(payment, until_ms, kept.done());
    return kept.value.value_or(Outcome{Verdict::unknown, "never told", {}});
  }
  static Fields ended(const std::string& code) { return {{"respCode", "00"}, {"origRespCode", code}}; }

  tf::test::FixedClock clock{SystemClock().now_ms()};
  OneAccount accounts;
  MemoryExchange exchange;
  VirtualTimer timer{clock};
  bool spoilt = false;
  crypto::PrivateKey key = gateway_keys().network;
  pki::Certificate certificate = gateway_keys().network_certificate;
  std::map<std::string, std::vector<Fields>> answers;  // by txnType; the last one stays
  std::vector<std::string> types;
  Payment payment = payment_of(1234, clock.now_ms());
  acp::FrontEnd front_end{settings(), {*our_side().vault, accounts, clock, exchange, timer}};
};

TEST_F(AcpFrontEnd, an_accepted_payment_is_done_when_the_query_says_so) {
  answers["01"] = {{{"respCode", "00"}}};
  answers["00"] = {ended("00")};
  const Outcome outcome = pay();
  EXPECT_OUTCOME(outcome, Verdict::done, "00");
  EXPECT_EQ(outcome.reference, "Q1");
  EXPECT_THAT(types, ElementsAre("01", "00"));
  EXPECT_TRUE(timer.pauses_s.empty());
}

TEST_F(AcpFrontEnd, asks_after_1_2_4_8_16_and_32_seconds_and_then_does_not_know) {
  for (const char* code : {"03", "04", "05", "06", "12"}) {
    timer.pauses_s.clear();
    answers["01"] = {{{"respCode", code}}};
    answers["00"] = {ended("05")};
    EXPECT_OUTCOME(pay(), Verdict::unknown, "05");
    EXPECT_THAT(timer.pauses_s, ElementsAre(1, 2, 4, 8, 16, 32)) << code;
  }
}

TEST_F(AcpFrontEnd, the_ladder_ends_with_the_first_definite_answer) {
  answers["01"] = {};  // a time-out
  answers["00"] = {ended("05"), ended("03"), ended("00")};
  EXPECT_OUTCOME(pay(), Verdict::done, "00");
  EXPECT_THAT(timer.pauses_s, ElementsAre(1, 2, 4));
  timer.pauses_s.clear();
  answers["00"] = {ended("04"), ended("64")};
  EXPECT_OUTCOME(pay(), Verdict::declined, "64");
  EXPECT_THAT(timer.pauses_s, ElementsAre(1, 2));
}

TEST_F(AcpFrontEnd, a_stop_ends_the_ladder_and_tells) {
  answers["01"] = {{{"respCode", "05"}}};
  Kept kept;
  front_end.pay(payment, std::nullopt, kept.done());
  EXPECT_FALSE(kept.value);
  timer.stop();
  ASSERT_TRUE(kept.value);
  EXPECT_OUTCOME(*kept.value, Verdict::unknown, "stopping");
}

TEST_F(AcpFrontEnd, a_definite_refusal_declines_at_once) {
  answers["01"] = {{{"respCode", "64"}}};
  EXPECT_OUTCOME(pay(), Verdict::declined, "64");
  EXPECT_THAT(types, ElementsAre("01"));
}

TEST_F(AcpFrontEnd, wrong_amounts_and_answers_about_others_are_never_taken) {
  answers["01"] = {{{"respCode", "00"}}};
  answers["00"] = {{{"respCode", "00"}, {"origRespCode", "00"}, {"txnAmt", "1235"}}};
  EXPECT_OUTCOME(pay(), Verdict::unknown, "wrong_amount");
  answers["00"] = {{{"respCode", "00"}, {"origRespCode", "00"}, {"currencyCode", "840"}}};
  EXPECT_OUTCOME(pay(), Verdict::unknown, "wrong_amount");
  for (const char* name : {"orderId", "txnTime", "merId"}) {
    answers["00"] = {{{"respCode", "00"}, {"origRespCode", "00"}, {name, "20261101000000000002"}}};
    EXPECT_OUTCOME(pay(), Verdict::unknown, "another_order");
    answers["01"] = {{{"respCode", "64"}, {name, "20261101000000000002"}}};
    EXPECT_OUTCOME(pay(), Verdict::unknown, "another_order");
    answers["01"] = {{{"respCode", "00"}}};
  }
}

TEST_F(AcpFrontEnd, answers_not_signed_under_the_root_are_not_believed) {
  answers["00"] = {ended("00")};
  EXPECT_OUTCOME(query(), Verdict::done, "00");
  spoilt = true;
  EXPECT_OUTCOME(query(), Verdict::unknown, "acp.signature");
  spoilt = false;
  // A whole hierarchy of somebody else, with the same names.
  SystemRandom random;
  const auto others = tf::test::must(simulate::ewallet::make_keys({"127.0.0.1"}, clock.now_ms(), random));
  key = others.network;
  certificate = others.network_certificate;
  EXPECT_OUTCOME(query(), Verdict::unknown, "pki.untrusted");
  // Under our root, but not the signer: the gateway's TLS certificate.
  key = gateway_keys().network;
  certificate = gateway_keys().tls_certificate;
  EXPECT_OUTCOME(query(), Verdict::unknown, "acp.signer");
  certificate = gateway_keys().network_certificate;
  clock.advance_days(400);
  EXPECT_OUTCOME(query(), Verdict::unknown, "pki.expired");
}

TEST_F(AcpFrontEnd, the_certificates_between_may_stand_among_the_anchors_and_their_root_may_not_be_missing) {
  answers["00"] = {ended("00")};
  auto one_file = settings();
  one_file.trust = {{gateway_keys().root, gateway_keys().authority}, {}, ""};
  const auto ask = [&] {
    acp::FrontEnd other(one_file, {*our_side().vault, accounts, clock, exchange, timer});
    Kept kept;
    other.query(payment, kept.done());
    return kept.value.value_or(Outcome{});
  };
  EXPECT_OUTCOME(ask(), Verdict::done, "00");
  one_file.trust.anchors.erase(one_file.trust.anchors.begin());
  EXPECT_OUTCOME(ask(), Verdict::unknown, "pki.untrusted");
}

TEST_F(AcpFrontEnd, an_order_not_found_is_declined_only_when_it_can_never_come) {
  answers["00"] = {{{"respCode", "34"}}};
  EXPECT_OUTCOME(query(), Verdict::unknown, "34");  // the reversal is not answered
  answers["99"] = {{{"respCode", "00"}}};
  EXPECT_OUTCOME(query(), Verdict::declined, "34");
  types.clear();
  clock.set(clock.now_ms() + 91'000);
  EXPECT_OUTCOME(query(), Verdict::declined, "34");
  EXPECT_THAT(types, ElementsAre("00"));
}

TEST_F(AcpFrontEnd, what_cannot_be_reversed_any_more_is_undone_by_an_order_of_its_own) {
  answers["99"] = {{{"respCode", "35"}}};
  answers["00"] = {ended("00")};
  answers["31"] = {{{"respCode", "00"}}};
  EXPECT_OUTCOME(reverse(), Verdict::done, "00");
  EXPECT_THAT(types, ElementsAre("99", "00", "31", "00"));
  const auto undoing = tf::test::must(parse_form(exchange.sent[2].body));
  EXPECT_EQ(value_of(undoing, "orderId"), payment.transaction + "U");
  EXPECT_EQ(value_of(undoing, "origQryId"), "Q1");
  answers["31"] = {{{"respCode", "39"}}};
  EXPECT_OUTCOME(reverse(), Verdict::declined, "39");  // it stands
  answers["00"] = {ended("61")};
  EXPECT_OUTCOME(reverse(), Verdict::done, "61");      // it never was
}

TEST_F(AcpFrontEnd, a_repeated_refund_is_asked_about_and_not_made_twice) {
  const Refund whole{"20261101000000000009", 9, clock.now_ms(), {1234, "CNY"}, payment, "Q1"};
  answers["04"] = {{{"respCode", "12"}}};
  answers["00"] = {ended("00")};
  Kept kept;
  front_end.refund(whole, kept.done());
  timer.run();
  ASSERT_TRUE(kept.value);
  EXPECT_OUTCOME(*kept.value, Verdict::done, "00");
  EXPECT_EQ(value_of(tf::test::must(parse_form(exchange.sent[0].body)), "origQryId"), "Q1");
}

TEST_F(AcpFrontEnd, an_order_for_the_phone_gives_its_tn_when_it_is_ours) {
  payment.instrument.clear();
  answers["01"] = {{{"respCode", "00"}, {"tn", "612345678901234567890"}}};
  const Outcome made = order();
  EXPECT_OUTCOME(made, Verdict::done, "00");
  EXPECT_EQ(made.reference, "612345678901234567890");
  answers["01"] = {{{"respCode", "00"}, {"tn", "6"}, {"orderId", "20261101000000000002"}}};
  EXPECT_OUTCOME(order(), Verdict::unknown, "another_order");
  answers["01"] = {{{"respCode", "00"}}};
  EXPECT_OUTCOME(order(), Verdict::unknown, "incomplete");
  answers["01"] = {{{"respCode", "33"}, {"tn", "6"}}};
  EXPECT_OUTCOME(order(), Verdict::declined, "33");
  answers["01"] = {{{"respCode", "12"}, {"tn", "6"}}};
  EXPECT_OUTCOME(order(), Verdict::unknown, "12");
  answers["01"] = {};
  EXPECT_OUTCOME(order(), Verdict::unknown, "net.timeout");
  exchange.refuses = true;
  EXPECT_OUTCOME(order(), Verdict::declined, "not_sent");
  payment.instrument = "token-1";
  EXPECT_OUTCOME(order(), Verdict::declined, "order");
}

TEST_F(AcpFrontEnd, an_order_for_the_phone_ends_when_the_user_says_or_after_a_quarter_of_an_hour) {
  payment.instrument.clear();
  answers["01"] = {{{"respCode", "00"}, {"tn", "6"}}};
  order(payment.at_ms + 60'000);
  order(payment.at_ms + 3'600'000);
  const auto until = [this](std::size_t i) { return value_of(tf::test::must(parse_form(exchange.sent[i].body)), "payTimeout"); };
  EXPECT_EQ(until(0), china_digits(payment.at_ms + 60'000));
  EXPECT_EQ(until(1), china_digits(payment.at_ms + 900'000));
}

TEST_F(AcpFrontEnd, a_card_that_was_refused_is_no_end_of_an_order_that_the_phone_may_pay_with_another) {
  payment.instrument.clear();
  answers["00"] = {ended("64")};
  answers["99"] = {{{"respCode", "35"}}};
  EXPECT_OUTCOME(query(), Verdict::unknown, "64");
  EXPECT_OUTCOME(reverse(), Verdict::unknown, "64");
  clock.set(clock.now_ms() + 931'000);
  EXPECT_OUTCOME(query(), Verdict::declined, "64");
  EXPECT_OUTCOME(reverse(), Verdict::done, "64");
}

}  // namespace
}  // namespace tf::frontends::test
