// From preliminary to subscribed, and what a device finds when things go on later.
#include <gmock/gmock.h>

#include "tests/support/local.hpp"
#include "tests/terminal_onboard/scene.hpp"

namespace tf::terminal::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Onboarding = Scene;

TEST_F(Onboarding, brings_the_subscription_by_device_management_and_the_receipt_both_ways) {
  make_device(profile());
  expect_subscribed(run());
  EXPECT_THAT(points, ElementsAre("referred", "ready", "installed", "stored", "subscribed"));
  EXPECT_THAT(sides.codes, ElementsAre(200, 200, 200));
  EXPECT_EQ(credentialing.asked("receipt"), 1);
  const auto after = facts();
  EXPECT_EQ(after.pimsi, "999990000000001");
  EXPECT_FALSE(after.used);
}

TEST_F(Onboarding, of_a_subscribed_device_asks_nobody) {
  make_device(profile());
  expect_subscribed(run());
  const int before = registrar.asked("referral") + credentialing.asked("hello") + provisioning.asked("dm");
  expect_subscribed(run());
  EXPECT_EQ(registrar.asked("referral") + credentialing.asked("hello") + provisioning.asked("dm"), before);
}

TEST_F(Onboarding, keeps_other_data_of_the_operator_also_in_pieces) {
  const Bytes large(16'000, 'x');
  sides.items = {{"apn", "text/plain", to_bytes(as_bytes("internet"))}, {"ca.der", "application/pkix-cert", large}};
  make_device(profile());
  const auto got = run();
  ASSERT_OK(got);
  expect_subscribed(got);
  EXPECT_THAT(got->items, ElementsAre("apn", "ca.der"));
  EXPECT_EQ(tf::test::read_text(directory + "/items/apn"), "internet");
  EXPECT_EQ(tf::test::read_text(directory + "/items/ca.der").size(), large.size());
}

// A provisioning server may be anybody's: what it leaves on the device has an end, and keeps no subscription away.
TEST_F(Onboarding, keeps_so_many_items_and_no_more) {
  for (int i = 0; i < 70; ++i) sides.items.push_back({"item-" + std::to_string(100 + i), "text/plain", to_bytes(as_bytes("1"))});
  sides.items.push_back({"item-100", "text/plain", to_bytes(as_bytes("2"))});
  make_device(profile());
  const auto got = run();
  expect_subscribed(got);
  EXPECT_EQ(got->items.size(), 64U);
  EXPECT_EQ(tf::test::read_text(directory + "/items/item-100"), "2") << "a newer one of a name that is there";
}

TEST_F(Onboarding, without_certificates_says_what_is_missing) {
  (void)tf::test::must(make_onboard_device(directory, profile(), pki.root.certificate, storage_key.clone(), random));
  EXPECT_REFUSED(run(), Code::not_found, "terminal.not_certified");
}

TEST_F(Onboarding, after_a_reset_wants_another_contract) {
  make_device(profile());
  expect_subscribed(run());
  ASSERT_OK(tf::test::must(OnboardDevice::open(directory, storage_key.clone(), {.clock = clock, .random = random})).reset());
  EXPECT_EQ(facts().stage, onboard::Stage::preliminary);
  EXPECT_EQ(facts().imsi, "");
  EXPECT_EQ(facts().pimsi, "999990000000001");
  EXPECT_REFUSED(run(), Code::refused, "terminal.onboard_used");
  EXPECT_EQ(sides.envelopes, 1);
}

// Power-off after each durable step: the device goes on, and there is one credential.
class PowerOff : public Scene, public testing::WithParamInterface<const char*> {};

TEST_P(PowerOff, goes_on_from_the_last_step_with_the_same_envelope) {
  sides.items = {{"apn", "text/plain", to_bytes(as_bytes("internet"))}};
  make_device(profile());
  EXPECT_REFUSED(run(GetParam()), Code::unavailable, "terminal.power_off");
  expect_subscribed(run());
  EXPECT_THAT(facts().items, ElementsAre("apn"));
}

INSTANTIATE_TEST_SUITE_P(AfterEachStep, PowerOff, testing::Values("referred", "ready", "item", "installed", "stored", "subscribed"));

}  // namespace
}  // namespace tf::terminal::test
