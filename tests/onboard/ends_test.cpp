// How registrations end, and that a credential which left never lives on unheard of.
#include "tests/onboard/world.hpp"

namespace tf::onboard::test {
namespace {

const Subscription kContract{kId, "Anna", "plan-1", {}, {}};

class OnboardEnds : public testing::Test, protected World {
 protected:
  OnboardEnds() { must(a.contract(kContract)); }
  // The module has its credential, and nobody hears of it.
  void install_unheard() {
    line = [](const Message& message, const Deliver& deliver) {
      if (message.route == "dm_receipt" || message.route == "receipt") return Result<std::string>(Error{Code::unavailable, "test.lost", ""});
      return deliver(message);
    };
    EXPECT_REFUSED(device.run(), Code::unavailable, "test.lost");
    EXPECT_EQ(device.state().stage, Stage::stored);
    line = {};
  }
  void time_passes() { clock.advance_days(91); }
  void look_for_what_is_over() {
    const auto step = expire(a.registration_of(kId), clock.now_ms());
    ASSERT_TRUE(step.has_value());
    EXPECT_FALSE(step->writes.suspend.has_value()) << "a receipt may come yet";
    a.registration_of(kId) = step->writes.changed->to.clone();
    EXPECT_EQ(a.registration_of(kId).state, RegistrationState::expired);
  }
  Operator& a = operators.at("a");
  Device device{*this};
};

TEST_F(OnboardEnds, late_receipt_closes_what_expired) {
  install_unheard();
  time_passes();
  look_for_what_is_over();
  ASSERT_OK(device.run());
  EXPECT_EQ(a.registration_of(kId).state, RegistrationState::closed);
  EXPECT_TRUE(a.suspended.empty());
  expect_sound(*this, {&device});
}

TEST_F(OnboardEnds, late_receipt_that_is_not_of_this_release_closes_nothing) {
  install_unheard();
  time_passes();
  look_for_what_is_over();
  a.registration_of(kId).transcripts.clear();
  EXPECT_REFUSED(device.run(), Code::refused, "onboard.receipt");
  EXPECT_EQ(a.registration_of(kId).state, RegistrationState::expired);
}

TEST_F(OnboardEnds, expired_credential_is_suspended_when_an_operator_withdraws_it_and_a_receipt_changes_nothing_then) {
  install_unheard();
  time_passes();
  look_for_what_is_over();
  ASSERT_OK(a.withdraw(kId));
  EXPECT_EQ(a.registration_of(kId).state, RegistrationState::withdrawn);
  EXPECT_TRUE(a.suspended.contains(kId));
  EXPECT_OK(device.run());
  EXPECT_EQ(a.registration_of(kId).state, RegistrationState::withdrawn);
  const auto again = onboard::withdraw(a.registration_of(kId));
  ASSERT_OK(again);
  EXPECT_FALSE(again->has_value());
}

// The HSS may have made a credential, and its answer, or the release, was lost: nobody was given it, and nobody ever will be.
TEST_F(OnboardEnds, what_ends_before_it_was_released_is_suspended_too) {
  time_passes();
  const auto step = expire(a.registration_of(kId), clock.now_ms());
  ASSERT_TRUE(step.has_value());
  ASSERT_TRUE(step->writes.suspend.has_value());
  EXPECT_EQ(step->writes.suspend->nonce_hash, nonce_hash(a.registration_of(kId).nonce));
  a.registration_of(kId) = step->writes.changed->to.clone();
  ASSERT_OK(a.withdraw(kId));
  EXPECT_EQ(a.registration_of(kId).state, RegistrationState::expired);
  ASSERT_OK(a.contract(kContract));
  EXPECT_TRUE(a.suspended.empty()) << "once";
  ASSERT_OK(a.withdraw(kId));
  EXPECT_TRUE(a.suspended.contains(kId));
}

TEST_F(OnboardEnds, another_contract_suspends_an_expired_credential_that_nobody_confirmed) {
  install_unheard();
  time_passes();
  look_for_what_is_over();
  const std::string before = a.newest.at(kId);
  ASSERT_OK(a.contract(kContract));
  EXPECT_NE(a.newest.at(kId), before);
  EXPECT_EQ(a.registrations.at(before).state, RegistrationState::withdrawn);
  EXPECT_TRUE(a.suspended.contains(kId));
}

TEST_F(OnboardEnds, another_contract_suspends_it_also_where_nobody_had_seen_that_it_expired) {
  install_unheard();
  time_passes();
  const std::string before = a.newest.at(kId);
  ASSERT_OK(a.contract(kContract));
  EXPECT_EQ(a.registrations.at(before).state, RegistrationState::withdrawn);
  EXPECT_TRUE(a.suspended.contains(kId));
}

TEST_F(OnboardEnds, another_contract_leaves_a_confirmed_credential_alone) {
  ASSERT_OK(device.run());
  const std::string before = a.newest.at(kId);
  ASSERT_OK(a.contract(kContract));
  EXPECT_EQ(a.registrations.at(before).state, RegistrationState::closed);
  EXPECT_TRUE(a.suspended.empty());
}

}  // namespace
}  // namespace tf::onboard::test
