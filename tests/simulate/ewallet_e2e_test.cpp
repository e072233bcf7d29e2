// Both front ends against the simulator, over TLS on loopback.
#include <fstream>
#include <future>

#include "base/file.hpp"
#include "tests/simulate/ewallet_fixture.hpp"

namespace tf::simulate::ewallet {
namespace {

using namespace frontends::test;
using testing::HasSubstr;

TEST_F(OverTls, a_payment_is_made_asked_about_and_given_back_at_the_e_wallet) {
  start();
  const Payment payment = payment_of(1234, clock.now_ms());
  const Outcome paid = pay(*ewallet, payment);
  EXPECT_OUTCOME(paid, Verdict::done, "10000");
  const Outcome asked = query(*ewallet, payment);
  EXPECT_OUTCOME(asked, Verdict::done, "TRADE_SUCCESS");
  EXPECT_EQ(asked.reference, paid.reference);
  const Refund part = refund_of(payment, 234, paid.reference, "20261101000000000002");
  EXPECT_OUTCOME(refund(*ewallet, part), Verdict::done, "10000");
  EXPECT_OUTCOME(refund(*ewallet, part), Verdict::done, "REFUND_SUCCESS");  // once more: not twice
  EXPECT_EQ(simulator->ledger().find("ewallet", payment.transaction)->returned, 234);
  EXPECT_OUTCOME(refund(*ewallet, refund_of(payment, 1001, paid.reference, "20261101000000000003")), Verdict::declined,
                 "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL");
}

TEST_F(OverTls, a_payment_is_made_asked_about_and_given_back_at_the_card_network) {
  start();
  const Payment payment = payment_of(1234, clock.now_ms());
  const Outcome paid = pay(*acp, payment);
  EXPECT_OUTCOME(paid, Verdict::done, "00");
  EXPECT_OUTCOME(query(*acp, payment), Verdict::done, "00");
  const Refund part = refund_of(payment, 234, paid.reference, "20261101000000000002");
  EXPECT_OUTCOME(refund(*acp, part), Verdict::done, "00");
  EXPECT_EQ(simulator->ledger().find("acp", payment.transaction)->returned, 234);
}

TEST_F(OverTls, the_same_order_sent_twice_is_paid_once) {
  start();
  const Payment payment = payment_of(1234, clock.now_ms());
  EXPECT_OUTCOME(pay(*ewallet, payment), Verdict::done, "10000");
  EXPECT_OUTCOME(pay(*ewallet, payment), Verdict::unknown, "ACQ.TRADE_HAS_SUCCESS");  // to be asked about
  EXPECT_OUTCOME(query(*ewallet, payment), Verdict::done, "TRADE_SUCCESS");
  EXPECT_EQ(simulator->ledger().orders().size(), 1U);
}

TEST_F(OverTls, an_account_without_money_declines_for_good) {
  options.balance = 1000;
  start();
  const Payment payment = payment_of(1234, clock.now_ms());
  EXPECT_OUTCOME(pay(*ewallet, payment), Verdict::declined, "ACQ.BUYER_BALANCE_NOT_ENOUGH");
  EXPECT_OUTCOME(pay(*ewallet, payment), Verdict::declined, "ACQ.BUYER_BALANCE_NOT_ENOUGH");
  EXPECT_OUTCOME(pay(*acp, payment), Verdict::declined, "64");
}

TEST_F(OverTls, an_order_undone_stays_undone_though_its_payment_arrives_afterwards) {
  start();
  const Payment seen = payment_of(1234, clock.now_ms());
  EXPECT_OUTCOME(pay(*ewallet, seen), Verdict::done, "10000");
  EXPECT_OUTCOME(reverse(*ewallet, seen), Verdict::done, "refund");
  EXPECT_OUTCOME(query(*ewallet, seen), Verdict::declined, "TRADE_CLOSED");
  const Payment never_seen = payment_of(1234, clock.now_ms(), "20261101000000000002");
  EXPECT_OUTCOME(reverse(*ewallet, never_seen), Verdict::done, "none");
  EXPECT_OUTCOME(pay(*ewallet, never_seen), Verdict::declined, "ACQ.TRADE_HAS_CLOSE");
  EXPECT_OUTCOME(reverse(*acp, never_seen), Verdict::done, "00");
  EXPECT_OUTCOME(pay(*acp, never_seen), Verdict::declined, "01");
  const Payment asked = payment_of(1234, clock.now_ms(), "20261101000000000003");
  EXPECT_OUTCOME(query(*acp, asked), Verdict::declined, "34");
  EXPECT_OUTCOME(pay(*acp, asked), Verdict::declined, "01");
}

// Whatever is done to the answers, what the front end says in the end is what the other side's books have.
struct Fault {
  const char* name;
  double FaultOptions::*chance;
  const char* code;
};
class WithFault : public OverTls, public testing::WithParamInterface<Fault> {};

TEST_P(WithFault, the_first_answer_is_unknown_and_a_query_tells) {
  options.faults.*GetParam().chance = 1;
  options.faults.late_ms = 2000;
  patience = std::chrono::milliseconds(700);
  start();
  const Payment payment = payment_of(1234, clock.now_ms());
  EXPECT_OUTCOME(pay(*ewallet, payment), Verdict::unknown, GetParam().code);
  disconnect();
  simulator->stop();
  simulator.reset();
  options.faults = {};
  start();
  const auto booked = simulator->ledger().find("ewallet", payment.transaction);
  EXPECT_EQ(query(*ewallet, payment).verdict, booked && booked->state == State::paid ? Verdict::done : Verdict::declined);
}

INSTANTIATE_TEST_SUITE_P(Each, WithFault,
                         testing::Values(Fault{"drop", &FaultOptions::drop, "net.timeout"}, Fault{"late", &FaultOptions::late, "net.timeout"},
                                         Fault{"cut", &FaultOptions::cut, "net.closed"}, Fault{"trouble", &FaultOptions::trouble, "http_503"},
                                         Fault{"wrong_amount", &FaultOptions::wrong_amount, "wrong_amount"},
                                         Fault{"bad_signature", &FaultOptions::bad_signature, "ewallet.signature"},
                                         Fault{"foreign", &FaultOptions::foreign, "another_order"}),
                         [](const auto& of) { return of.param.name; });

TEST_F(OverTls, with_all_faults_at_once_every_payment_ends_as_the_gateways_books_have_it) {
  options.faults = {.drop = 0.05, .late = 0.05, .late_ms = 1000, .cut = 0.05, .decline = 0.1, .wrong_amount = 0.05, .bad_signature = 0.05,
                    .foreign = 0.05, .trouble = 0.05, .seed = 7};
  patience = std::chrono::milliseconds(300);
  start();
  for (int i = 0; i < 60; ++i) {
    const Payment payment = payment_of(100 + i, clock.now_ms(), "202611010000000001" + std::to_string(10 + i));
    Outcome outcome = pay(*ewallet, payment);
    for (int tries = 0; tries < 40 && outcome.verdict == Verdict::unknown; ++tries) outcome = query(*ewallet, payment);
    ASSERT_NE(outcome.verdict, Verdict::unknown) << payment.transaction;
    const auto booked = simulator->ledger().find("ewallet", payment.transaction);
    EXPECT_EQ(outcome.verdict == Verdict::done, booked && booked->state == State::paid) << payment.transaction << outcome.code;
  }
}

TEST_F(OverTls, the_journal_outlives_a_restart_and_a_line_that_a_crash_cut_off) {
  start();
  const Payment payment = payment_of(1234, clock.now_ms());
  const Outcome paid = pay(*acp, payment);
  disconnect();
  simulator->stop();
  simulator.reset();
  std::ofstream(options.journal, std::ios::app) << R"({"record":"order","refer)";
  start();
  const Outcome asked = query(*acp, payment);
  EXPECT_OUTCOME(asked, Verdict::done, "00");
  EXPECT_EQ(asked.reference, paid.reference);
  const std::string bill = tf::test::must([&]() -> Result<std::string> {
    std::optional<Result<std::string>> out;
    auto promise = std::make_shared<std::promise<Result<std::string>>>();
    auto future = promise->get_future();
    ewallet->bill("2026-01-01", [promise](Result<std::string> text) { promise->set_value(std::move(text)); });
    return future.get();
  }());
  EXPECT_EQ(bill, "date,transaction,type,amount,currency,state,reference\n");
}

TEST_F(OverTls, the_bill_has_what_moved_money_that_day) {
  options.settlement = directory.file("settled");
  start();
  const Payment payment = payment_of(1234, clock.now_ms());
  const Outcome paid = pay(*ewallet, payment);
  EXPECT_OUTCOME(refund(*ewallet, refund_of(payment, 234, paid.reference, "20261101000000000002")), Verdict::done, "10000");
  auto promise = std::make_shared<std::promise<Result<std::string>>>();
  auto future = promise->get_future();
  ewallet->bill("2026-11-01", [promise](Result<std::string> text) { promise->set_value(std::move(text)); });
  const std::string bill = tf::test::must(future.get());
  EXPECT_THAT(bill, HasSubstr("20261101,20261101000000000001,payment,1234,CNY,captured," + paid.reference + "\n"));
  EXPECT_THAT(bill, HasSubstr("20261101,20261101000000000002,refund,234,CNY,done,"));
  simulator->stop();
  EXPECT_EQ(as_text(tf::test::must(read_file(options.settlement + "/ewallet/20261101.csv", 1 << 20))), bill);
}

}  // namespace
}  // namespace tf::simulate::ewallet
