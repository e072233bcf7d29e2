// Servers that are silent, busy or lose answers; several of them; the wrong ones.
#include <gmock/gmock.h>

#include "tests/terminal_onboard/scene.hpp"

namespace tf::terminal::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using Faults = Scene;

wire::HttpResponse lost() { return {504, "text/plain", "", {}}; }

// The answer to the first message of that route is lost after the server did its work.
struct LostAnswer {
  const char* site;
  const char* route;
  int count;
};
class Lost : public Scene, public testing::WithParamInterface<LostAnswer> {};

TEST_P(Lost, answers_are_asked_for_again_and_nothing_happens_twice) {
  const auto& it = GetParam();
  const std::map<std::string, Site*> sites = {{"registrar", &registrar}, {"credentialing", &credentialing}, {"provisioning", &provisioning}, {"ocsp", &ocsp}};
  sites.at(it.site)->after = [it](const std::string& route, int count) { return route == it.route && count == it.count ? std::optional(lost()) : std::nullopt; };
  make_device(profile());
  expect_subscribed(run());
}

INSTANTIATE_TEST_SUITE_P(Everywhere, Lost,
                         testing::Values(LostAnswer{"registrar", "referral", 1}, LostAnswer{"credentialing", "hello", 1}, LostAnswer{"credentialing", "request", 1},
                                         LostAnswer{"provisioning", "dm", 1}, LostAnswer{"provisioning", "dm", 2}, LostAnswer{"provisioning", "dm", 3},
                                         LostAnswer{"provisioning", "dm", 4}, LostAnswer{"provisioning", "dm", 5}, LostAnswer{"ocsp", "/ocsp", 1}));

TEST_F(Faults, of_a_management_session_after_installing_bring_the_receipt_to_the_operator_himself) {
  make_device(profile());
  bool installed = false;
  provisioning.before = [&](const std::string&, int) -> std::optional<wire::HttpResponse> {
    for (const auto& step : steps) installed = installed || step.starts_with("stored");
    if (installed) return lost();
    return std::nullopt;
  };
  expect_subscribed(run());
  EXPECT_EQ(credentialing.asked("receipt"), 1);
}

TEST_F(Faults, of_the_receipts_answer_leave_the_receipt_kept) {
  make_device(profile());
  EXPECT_REFUSED(run("stored"), Code::unavailable, "terminal.power_off");
  credentialing.after = [](const std::string& route, int) { return route == "receipt" ? std::optional(lost()) : std::nullopt; };
  EXPECT_REFUSED(run(), Code::unavailable, "terminal.onboard_silent");
  EXPECT_EQ(facts().stage, onboard::Stage::stored);
  credentialing.after = {};
  expect_subscribed(run());
}

TEST_F(Faults, the_next_registration_server_is_asked_where_one_is_silent_or_does_not_know_the_device) {
  Site stranger([](const auto&, const auto&) { return answer_of(Error{Code::refused, "onboard.unregistered", ""}); }, &tls);
  auto wanted = profile();
  wanted.registration = {{"reg-9", kNobody}, {"reg-2", stranger.url()}, {"reg-1", registrar.url()}};
  make_device(wanted);
  expect_subscribed(run());
  EXPECT_EQ(stranger.asked("referral"), 1);
}

TEST_F(Faults, the_next_server_of_the_route_and_the_next_provisioning_server_are_asked_where_one_is_silent) {
  sides.registered.reset();
  sides.subscribe({kNobody, credentialing.url()});
  sides.provisioning_at = {{kNobody, "prov-2"}, {provisioning.url(), "prov-1"}};
  make_device(profile());
  expect_subscribed(run());
}

TEST_F(Faults, a_server_that_answers_too_late_is_silent) {
  Site slow([](const auto&, const auto&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(900));
    return busy();
  }, &tls);
  options.patience = std::chrono::milliseconds(300);
  auto wanted = profile();
  wanted.registration = {{"reg-2", slow.url()}, {"reg-1", registrar.url()}};
  make_device(wanted);
  options.patience = std::chrono::milliseconds(600);
  EXPECT_EQ(run("referred").error().reason, std::string_view("terminal.power_off"));
}

