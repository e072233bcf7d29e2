// op-2, whose subscriptions are in the real osmo-hlr: the HSS creates them there over its control interface and authenticates with its vectors.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/onboard_e2e/scene.hpp"

namespace tf::test {
namespace {

bool listens(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool connected = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return connected;
}

class OsmoHlr {
 public:
  explicit OsmoHlr(const std::string& stem) : stem_(stem) {
    write_text(stem_ + ".cfg", "line vty\n no login\n bind 127.0.0.1 4258\nctrl\n bind 127.0.0.1\nhlr\n database " + stem_ + ".db\n gsup\n  bind ip 127.0.0.1\n");
    start();
  }
  void start() {
    process_ = std::make_unique<Process>(Process::start({"osmo-hlr", "-c", stem_ + ".cfg", "-l", stem_ + ".db"}, stem_ + ".log"));
    ASSERT_TRUE(eventually([&] { return (listens(4259) && listens(4222)) || !process_->running(); }) && process_->running())
        << "osmo-hlr (package osmo-hlr) is needed and does not run: " << read_text(stem_ + ".log");
  }
  void kill() { process_.reset(); }
  [[nodiscard]] std::string sql(const std::string& query) const {
    const Finished done = run({"sqlite3", "-readonly", stem_ + ".db", query});
    return done.out.substr(0, done.out.find('\n')) + done.err;
  }

 private:
  std::string stem_;
  std::unique_ptr<Process> process_;
};

TEST(OnboardHlr, subscribers_are_created_in_osmo_hlr_and_a_hlr_that_is_down_costs_nothing) {
  OnboardScene& scene = OnboardScene::get();
  OsmoHlr hlr(scene.in("osmo"));
  const auto devices = scene.manufacture("HLR-", 3, false);
  scene.subscribe(devices, "contract-2");
  const Finished first = scene.run_device(devices[0]);
  ASSERT_EQ(first.exit_code, 0) << first.err << scene.log("hss-2");
  const DeviceFacts facts = scene.show(devices[0]);
  EXPECT_EQ(facts.operator_id, "op-2");
  EXPECT_TRUE(facts.authenticated);
  EXPECT_THAT(facts.imsi, testing::StartsWith("00102"));
  EXPECT_EQ(facts.items, std::vector<std::string>{"authenticate"});
  EXPECT_EQ(hlr.sql("SELECT COUNT(*) FROM subscriber JOIN auc_3g ON subscriber.id = auc_3g.subscriber_id WHERE imsi = '" + facts.imsi + "'"), "1");

  // Down between the device's request and the subscriber: 503, and the same envelope when it is up again.
  hlr.kill();
  const Finished down = scene.run_device(devices[1], 3);
  EXPECT_EQ(down.exit_code, 6) << down.err;
  EXPECT_EQ(scene.state_of(devices[1], "cred-2"), "registered");
  const std::string row = "SELECT imsi || ' ' || hex(envelope) FROM onboard_credentials WHERE dsim_id = '" + devices[1] + "'";
  const std::string before = scene.sql("hss-2", row);
  EXPECT_FALSE(before.empty()) << "the credential was made before the HLR was asked";
  hlr.start();
  const Finished up = scene.run_device(devices[1]);
  ASSERT_EQ(up.exit_code, 0) << up.err << scene.log("hss-2");
  EXPECT_EQ(scene.sql("hss-2", row), before);
  EXPECT_THAT(before, testing::StartsWith(scene.show(devices[1]).imsi + " "));

  // Withdrawn before it is fetched: nothing is in the HLR.
  scene.staff({"withdraw", devices[2]}, "cred-2");
  EXPECT_EQ(scene.run_device(devices[2], 3).exit_code, 5);
  EXPECT_EQ(scene.state_of(devices[2], "cred-2"), "withdrawn");
  EXPECT_EQ(hlr.sql("SELECT COUNT(*) FROM subscriber"), "2");
}

}  // namespace
}  // namespace tf::test
