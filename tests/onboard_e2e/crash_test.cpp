// Power fails everywhere: servers and devices are killed at random moments in the middle of a batch and come again. Each device ends with exactly one
// credential, no IMSI is given twice, and what was released once stays the same envelope.
#include <chrono>
#include <map>
#include <random>
#include <sstream>
#include <thread>

#include "tests/onboard_e2e/scene.hpp"

namespace tf::test {
namespace {

constexpr int kDevices = 12;
constexpr int kCrashes = 16;
const char* const kVictims[] = {"cred-1", "prov-1", "hss-1"};

struct Running {
  std::string dsim_id;
  std::unique_ptr<Process> process;
  int kills = 0;
  bool done = false;
};

class OnboardCrash : public testing::Test {
 protected:
  void start(Running& one) { one.process = std::make_unique<Process>(Process::start(scene.run_words(one.dsim_id, 120), scene.in(one.dsim_id + ".log"))); }
  // Who ended; those that gave up begin again, as a device does after its next power-on.
  int take_up() {
    int open = 0;
    for (Running& one : running) {
      if (!one.done && !one.process->running()) {
        one.done = one.process->wait() == 0;
        if (!one.done) start(one);
      }
      open += one.done ? 0 : 1;
    }
    return open;
  }
  void kill_a_device() {
    for (Running& one : running)
      if (!one.done && one.process->running() && random() % 2 == 0) {
        one.process->send(SIGKILL);
        one.process->wait();
        ++one.kills;
        start(one);
        return;
      }
  }
  void kill_somebody() {
    const auto victim = random() % 4;
    if (victim == 3) return kill_a_device();
    scene.kill_server(kVictims[victim]);
    scene.begin(kVictims[victim]);  // ready or not, the devices go on
  }
  // dsim_id → envelope hash, of what is released or closed by now.
  std::map<std::string, std::string> released() {
    std::map<std::string, std::string> out;
    std::istringstream rows(scene.sql("cred-1", "SELECT dsim_id || ' ' || hex(envelope_hash) FROM onboard_subscriptions WHERE dsim_id LIKE 'CRASH-%' AND envelope_hash IS NOT NULL"));
    for (std::string dsim_id, hash; rows >> dsim_id >> hash;) out[dsim_id] = hash;
    return out;
  }

  OnboardScene& scene = OnboardScene::get();
  std::mt19937 random{20261121};
  std::vector<Running> running;
};

TEST_F(OnboardCrash, every_device_ends_with_exactly_one_credential_whoever_is_killed) {
  const auto devices = scene.manufacture("CRASH-", kDevices);
  scene.subscribe(devices);
  for (const std::string& dsim_id : devices) running.push_back({.dsim_id = dsim_id, .process = nullptr});
  for (Running& one : running) start(one);
  std::map<std::string, std::string> first;
  for (int crash = 0; crash < kCrashes; ++crash) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50 + random() % 700));
    for (const auto& [dsim_id, hash] : released()) {
      const auto known = first.emplace(dsim_id, hash).first;
      EXPECT_EQ(known->second, hash) << dsim_id;
    }
    kill_somebody();
    if (take_up() == 0) break;
  }
  for (const char* victim : kVictims) scene.wait_ready(victim);
  for (int i = 0; i < 600 && take_up() > 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(take_up(), 0);
  std::set<std::string> imsis;
  for (const Running& one : running) {
    const DeviceFacts facts = scene.show(one.dsim_id);
    EXPECT_EQ(facts.state, "subscribed") << read_text(scene.in(one.dsim_id + ".log"));
    EXPECT_TRUE(facts.authenticated);
    EXPECT_EQ(scene.state_of(one.dsim_id), "closed");
    EXPECT_EQ(scene.sql("hss-1", "SELECT imsi FROM onboard_credentials WHERE dsim_id = '" + one.dsim_id + "'"), facts.imsi) << "one credential, and the device has it";
    imsis.insert(facts.imsi);
  }
  EXPECT_EQ(imsis.size(), devices.size());
  for (const auto& [dsim_id, hash] : released()) EXPECT_EQ(first.emplace(dsim_id, hash).first->second, hash) << dsim_id;
  EXPECT_EQ(scene.sql("hss-1", "SELECT COUNT(*) - COUNT(DISTINCT imsi) FROM onboard_credentials"), "0");
  for (const char* server : {"cred-1", "prov-1", "hss-1", "reg-1", "phlr-1"}) {
    const Finished audit = scene.audit(server);
    EXPECT_EQ(audit.exit_code, 0) << server << ": " << audit.err << audit.out;
  }
}

// A device that loses its power between READY and the delivery: the next run gets the same envelope.
TEST_F(OnboardCrash, an_interrupted_delivery_brings_the_same_envelope) {
  const auto devices = scene.manufacture("BROKEN-", 1);
  scene.subscribe(devices);
  scene.signal("prov-1", SIGSTOP);
  // No provisioning server takes the delivery: 503, but the credential is made and the nonce used.
  const Finished waiting = scene.run_device(devices[0], 3);
  EXPECT_EQ(waiting.exit_code, 6) << waiting.err;
  EXPECT_EQ(scene.state_of(devices[0]), "released");
  const std::string before = scene.staff({"show", devices[0]}).text("envelope_hash").value();
  scene.kill_server("hss-1");
  scene.kill_server("cred-1");
  scene.kill_server("prov-1");
  for (const char* server : kVictims) scene.serve(server);
  const Finished again = scene.run_device(devices[0]);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(scene.staff({"show", devices[0]}).text("envelope_hash").value(), before);
  EXPECT_EQ(scene.sql("hss-1", "SELECT COUNT(*) FROM onboard_credentials WHERE dsim_id = '" + devices[0] + "'"), "1");
}

}  // namespace
}  // namespace tf::test