TEST_F(Faults, retry_after_is_waited_for) {
  credentialing.before = [](const std::string&, int count) { return count == 1 ? std::optional(wire::HttpResponse{503, "text/plain", "", {{"retry-after", "17"}}}) : std::nullopt; };
  make_device(profile());
  expect_subscribed(run());
  EXPECT_GE(clock.waited_ms, 17'000);
}

TEST_F(Faults, silence_is_borne_for_a_bounded_time_and_nothing_is_lost) {
  credentialing.before = [](const std::string&, int) { return busy(); };
  make_device(profile());
  EXPECT_REFUSED(run(), Code::unavailable, "terminal.onboard_silent");
  EXPECT_LE(clock.waited_ms, 60'000);
  EXPECT_EQ(facts().stage, onboard::Stage::referred);
  credentialing.before = {};
  expect_subscribed(run());
  EXPECT_EQ(registrar.asked("referral"), 1);
}

TEST_F(Faults, a_session_that_is_too_old_is_begun_again) {
  credentialing.before = [](const std::string& route, int count) {
    return route == "request" && count == 1 ? std::optional(answer_of(Error{Code::refused, "onboard.session_expired", ""})) : std::nullopt;
  };
  make_device(profile());
  expect_subscribed(run());
  EXPECT_EQ(credentialing.asked("hello"), 2);
}

TEST_F(Faults, a_registration_made_anew_is_found_by_asking_the_registration_server_again) {
  make_device(profile());
  EXPECT_REFUSED(run("referred"), Code::unavailable, "terminal.power_off");
  sides.withdraw();
  sides.registered.reset();
  sides.subscribe({credentialing.url()});
  expect_subscribed(run());
  EXPECT_EQ(registrar.asked("referral"), 2);
}

TEST_F(Faults, a_device_that_nobody_registered_is_told_so_and_forgets_nothing) {
  make_device(profile());
  EXPECT_REFUSED(run("ready"), Code::unavailable, "terminal.power_off");
  sides.withdraw();
  const auto refused = run();
  EXPECT_REFUSED(refused, Code::refused, "terminal.onboard_unregistered");
  EXPECT_THAT(refused.error().detail, HasSubstr("the owner asks his operator"));
  EXPECT_EQ(facts().stage, onboard::Stage::ready);
}

TEST_F(Faults, a_clone_that_comes_second_is_told_to_stop) {
  make_device(profile());
  EXPECT_REFUSED(run("ready"), Code::unavailable, "terminal.power_off");
  directory = place.file("clone");  // the same name, other keys
  make_device(profile());
  EXPECT_REFUSED(run(), Code::refused, "terminal.onboard_used");
  directory = place.file("device");
  expect_subscribed(run());
}

TEST_F(Faults, servers_of_another_root_are_not_believed) {
  const Certificates others("Another root");
  const TlsIdentity identity = others.tls();
  Site false_one([this](const auto& route, const auto& request) { return sides.registration(route, request); }, &identity);
  auto wanted = profile();
  wanted.registration = {{"reg-1", false_one.url()}};
  make_device(wanted);
  EXPECT_REFUSED(run(), Code::refused, "net.tls");
  EXPECT_EQ(false_one.asked("referral"), 0);
}

TEST_F(Faults, a_registration_server_that_the_device_does_not_know_refers_it_nowhere) {
  auto wanted = profile();
  wanted.registration = {{"reg-2", registrar.url()}};
  make_device(wanted);
  EXPECT_REFUSED(run(), Code::refused, "onboard.registration_server");
  EXPECT_EQ(credentialing.asked("hello"), 0);
}

TEST_F(Faults, an_operator_that_the_owner_does_not_allow_is_not_gone_to) {
  auto wanted = profile();
  wanted.operators = {"op-7"};
  make_device(wanted);
  EXPECT_REFUSED(run(), Code::refused, "onboard.operator_not_allowed");
  EXPECT_EQ(credentialing.asked("hello"), 0);
}

}  // namespace
}  // namespace tf::terminal::test
