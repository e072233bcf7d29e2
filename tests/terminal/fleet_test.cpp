// The fleet's bookkeeping; a whole fleet against a running platform is tested end to end.
#include "terminal/device_file.hpp"
#include "terminal/fleet.hpp"

#include "tests/terminal/scene.hpp"

namespace tf::terminal::test {
namespace {

class FleetOfDevices : public testing::Test {
 protected:
  Result<FleetReport> run(const std::vector<wire::Dsn>& fleet) { return run_fleet(files, fleet, options, clock, random, progress); }
  TemporaryDirectory directory;
  SystemRandom random;
  FixedClock clock;
  DeviceFiles files{directory.file(""), Secret<32>(), random, false};
  FleetOptions options{.address = {.url = "https://127.0.0.1:1"}, .concurrency = 2, .patience = {.attempts = 1, .sleep_ms = [](std::int64_t) {}}};
  FleetProgress progress;
};

TEST_F(FleetOfDevices, must_have_devices_and_a_sensible_concurrency) {
  EXPECT_REFUSED(run({}), Code::not_found, "terminal.no_fleet");
  for (const int concurrency : {0, -1, 1025}) {
    options.concurrency = concurrency;
    EXPECT_REFUSED(run({kDsn}), Code::invalid, "terminal.concurrency");
  }
}

TEST_F(FleetOfDevices, skips_what_is_complete_and_counts_what_fails) {
  Device complete{.identity = shared_estate().device(kDsn, {rki::Suite::classic}), .keys = {}, .set = 1, .parts_done = 1, .parts = 1};
  must(files.save(complete));
  Device fresh{.identity = shared_estate().device(kOtherDsn, {rki::Suite::classic}), .keys = {}};
  must(files.save(fresh));
  const auto report = must(run({kDsn, kOtherDsn, dsn("TF10000003")}));
  EXPECT_EQ(report.terminals, 3);
  EXPECT_EQ(report.skipped, 1);
  EXPECT_EQ(report.completed, 0);
  EXPECT_EQ(report.failed, 2) << "one has no store, for the other nobody listens";
  EXPECT_EQ(report.refused, 0);
  EXPECT_EQ(report.first_errors.size(), 2U);
  EXPECT_EQ(progress.total, 3);
  EXPECT_EQ(progress.done, 3);
  EXPECT_EQ(progress.failed, 2);
}

TEST_F(FleetOfDevices, that_is_stopped_begins_nothing_more) {
  progress.stop = true;
  EXPECT_EQ(must(run({kDsn, kOtherDsn})).failed, 0);
  EXPECT_EQ(progress.done, 0);
}

TEST(FleetLatencies, are_told_by_percentile) {
  FleetReport report;
  EXPECT_EQ(report.percentile_ms(0.5), 0);
  for (int i = 1; i <= 101; ++i) report.latencies_ms.push_back(i);
  EXPECT_EQ(report.percentile_ms(0), 1);
  EXPECT_EQ(report.percentile_ms(0.5), 51);
  EXPECT_EQ(report.percentile_ms(0.99), 100);
  EXPECT_EQ(report.percentile_ms(1), 101);
}

}  // namespace
}  // namespace tf::terminal::test
