// Independent OCSP responders, each a process with keys of its own.
#include "tests/onboard_e2e/scene.hpp"

namespace tf::test {
namespace {

using testing::HasSubstr;

struct OnboardOcsp : testing::Test {
  OnboardScene& scene = OnboardScene::get();
};

TEST_F(OnboardOcsp, openssl_verifies_what_the_responders_say_about_modules_and_servers) {
  const auto devices = scene.manufacture("OA-", 1);
  for (const char* responder : {"ocsp-1", "ocsp-2"}) {
    EXPECT_EQ(scene.ocsp_says(responder, "modules", scene.device(devices[0]) + "/signing.crt"), "good");
    EXPECT_EQ(scene.ocsp_says(responder, "onboard", scene.in("cred-1/certificates/operator.crt")), "good");
  }
}

TEST_F(OnboardOcsp, a_revoked_module_is_refused_with_an_alarm_and_uses_nothing_up) {
  const auto devices = scene.manufacture("OB-", 2);
  scene.subscribe(devices);
  scene.revoke(scene.device(devices[0]) + "/signing.crt");
  scene.revoke(scene.device(devices[1]) + "/decryption.crt");
  for (const std::string& device : devices) {
    const Finished ran = scene.run_device(device, 10);
    EXPECT_EQ(ran.exit_code, 5) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("the module's certificate is not accepted"));
    EXPECT_EQ(scene.last_refusal("cred-1", "ocsp.revoked"), "ocsp.revoked");
    EXPECT_EQ(scene.alarms_of(device), std::set<std::string>{"revoked module"});
    EXPECT_EQ(scene.state_of(device), "registered");
    EXPECT_EQ(scene.sql("hss-1", "SELECT COUNT(*) FROM onboard_credentials WHERE dsim_id = '" + device + "'"), "0");
  }
}

TEST_F(OnboardOcsp, where_one_responder_is_silent_the_next_is_asked_and_where_all_are_nothing_is_lost) {
  const auto devices = scene.manufacture("OC-", 2);
  scene.subscribe(devices);
  scene.signal("ocsp-1", SIGSTOP);
  const Finished ran = scene.run_device(devices[0]);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  scene.signal("ocsp-2", SIGSTOP);
  const Finished silent = scene.run_device(devices[1], 3);
  EXPECT_EQ(silent.exit_code, 6) << silent.err;
  EXPECT_EQ(scene.state_of(devices[1]), "registered");
  scene.signal("ocsp-1", SIGCONT);
  scene.signal("ocsp-2", SIGCONT);
  const Finished later = scene.run_device(devices[1]);
  EXPECT_EQ(later.exit_code, 0) << later.err;
  EXPECT_EQ(scene.show(devices[1]).state, "subscribed");
  EXPECT_EQ(scene.sql("hss-1", "SELECT COUNT(*) FROM onboard_credentials WHERE dsim_id LIKE 'OC-%'"), "2");
}

// Before any of them comes: sixteen certificates a question.
TEST_F(OnboardOcsp, modules_are_authenticated_ahead_in_a_batch) {
  const auto devices = scene.manufacture("OD-", 20);
  const Finished ordered = scene.order({"subscribe", "--csv", scene.in("devices/OD-/modules.csv")});
  ASSERT_EQ(ordered.exit_code, 0) << ordered.err;
  scene.revoke(scene.device(devices[7]) + "/decryption.crt");
  auto judged = scene.staff({"authenticate", "--after", "OC-999999"});
  auto refused = judged.objects("refused", 100).value();
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].text("dsim_id").value(), devices[7]);
  EXPECT_EQ(refused[0].text("verdict").value(), "ocsp.revoked");
  EXPECT_GE(judged.integer("judged", 0, 1000).value(), 20);
}

}  // namespace
}  // namespace tf::test
