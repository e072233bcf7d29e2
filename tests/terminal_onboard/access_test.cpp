// The access token, and first use of the subscription.
#include <gmock/gmock.h>

#include "protocols/onboard/identity.hpp"
#include "tests/terminal_onboard/scene.hpp"

namespace tf::terminal::test {
namespace {

using testing::IsEmpty;
using Access = Scene;

TEST_F(Access, comes_first_and_the_subscription_is_used_at_the_end) {
  sides.access_registration.required = sides.access_credentialing.required = true;
  make_device(profile_with_phlr());
  const auto got = run();
  ASSERT_OK(got);
  expect_subscribed(got);
  EXPECT_TRUE(got->used);
  EXPECT_EQ(operators.authenticated, 1);
}

TEST_F(Access, that_a_server_does_not_accept_is_asked_for_again_a_few_times) {
  sides.access_registration.issuers = {"phlr-9"};
  make_device(profile_with_phlr());
  EXPECT_REFUSED(run(), Code::refused, "terminal.onboard_access");
  EXPECT_EQ(preliminary.authenticated, 3);
}

TEST_F(Access, tokens_go_to_registration_and_credentialing_servers_alone) {
  make_device(profile_with_phlr());
  expect_subscribed(run());
  const auto bears = [](const wire::HttpRequest& request) {
    for (const auto& [name, value] : request.headers)
      if (name == "authorization" && value.starts_with("Bearer ")) return true;
    return false;
  };
  for (const Site* site : {&registrar, &credentialing})
    for (const char* route : {"referral", "hello", "request"})
      for (const auto& request : site->requests(route)) EXPECT_TRUE(bears(request)) << route;
  for (const auto& request : provisioning.requests("dm")) EXPECT_FALSE(bears(request));
  for (const auto& request : ocsp.requests("/ocsp")) EXPECT_FALSE(bears(request));
}

TEST_F(Access, hosts_that_the_token_does_not_name_are_not_contacted) {
  granted = {tf::test::must(onboard::host_of(registrar.url())), tf::test::must(onboard::host_of(credentialing.url()))};
  make_device(profile_with_phlr());
  EXPECT_REFUSED(run(), Code::refused, "terminal.host_not_allowed");
  EXPECT_EQ(provisioning.asked("dm"), 0);
  EXPECT_EQ(sides.envelopes, 1);
  granted.clear();
  expect_subscribed(run());
}

TEST_F(Access, without_a_responder_that_may_be_asked_nothing_is_installed) {
  for (const Site* site : {&registrar, &credentialing, &provisioning}) granted.push_back(tf::test::must(onboard::host_of(site->url())));
  make_device(profile_with_phlr());
  EXPECT_FALSE(run());
  EXPECT_EQ(ocsp.asked("/ocsp"), 0);
  EXPECT_EQ(facts().imsi, "");
}

TEST_F(Access, is_asked_for_again_when_its_time_is_over) {
  token_ms = 40'000;
  registrar.before = [](const std::string&, int count) { return count < 8 ? std::optional(busy()) : std::nullopt; };
  make_device(profile_with_phlr());
  options.total = std::chrono::minutes(10);
  expect_subscribed(run());
  EXPECT_GT(preliminary.authenticated, 1);
}

TEST_F(Access, resynchronises_where_the_networks_sqn_is_an_old_one) {
  preliminary.sqn = 32 * 100;
  make_device(profile_with_phlr());
  EXPECT_REFUSED(run("referred"), Code::unavailable, "terminal.power_off");
  preliminary.sqn = 32;
  expect_subscribed(run());
  EXPECT_EQ(preliminary.resynchronised, 1);
}

TEST_F(Access, is_refused_by_a_network_that_does_not_know_the_key) {
  make_device(profile_with_phlr());
  preliminary = Home("onboard", "999990000000001");
  EXPECT_REFUSED(run(), Code::refused, "aka.mac");
  EXPECT_EQ(registrar.asked("referral"), 0);
}

TEST_F(Access, of_an_hss_that_accepts_without_a_challenge_is_no_first_use) {
  hss.before = [](const std::string&, int) { return json("{}"); };
  make_device(profile_with_phlr());
  EXPECT_REFUSED(run(), Code::refused, "terminal.not_challenged");
  EXPECT_EQ(facts().stage, onboard::Stage::subscribed);
  EXPECT_FALSE(facts().used);
  hss.before = {};
  const auto got = run();
  ASSERT_OK(got);
  EXPECT_TRUE(got->used);
}

// Out of sequence is no proof yet: whoever replays an old challenge gets AUTS for it.
TEST_F(Access, of_an_hss_that_accepts_a_wish_to_resynchronise_is_no_first_use) {
  operators.sqn = 32 * 100;
  make_device(profile_with_phlr());
  EXPECT_REFUSED(run("subscribed"), Code::unavailable, "terminal.power_off");
  expect_subscribed(run());
  ASSERT_EQ(operators.authenticated, 1);
  ASSERT_OK(tf::test::must(OnboardDevice::open(directory, storage_key.clone(), {.clock = clock, .random = random})).module().store_record("onboard.used", {}));
  operators.sqn = 32;
  hss.before = [](const std::string&, int count) { return count >= 4 ? std::optional(json("{}")) : std::nullopt; };
  EXPECT_REFUSED(run(), Code::refused, "terminal.not_challenged");
  EXPECT_FALSE(facts().used);
}

TEST_F(Access, of_a_phlr_that_gives_a_token_without_a_challenge_is_not_begun_with) {
  make_device(profile_with_phlr());
  phlr.after = [&](const std::string&, int) -> std::optional<wire::HttpResponse> {
    const onboard::AccessClaim claim{.issuer = "phlr-1", .pimsi = "999990000000001", .issued_s = clock.now_ms() / 1000, .expires_s = clock.now_ms() / 1000 + 900,
                                     .hosts = {"evil.example:443"}};
    return json(onboard::encode_token(tf::test::must(onboard::issue_access_token(claim, pki.signer("onboard-access", "phlr-1")))));
  };
  EXPECT_REFUSED(run(), Code::refused, "terminal.not_challenged");
}

TEST_F(Access, takes_the_hss_from_the_operators_item_and_the_newer_algorithm) {
  operators.algorithm = onboard::DigestAlgorithm::aka_v2_sha256;
  const std::string item = R"({"url": ")" + hss.url() + R"(", "realm": "hss"})";
  sides.items = {{"authenticate", "application/json", to_bytes(as_bytes(item))}};
  make_device(profile());
  const auto got = run();
  ASSERT_OK(got);
  expect_subscribed(got);
  EXPECT_TRUE(got->used);
}

TEST_F(Access, at_the_hss_is_tried_again_later_and_then_once) {
  hss.before = [](const std::string&, int) { return busy(); };
  make_device(profile_with_phlr());
  EXPECT_REFUSED(run(), Code::unavailable, "terminal.onboard_silent");
  EXPECT_EQ(facts().stage, onboard::Stage::subscribed);
  EXPECT_FALSE(facts().used);
  hss.before = {};
  expect_subscribed(run());
  expect_subscribed(run());
  EXPECT_EQ(operators.authenticated, 1);
}

}  // namespace
}  // namespace tf::terminal::test
