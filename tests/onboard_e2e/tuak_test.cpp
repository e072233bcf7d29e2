// An operator that changes to TUAK: its HSS started again with another line in its settings.
#include "tests/onboard_e2e/scene.hpp"

namespace tf::test {
namespace {

class ChangedHss {
 public:
  explicit ChangedHss(OnboardScene& scene) : scene_(scene), before_(read_text(file())) { scene_.stop_server("hss-1"); }
  ~ChangedHss() {
    scene_.kill_server("hss-1");  // where it runs
    write_text(file(), before_);
    scene_.serve("hss-1");
  }
  ChangedHss(const ChangedHss&) = delete;
  ChangedHss& operator=(const ChangedHss&) = delete;
  void write(const std::string& from, const std::string& to) {
    std::string text = read_text(file());
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    write_text(file(), text.replace(at, from.size(), to));
  }

 private:
  [[nodiscard]] std::string file() const { return scene_.in("hss-1/onboard.toml"); }
  OnboardScene& scene_;
  std::string before_;
};

TEST(OnboardTuak, new_subscribers_have_keys_of_tuak_and_the_others_keep_theirs) {
  OnboardScene& scene = OnboardScene::get();
  const auto devices = scene.manufacture("TUAK-", 2);
  scene.subscribe(devices);
  const auto algorithm_of = [&](const std::string& device) {
    const Finished ran = scene.run_device(device);
    EXPECT_EQ(ran.exit_code, 0) << ran.err << scene.log("hss-1");
    const DeviceFacts facts = scene.show(device);
    EXPECT_EQ(facts.state, "subscribed");
    EXPECT_TRUE(facts.authenticated) << "by HTTP Digest AKA, with what it got";
    return scene.sql("hss-1", "SELECT algorithm FROM hss_subscribers WHERE imsi = '" + facts.imsi + "'");
  };
  EXPECT_EQ(algorithm_of(devices[0]), "milenage");
  ChangedHss hss(scene);
  hss.write("algorithm = \"milenage\"", "algorithm = \"tuak\"");
  scene.serve("hss-1");
  EXPECT_EQ(algorithm_of(devices[1]), "tuak");
  EXPECT_EQ(scene.sql("hss-1", "SELECT algorithm FROM hss_subscribers WHERE imsi = '" + scene.show(devices[0]).imsi + "'"), "milenage");
}

TEST(OnboardTuak, is_not_started_with_osmo_hlr) {
  OnboardScene& scene = OnboardScene::get();
  ChangedHss hss(scene);
  hss.write("algorithm = \"milenage\"", "algorithm = \"tuak\"");
  hss.write("osmo = \"\"", "osmo = \"127.0.0.1\"");
  const Finished served = trustferry({"serve", "--role", "hss", "--directory", scene.in("hss-1"), "--passphrase-file", scene.in("passphrase")});
  EXPECT_EQ(served.exit_code, 3);
  EXPECT_THAT(served.err, testing::HasSubstr("keys of Milenage alone"));
}

}  // namespace
}  // namespace tf::test
