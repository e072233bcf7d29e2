// The front end and a host that behaves: signing on, keys, payments, PINs, reversals, refunds.
#include "tests/frontends/card_scene.hpp"

namespace tf::test {
namespace {

using Kind = Incident::Kind;

TEST(CardConversation, signs_on_takes_keys_and_pays) {
  CardScene scene;
  ASSERT_TRUE(scene.wait_in_service());
  EXPECT_TRUE(scene.front_end->healthy());
  EXPECT_EQ(scene.keys.kept(), 1U);
  const Payment payment = scene.payment(1234);
  const Outcome outcome = scene.pay(payment);
  EXPECT_EQ(outcome.verdict, Verdict::done);
  EXPECT_EQ(outcome.code, "00");
  EXPECT_EQ(outcome.reference, payment.transaction.substr(8));
  EXPECT_EQ(scene.state_at_host(payment.transaction), "captured");
  EXPECT_EQ(scene.balance(), 100'000'000 - 1234);
}

TEST(CardConversation, the_phones_pin_arrives_at_the_host) {
  CardScene scene;
  ASSERT_TRUE(scene.wait_in_service());
  EXPECT_EQ(scene.pay(scene.payment(), scene.pin_block(kPin)).code, "00");
  const Outcome wrong = scene.pay(scene.payment(), scene.pin_block("9999"));
  EXPECT_EQ(wrong.verdict, Verdict::declined);
  EXPECT_EQ(wrong.code, "55");
}

TEST(CardConversation, three_wrong_pins_lock_the_card_for_the_right_one) {
  CardScene scene;
  ASSERT_TRUE(scene.wait_in_service());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(scene.pay(scene.payment(), scene.pin_block("0000")).code, "55");
  EXPECT_EQ(scene.pay(scene.payment(), scene.pin_block(kPin)).code, "75");
}

TEST(CardConversation, a_pin_block_of_another_card_goes_nowhere) {
  CardScene scene;
  ASSERT_TRUE(scene.wait_in_service());
  const Payment payment = scene.payment();
  const Outcome outcome = scene.pay(payment, scene.pin_block(kPin, "6212345678901240"));
  EXPECT_EQ(outcome.verdict, Verdict::declined);
  EXPECT_EQ(outcome.code, "vault.pin_block");
  EXPECT_EQ(scene.state_at_host(payment.transaction), "none");
}

TEST(CardConversation, a_card_without_money_is_declined) {
  CardScene scene;
  ASSERT_TRUE(scene.wait_in_service());
  const Outcome outcome = scene.pay(scene.payment(100'000'001));
  EXPECT_EQ(outcome.verdict, Verdict::declined);
  EXPECT_EQ(outcome.code, "51");
}

TEST(CardConversation, an_instrument_that_is_gone_is_declined_without_a_message) {
  CardScene scene;
  ASSERT_TRUE(scene.wait_in_service());
  Payment payment = scene.payment();
  payment.instrument = "card-2";
  EXPECT_EQ(scene.pay(payment).code, "test.no_card");
  EXPECT_EQ(scene.state_at_host(payment.transaction), "none");
}

TEST(CardConversation, a_payment_is_reversed_once) {
  CardScene scene;
  ASSERT_TRUE(scene.wait_in_service());
  const Payment payment = scene.payment();
  ASSERT_EQ(scene.pay(payment).verdict, Verdict::done);
  EXPECT_EQ(scene.reverse(payment).verdict, Verdict::done);
  EXPECT_EQ(scene.reverse(payment).verdict, Verdict::done);
  EXPECT_EQ(scene.state_at_host(payment.transaction), "reversed");
  EXPECT_EQ(scene.balance(), 100'000'000);
}

TEST(CardConversation, a_reversal_of_what_never_came_bars_it) {
  CardScene scene;
  ASSERT_TRUE(scene.wait_in_service());
  const Payment payment = scene.payment();
  const Outcome undone = scene.reverse(payment);
  EXPECT_EQ(undone.verdict, Verdict::done);
  EXPECT_EQ(undone.code, "25");
  EXPECT_EQ(scene.pay(payment).verdict, Verdict::declined);
  EXPECT_EQ(scene.balance(), 100'000'000);
}

TEST(CardConversation, a_payment_sent_twice_moves_money_once) {
  CardScene scene;
  ASSERT_TRUE(scene.wait_in_service());
  const Payment payment = scene.payment();
  EXPECT_EQ(scene.pay(payment).verdict, Verdict::done);
  EXPECT_EQ(scene.pay(payment).verdict, Verdict::done);
  EXPECT_EQ(scene.balance(), 100'000'000 - 1000);
}

TEST(CardConversation, refunds_end_at_the_amount_that_was_paid) {
  CardScene scene;
  ASSERT_TRUE(scene.wait_in_service());
  const Payment payment = scene.payment(1000);
  ASSERT_EQ(scene.pay(payment).verdict, Verdict::done);
  const auto first = scene.refund(payment, 600);
  EXPECT_EQ(scene.refund_of(first).verdict, Verdict::done);
  EXPECT_EQ(scene.refund_of(first).verdict, Verdict::done);  // the same again: once
  EXPECT_EQ(scene.refund_of(scene.refund(payment, 600)).code, "61");
  EXPECT_EQ(scene.refund_of(scene.refund(payment, 400)).verdict, Verdict::done);
  EXPECT_EQ(scene.balance(), 100'000'000);
  EXPECT_EQ(scene.reverse(payment).verdict, Verdict::declined);  // given back already: it stands
}

TEST(CardConversation, a_card_network_cannot_be_asked) {
  CardScene scene;
  const Payment payment = scene.payment();
  Outcome outcome;
  scene.front_end->query(payment, [&](Outcome what) { outcome = std::move(what); });
  EXPECT_EQ(outcome.verdict, Verdict::unknown);
  EXPECT_EQ(scene.front_end->resolves(), payment::FrontEnd::Resolves::by_reversal);
}

}  // namespace
}  // namespace tf::test
