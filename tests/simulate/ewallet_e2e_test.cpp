// Both front ends against the simulator, over TLS on loopback.
#include "tests/simulate/ewallet_fixture.hpp"

namespace tf::simulate::ewallet {
namespace {

using namespace frontends::test;

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

}  // namespace
}  // namespace tf::simulate::ewallet
