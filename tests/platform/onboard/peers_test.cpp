// How servers know each other, what they remember of silence, and sessions that nobody proved anything for.
#include "platform/onboard/credentialing/sessions.hpp"
#include "platform/onboard/peers.hpp"
#include "tests/platform/onboard/device.hpp"

namespace tf::platform::test {
namespace {

struct Peers : testing::Test {
  void start() {
    scene.tweak = [](const std::string&, OnboardSettings& settings) { settings.registration.access.wanted = false; };
    scene.start_all();
  }
  OnboardPeer deaf(const std::string& role, const std::string& name) {
    const std::string scheme = role == "ocsp" ? "http://127.0.0.1:" : "https://localhost:";
    return {.role = role, .name = name, .url = scheme + std::to_string(server.port()), .operator_id = OnboardScene::kOperator, .fingerprints = {}, .server_id = {}};
  }
  // The one that does not answer stands before the one that does.
  void put_deaf_before(const std::string& role, const std::string& url) {
    scene.add_peer("credentialing", deaf(role, role + "-1"));
    scene.add_peer("credentialing", {.role = role, .name = role + "-2", .url = url, .operator_id = OnboardScene::kOperator, .fingerprints = {}, .server_id = "trustferry"});
    scene.restart("credentialing");
  }
  void onboard(const std::string& dsim_id) {
    ASSERT_EQ(scene.subscribe(dsim_id), "registered");
    TestDevice device(scene, dsim_id);
    ASSERT_EQ(device.refer().status, 200);
    ASSERT_EQ(device.hello().status, 200);
    ASSERT_EQ(device.request().status, 200);
  }
  DeafServer server;
  OnboardScene scene;
};

// Under the root and of the right name is whoever got a certificate for that host, another operator's server too.
TEST_F(Peers, AreKnownByTheirFingerprintsAlsoWhenTheyAreCalled) {
  start();
  const auto known_by = [&](const std::vector<std::string>& fingerprints) {
    scene.add_peer("credentialing", {.role = "registration", .name = "registration-1", .url = scene.url("registration"), .operator_id = {}, .fingerprints = fingerprints, .server_id = {}});
    scene.restart("credentialing");
  };
  known_by({scene.fingerprint("hss")});
  EXPECT_EQ(scene.subscribe(kDevice), "accepted") << "nobody whom the settings know took it";
  EXPECT_EQ(scene.audited("registration", "onboard.registrations"), 0);
  known_by({scene.fingerprint("hss"), scene.fingerprint("registration")});
  EXPECT_EQ(scene.subscribe(kDevice), "registered") << "an old certificate and a new one";
}

TEST_F(Peers, ASilentRegistrationServerIsNotAskedAgainAtOnce) {
  start();
  put_deaf_before("registration", scene.url("registration"));
  for (const char* device : {"M2M-1", "M2M-2", "M2M-3"}) EXPECT_EQ(scene.subscribe(device), "registered");
  EXPECT_EQ(server.called(), 1U);
  scene.clock.set(scene.clock.now_ms() + 31'000);
  EXPECT_EQ(scene.subscribe("M2M-4"), "registered");
  EXPECT_GT(server.called(), 1U) << "after a while it may have come back";
}

TEST_F(Peers, ASilentProvisioningServerIsNotAskedAgainAtOnce) {
  start();
  put_deaf_before("provisioning", scene.url("provisioning"));
  for (const char* device : {"M2M-1", "M2M-2", "M2M-3"}) onboard(device);
  EXPECT_EQ(server.called(), 1U);
  scene.clock.set(scene.clock.now_ms() + 31'000);
  onboard("M2M-4");
  EXPECT_EQ(server.called(), 2U);
}

TEST_F(Peers, ASilentResponderIsNotAskedAgainAtOnce) {
  start();
  put_deaf_before("ocsp", scene.ocsp.url());
  for (const char* device : {"M2M-1", "M2M-2"}) onboard(device);
  EXPECT_EQ(server.called(), 1U);
  scene.clock.set(scene.clock.now_ms() + 31'000);
  onboard("M2M-3");
  EXPECT_EQ(server.answered(), 2U) << "on the connection that was kept";
}

TEST_F(Peers, TheOnlyOneIsAskedHoweverSilentItWas) {
  start();
  scene.stop("registration");
  EXPECT_EQ(scene.subscribe(kDevice), "accepted");
  scene.start("registration");
  EXPECT_EQ(scene.subscribe(kDevice), "registered");
}

onboard::Session session(const std::string& id, const std::string& registration, std::int64_t expires_ms) {
  static const auto key = crypto::PrivateKey::generate_p256();
  static SystemRandom random;
  static const auto root = must(pki::make_root("Test root", key, {1'700'000'000'000, pki::kRootDays}, random));
  return {.id = id, .registration = registration, .dsim_id = kDevice, .signing = {root, root}, .decryption = {root, root}, .decryption_chain = {}, .expires_ms = expires_ms};
}

TEST(OnboardSessions, AreFourOfARegistrationAndSoManyInAll) {
  credentialing::SessionBook book(10);
  for (int i = 0; i < 50; ++i) ASSERT_OK(book.keep(session("a" + std::to_string(i), "a", 1000), 0));
  EXPECT_EQ(book.size(), 4U) << "one device's hellos leave room for the others";
  EXPECT_FALSE(book.take("a45"));
  EXPECT_TRUE(book.take("a46"));
  EXPECT_FALSE(book.take("a46")) << "once";
  for (int i = 0; i < 7; ++i) ASSERT_OK(book.keep(session("b" + std::to_string(i), "b" + std::to_string(i), 2000), 0));
  EXPECT_REFUSED(book.keep(session("c", "c", 2000), 0), Code::overloaded, "onboard.sessions");
  ASSERT_OK(book.keep(session("c", "c", 2000), 1000));  // those of a are over
  EXPECT_FALSE(book.take("a47"));
  EXPECT_EQ(book.size(), 8U);
  book.housekeeping(2000);
  EXPECT_EQ(book.size(), 0U);
}

}  // namespace
}  // namespace tf::platform::test
