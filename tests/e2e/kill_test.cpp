// kill -9 of either side in the middle of a fleet's downloads: nothing is lost, nothing is doubled.
#include <gmock/gmock.h>
#include <signal.h>

#include "tests/e2e/scene.hpp"

namespace tf::test {
namespace {

constexpr int kHalf = 12;
constexpr std::int64_t kKeys = 2 * kHalf * 4;

// Downloads of few at a time, so that there is a middle to be killed in.
Process start_download(const Fleet& fleet, const std::vector<std::string>& more) {
  auto command = Scene::get().download_command(fleet);
  command.insert(command.begin(), trustferry_program());
  command.insert(command.end(), {"--concurrency", "3", "--fresh"});
  command.insert(command.end(), more.begin(), more.end());
  return Process::start(command, fleet.directory + ".log");
}

bool eventually_keys(const Fleet& fleet, const std::string& condition, std::int64_t at_least) {
  Scene& scene = Scene::get();
  return eventually([&] {
    return sql_number(scene.database(), "SELECT COUNT(*) FROM rki_keys WHERE " + condition + " AND " + fleet.where()) >= at_least;
  });
}

struct Moment {
  const char* name;
  const char* condition;
  std::int64_t keys;
};

class ServerKilled : public testing::TestWithParam<Moment> {};

TEST_P(ServerKilled, and_started_again_the_same_run_completes) {
  Scene& scene = Scene::get();
  scene.serve();
  const Fleet fleet = scene.fleet(kHalf, kHalf);
  Process run = start_download(fleet, {"--attempts", "12"});
  ASSERT_TRUE(eventually_keys(fleet, GetParam().condition, GetParam().keys));
  scene.kill_server();
  scene.serve();
  EXPECT_EQ(run.wait(), 0) << read_text(fleet.directory + ".log");
  EXPECT_GT(retries_in(fleet.directory + ".log"), 0) << "the server was killed too late";
  scene.expect_complete(fleet);
  scene.expect_sound_audit();
}

TEST_P(ServerKilled, under_terminals_without_patience_a_later_run_completes) {
  Scene& scene = Scene::get();
  scene.serve();
  const Fleet fleet = scene.fleet(kHalf, kHalf);
  Process run = start_download(fleet, {"--attempts", "1"});
  ASSERT_TRUE(eventually_keys(fleet, GetParam().condition, GetParam().keys));
  scene.kill_server();
  EXPECT_EQ(run.wait(), 6) << read_text(fleet.directory + ".log");
  scene.serve();
  ASSERT_EQ(scene.download(fleet).exit_code, 0);
  scene.expect_complete(fleet);
  scene.expect_sound_audit();
}

INSTANTIATE_TEST_SUITE_P(At, ServerKilled,
                         testing::Values(Moment{"the_first_delivery", "status = 'delivered'", 1},
                                         Moment{"the_first_activation", "status = 'active'", 1},
                                         Moment{"the_half", "status = 'active'", kKeys / 2}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(FleetKilled, in_the_middle_a_later_run_completes_the_rest) {
  Scene& scene = Scene::get();
  scene.serve();
  const Fleet fleet = scene.fleet(kHalf, kHalf);
  for (const std::int64_t share : {1L, kKeys / 3, kKeys * 2 / 3}) {
    Process run = start_download(fleet, {});
    ASSERT_TRUE(eventually_keys(fleet, "status <> 'pending'", share));
    run.send(SIGKILL);
    EXPECT_EQ(run.wait(), 128 + SIGKILL);
  }
  auto report = json_of(scene.download(fleet).out);
  EXPECT_GT(report.integer("completed", 0, INT64_MAX).value(), 0);
  EXPECT_EQ(report.integer("failed", 0, INT64_MAX).value(), 0);
  scene.expect_complete(fleet);
  scene.expect_sound_audit();
}

}  // namespace
}  // namespace tf::test
