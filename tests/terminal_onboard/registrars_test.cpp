// Several registration servers, one of which refuses the device or says what the device refuses: the next one serves.
#include "protocols/onboard/identity.hpp"
#include "tests/terminal_onboard/scene.hpp"

namespace tf::terminal::test {
namespace {

using tf::test::must;

wire::HttpResponse bare_403() { return {403, "text/plain", "", {}}; }

class Registrars : public Scene {
 protected:
  // What a registration server of this name says that has this row.
  wire::HttpResponse referral(const wire::HttpRequest& request, const char* name, const std::string& operator_id, std::int64_t lives_ms) {
    const tf::test::FixedClock then(clock.now_ms() - clock.waited_ms);
    const onboard::ChainVerifier verifier({pki.root.certificate});
    const onboard::RegistrationPorts here{then, random, verifier, pki.signer("onboard-registration", name), {}};
    std::optional<onboard::RegisteredDevice> row;
    row.emplace(onboard::RegisteredDevice{kDevice, operator_id, {credentialing.url()}, onboard::RegistrationNonce(random.array<32>()), then.now_ms() + lives_ms});
    return answer_of([&]() -> Result<std::string> { return TF_TRY(onboard::refer(must(onboard::open_referral(request.body)), "", row, here)).reply; }());
  }
  Result<OnboardFacts> run_with(std::vector<std::string> urls) {
    auto wanted = profile();
    wanted.operators = {"op-1"};
    wanted.registration.clear();
    for (std::size_t i = 0; i < urls.size(); ++i) wanted.registration.push_back({"reg-" + std::to_string(i + 1), urls[i]});
    make_device(wanted);
    return run();
  }
  // The bad one is asked first; the good one, reg-1 by its certificate, is asked all the same.
  void expect_passed_over(Site::Handler bad, const char* reason) {
    Site first(std::move(bad), &tls);
    expect_subscribed(run_with({first.url(), registrar.url()}));
    EXPECT_EQ(first.asked("referral"), 1);
    directory = place.file("alone");
    EXPECT_REFUSED(run_with({first.url()}), Code::refused, reason);
  }
};

TEST_F(Registrars, one_that_refuses_without_a_reason_is_passed_over) {
  expect_passed_over([](const auto&, const auto&) { return bare_403(); }, "terminal.onboard_refused");
}

TEST_F(Registrars, one_that_refuses_the_modules_certificate_is_passed_over) {
  expect_passed_over([](const auto&, const auto&) { return answer_of(Error{Code::refused, "onboard.other_module", ""}); }, "terminal.onboard_certificate");
}

TEST_F(Registrars, one_that_refers_to_an_operator_who_is_not_allowed_is_passed_over) {
  expect_passed_over([this](const auto&, const auto& request) { return referral(request, "reg-1", "op-9", 60'000); }, "onboard.operator_not_allowed");
}

TEST_F(Registrars, one_that_the_device_does_not_know_is_passed_over) {
  expect_passed_over([this](const auto&, const auto& request) { return referral(request, "reg-9", "op-1", 60'000); }, "onboard.registration_server");
}

TEST_F(Registrars, one_whose_referral_is_over_is_passed_over) {
  clock.waited_ms = 10'000;
  expect_passed_over([this](const auto&, const auto& request) { return referral(request, "reg-1", "op-1", 1); }, "onboard.referral_expired");
}

TEST_F(Registrars, one_that_replays_an_old_referral_is_passed_over) {
  std::optional<wire::HttpResponse> old;
  Site first([&](const auto&, const auto& request) {
    if (!old) old = referral(request, "reg-1", "op-1", 60'000);
    return *old;
  }, &tls);
  EXPECT_REFUSED(run_with({first.url()}), Code::refused, "onboard.referral");
  directory = place.file("other");
  expect_subscribed(run_with({first.url(), registrar.url()}));
  EXPECT_EQ(first.asked("referral"), 3);
}

TEST_F(Registrars, the_first_refusal_is_told_when_none_serves) {
  Site first([](const auto&, const auto&) { return bare_403(); }, &tls);
  Site second([](const auto&, const auto&) { return answer_of(Error{Code::refused, "onboard.unregistered", ""}); }, &tls);
  EXPECT_REFUSED(run_with({first.url(), second.url()}), Code::refused, "terminal.onboard_refused");
  EXPECT_EQ(second.asked("referral"), 1);
}

TEST_F(Registrars, one_that_wants_another_token_is_heard_though_the_first_refused_for_no_reason) {
  Site first([](const auto&, const auto&) { return bare_403(); }, &tls);
  for (const Site* site : {&registrar, &credentialing, &provisioning, &ocsp, &first}) granted.push_back(must(onboard::host_of(site->url())));
  sides.access_registration.issuers = {"phlr-9"};
  auto wanted = profile_with_phlr();
  wanted.registration = {{"reg-2", first.url()}, {"reg-1", registrar.url()}};
  make_device(wanted);
  EXPECT_REFUSED(run(), Code::refused, "terminal.onboard_access");
  EXPECT_EQ(preliminary.authenticated, 3);
}

}  // namespace
}  // namespace tf::terminal::test
