// Others who want the credential, and servers that are none.
#include <filesystem>

#include "protocols/onboard/refusal.hpp"
#include "tests/onboard_e2e/hand.hpp"
#include "tests/support/deterministic.hpp"

namespace tf::test {
namespace {

using testing::HasSubstr;

struct OnboardMisuse : testing::Test {
  std::string credentials_of(const std::string& dsim_id) const { return scene.sql("hss-1", "SELECT COUNT(*) FROM onboard_credentials WHERE dsim_id = '" + dsim_id + "'"); }
  OnboardScene& scene = OnboardScene::get();
};

TEST_F(OnboardMisuse, a_second_module_of_the_same_name_gets_nothing_where_the_first_was) {
  const std::string dsim_id = "MA-000001", other = scene.in("clone-of-ma");
  scene.make_by_hand(dsim_id, "999990000001001");
  scene.make_by_hand(dsim_id, "999990000001002", {}, other);  // its own keys, under a certificate that a careless maker issued
  scene.subscribe({dsim_id});
  auto words = scene.run_words(dsim_id, 20);
  Process first = Process::start(words, scene.in("ma-1.log"));
  *std::ranges::find(words, scene.device(dsim_id)) = other;
  Process second = Process::start(words, scene.in("ma-2.log"));
  const std::multiset<int> codes{first.wait(), second.wait()};
  EXPECT_EQ(codes, (std::multiset<int>{0, 5})) << read_text(scene.in("ma-1.log")) << read_text(scene.in("ma-2.log"));
  EXPECT_EQ(credentials_of(dsim_id), "1");
  EXPECT_EQ(scene.state_of(dsim_id), "closed");
}

TEST_F(OnboardMisuse, a_copied_device_directory_gets_no_second_credential) {
  const auto devices = scene.manufacture("MB-", 1);
  const std::string copy = scene.in("copy-of-mb");
  std::filesystem::copy(scene.device(devices[0]), copy, std::filesystem::copy_options::recursive);
  scene.subscribe(devices);
  const auto own = scene.run_words(devices[0], 20);
  auto words = own;
  Process first = Process::start(own, scene.in("mb-1.log"));
  *std::ranges::find(words, scene.device(devices[0])) = copy;
  Process second = Process::start(words, scene.in("mb-2.log"));
  const int one = first.wait(), two = second.wait();
  // With one account they may throw each other out of their sessions; the one that is left comes to its end.
  const bool done = one == 0 || two == 0 || Process::start(own, scene.in("mb-3.log")).wait() == 0;
  EXPECT_TRUE(done) << read_text(scene.in("mb-1.log")) << read_text(scene.in("mb-2.log"));
  EXPECT_EQ(credentials_of(devices[0]), "1");
  EXPECT_EQ(scene.state_of(devices[0]), "closed");
}

TEST_F(OnboardMisuse, a_replayed_request_is_refused_in_its_own_session_and_in_another) {
  const auto devices = scene.manufacture("MC-", 1);
  scene.subscribe(devices);
  {
    Hand hand(scene, devices[0]);
    hand.refer();
    const auto request = hand.hello();
    hand.ready(request);
    const CurlAnswer again = hand.post("cred-1", "request", request.body);
    EXPECT_EQ(again.status, 403);
    EXPECT_EQ(onboard::read_refusal(again.body), "session");
    // The signed request of the first session under the number of a second one.
    auto old = must(onboard::decode_request(request.body));
    old.session = must(onboard::decode_request(hand.hello().body)).session;
    const CurlAnswer moved = hand.post("cred-1", "request", onboard::encode(old));
    EXPECT_EQ(moved.status, 403);
    EXPECT_EQ(onboard::read_refusal(moved.body), "refused");
    EXPECT_EQ(scene.alarms_of(devices[0]), std::set<std::string>{"wrong registration nonce"});
  }
  EXPECT_EQ(scene.run_device(devices[0]).exit_code, 0);
  EXPECT_EQ(credentials_of(devices[0]), "1");
}

TEST_F(OnboardMisuse, the_nonce_of_another_device_opens_nothing) {
  const auto devices = scene.manufacture("MD-", 2);
  scene.subscribe(devices);
  {
    Hand thief(scene, devices[0]), robbed(scene, devices[1]);
    thief.refer();
    robbed.refer();
    thief.state.nonce = robbed.state.nonce.clone();
    const auto request = thief.hello();
    const CurlAnswer answer = thief.post("cred-1", "request", request.body);
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(scene.alarms_of(devices[0]), std::set<std::string>{"wrong registration nonce"});
    // Nor does a referral that the other asked for open for this module.
    const auto asked = must(onboard::begin_referral({}, robbed.ports));
    const CurlAnswer sealed = robbed.post("reg-2", "referral", asked.body);
    ASSERT_EQ(sealed.status, 200);
    EXPECT_FALSE(onboard::finish_referral(asked, sealed.body, thief.ports).has_value());
  }
  EXPECT_EQ(credentials_of(devices[0]), "0");
  for (const std::string& device : devices) EXPECT_EQ(scene.run_device(device).exit_code, 0);
  EXPECT_NE(scene.show(devices[0]).imsi, scene.show(devices[1]).imsi);
}

TEST_F(OnboardMisuse, a_provisioning_server_of_no_peer_is_told_nothing) {
  const auto devices = scene.manufacture("ME-", 1);
  scene.subscribe(devices);
  const Process carrier = scene.carrier();
  scene.certificate("stranger", "onboard-server", "commonName=localhost", "P-256", {"--alt", "dns:localhost"});
  Hand hand(scene, devices[0]);
  hand.refer();
  scene.signal("prov-1", SIGSTOP);  // so that the carrier takes it
  hand.ready(hand.hello());
  scene.signal("prov-1", SIGCONT);
  const std::string body = onboard::encode_envelope_request(hand.got->state.delivery);
  EXPECT_EQ(scene.call("cred-1", "envelope", body, "stranger").status, 403);
  EXPECT_EQ(scene.last_refusal("cred-1", "onboard.stranger"), "onboard.stranger");
  EXPECT_EQ(scene.call("cred-1", "envelope", body).status, 403) << "nor is staff";
  EXPECT_EQ(scene.call("cred-2", "envelope", body, "carrier").status, 403) << "nor does another operator know it";
  EXPECT_EQ(scene.call("cred-1", "envelope", body, "carrier").status, 200) << "the one that took the delivery";
  EXPECT_EQ(scene.call("prov-1", "deliveries", "{}", "stranger").status, 403);
  EXPECT_EQ(scene.call("reg-1", "registrations", "{}", "stranger").status, 403);
}

TEST_F(OnboardMisuse, a_provisioning_server_that_keeps_deliveries_for_itself_costs_another_try_and_nothing_else) {
  const auto devices = scene.manufacture("MH-", 1);
  scene.subscribe(devices);
  {
    const Process carrier = scene.carrier();
    scene.signal("prov-1", SIGSTOP);  // only the carrier takes it
    const Finished withheld = scene.run_device(devices[0], 4);
    EXPECT_NE(withheld.exit_code, 0);
    EXPECT_EQ(scene.state_of(devices[0]), "released");
    EXPECT_EQ(scene.show(devices[0]).imsi, "");
  }
  scene.signal("prov-1", SIGCONT);
  const Finished ran = scene.run_device(devices[0]);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(credentials_of(devices[0]), "1");
}

TEST_F(OnboardMisuse, another_operator_cannot_register_over_a_live_registration) {
  const auto devices = scene.manufacture("MF-", 1);
  scene.subscribe(devices);
  const Finished other = scene.order({"subscribe", devices[0], "--owner", "Thief"}, "contract-2");
  EXPECT_EQ(other.exit_code, 5) << other.out << other.err;
  EXPECT_EQ(scene.run_device(devices[0]).exit_code, 0);
  EXPECT_EQ(scene.show(devices[0]).operator_id, "op-1");
}

TEST_F(OnboardMisuse, where_the_first_registration_server_is_silent_the_second_refers) {
  const auto devices = scene.manufacture("MG-", 1);
  scene.signal("reg-1", SIGSTOP);
  scene.subscribe(devices);
  EXPECT_EQ(scene.sql("cred-1", "SELECT server FROM onboard_placements WHERE dsim_id = '" + devices[0] + "'"), "reg-1") << "is told later";
  const Finished ran = scene.run_device(devices[0]);
  scene.signal("reg-1", SIGCONT);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(eventually([&] { return scene.sql("reg-1", "SELECT COUNT(*) FROM onboard_registrations WHERE dsim_id = '" + devices[0] + "'") == "0"; }));
}

}  // namespace
}  // namespace tf::test
