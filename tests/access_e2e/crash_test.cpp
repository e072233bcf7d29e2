// kill -9 of the platform while phones initialise and authenticate: at chosen moments and at any. Whatever was on its way,
// every phone finishes after the restart, nobody has two keys, and the audit trail is whole.
#include <fmt/format.h>

#include <thread>

#include "tests/access_e2e/scene.hpp"

namespace tf::test {
namespace {

constexpr int kPhones = 4;

class AccessCrash : public testing::Test {
 protected:
  AccessScene& scene = AccessScene::get();
  std::vector<Phone> phones;
  std::string alarms = scene.sql("SELECT COUNT(*) FROM access_alarms");  // of other tests

  void SetUp() override {
    for (int i = 0; i < kPhones; ++i) {
      phones.push_back(scene.phone());
      const Finished done = scene.terminal("init", phones.back(), "news", form(i));
      ASSERT_EQ(done.exit_code, 0) << done.err << scene.log();
    }
  }
  // Half of them modern, half classic.
  static std::vector<std::string> form(int phone) { return {"--suite", phone % 2 == 0 ? "modern" : "classic"}; }

  // All phones at once: in one round these initialise and those authenticate, in the next the other way round.
  std::vector<Process> start_all(int round) {
    std::vector<Process> out;
    for (int i = 0; i < kPhones; ++i) {
      const bool initialises = (i / 2 + round) % 2 == 0;  // of each suite one
      const Phone& phone = phones[static_cast<std::size_t>(i)];
      out.push_back(initialises ? scene.start_terminal("init", phone, "news", form(i)) : scene.start_terminal("authenticate", phone, "news"));
    }
    return out;
  }
  int used() { return std::stoi(scene.sql("SELECT COUNT(*) FROM access_used")); }

  // Killed when that many messages more were taken, or after a while where it is negative.
  void crash(int round, int taken) {
    const int before = used();
    std::vector<Process> running = start_all(round);
    if (taken >= 0) EXPECT_TRUE(eventually([&] { return used() >= before + taken; }));
    if (taken < 0) std::this_thread::sleep_for(std::chrono::milliseconds(-taken));
    scene.kill_server();
    for (Process& phone : running) EXPECT_GE(phone.wait(), 0) << "a phone waits for ever";
    scene.serve();
  }

  void expect_all_finish() {
    for (const Phone& phone : phones) {
      const Finished done = scene.terminal("authenticate", phone, "news");
      ASSERT_EQ(done.exit_code, 0) << phone.did << ": " << done.err;
      const std::string held = json_of(done.out).text("key_id").value();
      EXPECT_EQ(scene.sql(fmt::format("SELECT GROUP_CONCAT(key_id) FROM access_keys WHERE status = 'active' AND did = '{}'", phone.did)), held);
      EXPECT_EQ(scene.sql(fmt::format("SELECT GROUP_CONCAT(key_id) FROM access_keys WHERE status = 'active' AND msisdn = '{}'", phone.msisdn)), held);
    }
    EXPECT_EQ(scene.sql("SELECT COUNT(*) FROM access_alarms"), alarms);
    // Each key was bound by one entry of the audit trail, each use by one more.
    EXPECT_EQ(scene.sql("SELECT COUNT(*) FROM access_keys"),
              scene.sql("SELECT COUNT(*) FROM audit_entries WHERE action = 'access.initialise' AND outcome = 'accepted'"));
    EXPECT_TRUE(scene.ask({"audit", "verify"}).boolean("sound").value());
  }
};

TEST_F(AccessCrash, at_chosen_moments_loses_no_phone) {
  int round = 0;
  for (const int taken : {1, kPhones}) {
    SCOPED_TRACE(fmt::format("after {} messages", taken));
    crash(round++, taken);
    expect_all_finish();
  }
}

TEST_F(AccessCrash, at_any_moment_loses_no_phone) {
  int round = 0;
  for (const int wait_ms : {5, 30, 70}) {
    SCOPED_TRACE(fmt::format("after {} ms", wait_ms));
    crash(round++, -wait_ms);
    expect_all_finish();
  }
}

}  // namespace
}  // namespace tf::test
