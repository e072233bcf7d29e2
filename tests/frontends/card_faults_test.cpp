// Hosts and lines that fail, one way at a time.
#include <atomic>
#include <future>

#include "tests/frontends/card_scene.hpp"

namespace tf::test {
namespace {

using Kind = Incident::Kind;
using namespace std::chrono_literals;
using acquirer::Faults;

frontends::card::Profile impatient() {
  auto out = quick_profile();
  out.reply_timeout = 300ms;
  return out;
}

class CardFaults : public ::testing::Test {
 protected:
  explicit CardFaults(const frontends::card::Profile& profile = quick_profile()) : scene({.profile = profile}) {}
  CardScene scene;
  void SetUp() override { ASSERT_TRUE(scene.wait_in_service()); }
  void set(const Faults& faults) { scene.host->set_faults(faults); }
  // Not known what became of it; once the host behaves again the reversal leaves the card as it was.
  void expect_undone(const Payment& payment, const Outcome& outcome, const char* code) {
    EXPECT_EQ(outcome.verdict, Verdict::unknown);
    EXPECT_EQ(outcome.code, code);
    set({});
    EXPECT_EQ(scene.reverse(payment).verdict, Verdict::done);
    EXPECT_EQ(scene.balance(), 100'000'000);
  }
};

// What is only known by waiting.
class CardSilence : public CardFaults {
 protected:
  CardSilence() : CardFaults(impatient()) {}
};

TEST_F(CardSilence, a_request_or_reply_that_is_lost_is_unknown_and_undone) {
  for (int i = 0; i < 6; ++i) {
    set({.drop = 1});
    const Payment payment = scene.payment();
    expect_undone(payment, scene.pay(payment), "timeout");
  }
}

TEST_F(CardSilence, a_reply_with_a_wrong_mac_is_not_believed) {
  set({.bad_mac = 1});
  const Payment payment = scene.payment();
  expect_undone(payment, scene.pay(payment), "timeout");
  EXPECT_GE(scene.diary.count(Kind::bad_mac), 1);
}

TEST_F(CardFaults, a_reply_with_another_amount_is_not_believed) {
  set({.wrong_amount = 1});
  const Payment payment = scene.payment();
  expect_undone(payment, scene.pay(payment), "amount");
  EXPECT_EQ(scene.diary.count(Kind::misfit), 1);
}

TEST_F(CardFaults, a_reply_that_comes_twice_counts_once) {
  set({.duplicate = 1});
  EXPECT_EQ(scene.pay(scene.payment()).verdict, Verdict::done);
  EXPECT_EQ(scene.pay(scene.payment()).verdict, Verdict::done);
  EXPECT_TRUE(scene.diary.wait_for(Kind::unmatched));
  EXPECT_EQ(scene.balance(), 100'000'000 - 2000);
}

TEST_F(CardSilence, a_late_approval_is_recorded_and_the_reversal_stands) {
  set({.late_by = 1500ms, .late = 1});
  const Payment payment = scene.payment();
  expect_undone(payment, scene.pay(payment), "timeout");
  ASSERT_TRUE(scene.diary.wait_for(Kind::late_approval));
  for (const Incident& incident : scene.diary.all())
    if (incident.kind == Kind::late_approval) EXPECT_EQ(incident.transaction, payment.transaction);
  EXPECT_EQ(scene.state_at_host(payment.transaction), "reversed");
}

TEST_F(CardFaults, an_issuer_that_declines_is_declined) {
  set({.decline = 1});
  const Outcome outcome = scene.pay(scene.payment());
  EXPECT_EQ(outcome.verdict, Verdict::declined);
  EXPECT_EQ(outcome.code, "05");
}

TEST_F(CardFaults, a_line_that_is_cut_is_unknown_at_once_and_comes_back) {
  for (std::ptrdiff_t i = 1; i <= 6; ++i) {
    set({.cut = 1});
    const Payment payment = scene.payment();
    const Outcome outcome = scene.pay(payment);
    ASSERT_TRUE(scene.diary.wait_for(Kind::in_service, i + 1));
    expect_undone(payment, outcome, "line_cut");
  }
}

TEST_F(CardFaults, a_host_that_is_gone_is_declined_before_anything_leaves) {
  scene.stop_host();
  ASSERT_TRUE(scene.diary.wait_for(Kind::line_down));
  EXPECT_FALSE(scene.front_end->healthy());
  const Outcome outcome = scene.pay(scene.payment());
  EXPECT_EQ(outcome.verdict, Verdict::declined);
  EXPECT_EQ(outcome.code, "out_of_service");
}

TEST_F(CardSilence, a_refund_that_did_not_leave_now_may_have_left_before) {
  const Payment payment = scene.payment();
  ASSERT_EQ(scene.pay(payment).verdict, Verdict::done);
  set({.bad_mac = 1});
  const auto refund = scene.refund(payment, 1000);
  EXPECT_EQ(scene.refund_of(refund).verdict, Verdict::unknown);  // carried out, and not believed
  scene.stop_host();
  ASSERT_TRUE(scene.diary.wait_for(Kind::line_down));
  EXPECT_EQ(scene.refund_of(refund).verdict, Verdict::unknown);
  scene.start_host();
  ASSERT_TRUE(scene.diary.wait_for(Kind::in_service, 2));
  Outcome outcome;
  do outcome = scene.refund_of(refund);  // as the books do
  while (outcome.verdict == Verdict::unknown);
  EXPECT_EQ(outcome.verdict, Verdict::done);
  EXPECT_EQ(scene.balance(), 100'000'000);
}

TEST_F(CardFaults, a_host_that_was_started_again_knows_its_books_and_keys) {
  const Payment payment = scene.payment();
  ASSERT_EQ(scene.pay(payment, scene.pin_block(kPin)).verdict, Verdict::done);
  scene.stop_host();
  scene.start_host();
  ASSERT_TRUE(scene.diary.wait_for(Kind::in_service, 2));
  EXPECT_EQ(scene.keys.kept(), 1U);
  EXPECT_EQ(scene.balance(), 100'000'000 - 1000);
  EXPECT_EQ(scene.pay(scene.payment(), scene.pin_block(kPin)).verdict, Verdict::done);
  EXPECT_EQ(scene.reverse(payment).verdict, Verdict::done);
}

TEST_F(CardFaults, a_reversal_waits_for_the_host_to_come_back) {
  const Payment payment = scene.payment();
  ASSERT_EQ(scene.pay(payment).verdict, Verdict::done);
  scene.stop_host();
  ASSERT_TRUE(scene.diary.wait_for(Kind::line_down));
  std::promise<Outcome> told, told_too;
  scene.front_end->reverse(payment, [&](Outcome outcome) { told.set_value(std::move(outcome)); });
  scene.front_end->reverse(payment, [&](Outcome outcome) { told_too.set_value(std::move(outcome)); });
  scene.start_host();
  EXPECT_EQ(told.get_future().get().verdict, Verdict::done);
  EXPECT_EQ(told_too.get_future().get().verdict, Verdict::done);
  EXPECT_EQ(scene.state_at_host(payment.transaction), "reversed");
}

TEST_F(CardSilence, a_reversal_is_repeated_as_advice_until_it_is_answered) {
  const Payment payment = scene.payment();
  ASSERT_EQ(scene.pay(payment).verdict, Verdict::done);
  set({.deaf_to_reversals = true});
  std::promise<Outcome> told;
  scene.front_end->reverse(payment, [&](Outcome outcome) { told.set_value(std::move(outcome)); });
  const auto before = scene.host->counts().requests.load();
  while (scene.host->counts().requests < before + 4) std::this_thread::sleep_for(10ms);  // 0400, 0401, 0420, 0421 …
  set({});
  EXPECT_EQ(told.get_future().get().verdict, Verdict::done);
  EXPECT_EQ(scene.state_at_host(payment.transaction), "reversed");
}

TEST_F(CardSilence, whoever_waits_at_a_stop_is_told) {
  set({.deaf_to_reversals = true});
  const Payment payment = scene.payment();
  std::promise<Outcome> told;
  scene.front_end->reverse(payment, [&](Outcome outcome) { told.set_value(std::move(outcome)); });
  scene.front_end->stop();
  EXPECT_EQ(told.get_future().get().verdict, Verdict::unknown);
  EXPECT_EQ(scene.reverse(payment).code, "stopped");
  EXPECT_EQ(scene.pay(scene.payment()).verdict, Verdict::declined);
}

TEST(CardHealth, a_host_that_does_not_echo_is_unhealthy_and_dialled_anew) {
  auto profile = quick_profile();
  profile.echo_interval = 30ms;
  profile.network_timeout = 100ms;
  CardScene scene({.profile = profile});
  ASSERT_TRUE(scene.wait_in_service());
  scene.host->set_faults({.mute = true});
  ASSERT_TRUE(scene.diary.wait_for(Kind::echo_lost));
  EXPECT_FALSE(scene.front_end->healthy());
  ASSERT_TRUE(scene.diary.wait_for(Kind::line_down));
  ASSERT_TRUE(scene.diary.wait_for(Kind::sign_on_refused));  // no answer to that either
  scene.host->set_faults({});
  ASSERT_TRUE(scene.diary.wait_for(Kind::in_service, 2));
  EXPECT_EQ(scene.pay(scene.payment()).verdict, Verdict::done);
}

TEST(CardLoad, thousands_of_payments_are_on_their_way_at_once) {
  auto profile = quick_profile();
  profile.reply_timeout = 60s;
  CardScene scene({.profile = profile});
  ASSERT_TRUE(scene.wait_in_service());
  constexpr int kCount = 3000;
  std::atomic<int> done = 0, told = 0;
  std::promise<void> all;
  for (int i = 0; i < kCount; ++i)
    scene.front_end->pay(scene.payment(1), std::nullopt, [&](const Outcome& outcome) {
      done += outcome.verdict == Verdict::done ? 1 : 0;
      if (++told == kCount) all.set_value();
    });
  ASSERT_EQ(all.get_future().wait_for(60s), std::future_status::ready);
  EXPECT_EQ(done, kCount);
  EXPECT_EQ(scene.balance(), 100'000'000 - kCount);
}

// Whatever happens on the way, once everything unknown has been reversed, we and the host agree on every payment.
TEST(CardLoad, after_many_faults_the_books_agree) {
  auto profile = quick_profile();
  profile.reply_timeout = 150ms;
  CardScene scene({.profile = profile, .faults = {.late_by = 200ms, .drop = 0.05, .duplicate = 0.05, .decline = 0.1, .late = 0.05,
                                                  .wrong_amount = 0.05, .bad_mac = 0.05, .cut = 0.03}});
  ASSERT_TRUE(scene.wait_in_service());
  std::int64_t spent = 0;
  for (int i = 0; i < 150; ++i) {
    const Payment payment = scene.payment(100 + i);
    const Outcome outcome = scene.pay(payment);
    const bool undone = outcome.verdict == Verdict::unknown && scene.reverse(payment).verdict == Verdict::done;
    const std::string theirs = scene.state_at_host(payment.transaction);
    if (outcome.verdict == Verdict::done) {
      EXPECT_EQ(theirs, "captured") << payment.transaction;
      spent += payment.amount.minor;
    } else {
      EXPECT_TRUE(outcome.verdict == Verdict::declined || undone) << outcome.code;
      EXPECT_NE(theirs, "captured") << payment.transaction << ' ' << outcome.code;
    }
  }
  EXPECT_EQ(scene.balance(), 100'000'000 - spent);
}

}  // namespace
}  // namespace tf::test
