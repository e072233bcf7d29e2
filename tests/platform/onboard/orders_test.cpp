// Orders of many devices from a CSV file, as onboard subscribe reads them and remembers how far it came.
#include "apps/trustferry/onboard/onboard_orders.hpp"

#include "tests/support/estate.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/local.hpp"

namespace tf::cli {
namespace {

struct Orders : testing::Test {
  Result<OrderFile> read(const std::string& text) {
    tf::test::write_text(path, text);
    return read_orders(path);
  }
  tf::test::TemporaryDirectory directory;
  const std::string path = directory.file("modules.csv");
};

TEST_F(Orders, AreReadWithTheirLinesAndBadOnesAreSetAside) {
  const auto file = read("dsim_id,owner,plan\r\nM2M-1,Waterworks Nord,standard\r\n\r\nM2M_2,Nord,standard\nM2M-3,Nord\nM2M-4,\"Nord\",standard\nM2M-5, Nord,standard\nM2M-6,Nord,standard");
  ASSERT_OK(file);
  ASSERT_EQ(file->lines.size(), 2U);
  EXPECT_EQ(file->lines[0].number, 2);
  EXPECT_EQ(file->lines[0].row.owner, "Waterworks Nord");
  EXPECT_EQ(file->lines[1].number, 8) << "also without an end of line";
  std::vector<std::string> reasons;
  for (const RefusedLine& line : file->refused) reasons.push_back(std::to_string(line.number) + " " + line.reason);
  EXPECT_THAT(reasons, testing::ElementsAre("4 onboard.dsim_id", "5 cli.csv", "6 cli.csv", "7 cli.csv"));
}

TEST_F(Orders, OfAnotherHeadOrNoneAreRefused) {
  EXPECT_REFUSED(read("device;owner;plan\nM2M-1;Nord;standard\n"), Code::invalid, "cli.csv");
  EXPECT_REFUSED(read(""), Code::invalid, "cli.csv");
  EXPECT_REFUSED(read_orders(directory.file("none.csv")), Code::not_found, "base.no_file");
}

TEST_F(Orders, GoOnWhereTheyStoppedUnlessTheFileIsAnother) {
  const auto file = read("dsim_id,owner,plan\nM2M-1,Nord,standard\nM2M-2,Nord,standard\nM2M-3,Nord,standard\n");
  ASSERT_OK(file);
  const std::string kept = path + ".progress";
  EXPECT_EQ(read_progress(kept, *file).done, 0);
  OrderProgress progress{.done = 2, .registered = 1, .accepted = 0, .refused = {{3, "M2M-2", "onboard.contract_exists"}}};
  ASSERT_OK(write_progress(kept, *file, progress));
  const OrderProgress again = read_progress(kept, *file);
  EXPECT_EQ(again.done, 2);
  EXPECT_EQ(again.registered, 1);
  ASSERT_EQ(again.refused.size(), 1U);
  EXPECT_EQ(again.refused.front().reason, "onboard.contract_exists");
  const auto other = read("dsim_id,owner,plan\nM2M-1,Nord,standard\nM2M-2,Nord,premium\nM2M-3,Nord,standard\n");
  ASSERT_OK(other);
  EXPECT_EQ(read_progress(kept, *other).done, 0);
  tf::test::write_text(kept, "{\"csv\":\"cut off");
  EXPECT_EQ(read_progress(kept, *file).done, 0);
}

TEST_F(Orders, RefusedLinesOfBothSidesAreReportedInTheirOrder) {
  const auto file = read("dsim_id,owner,plan\nM2M-1,Nord,standard\nbad_one,Nord,standard\nM2M-3,Nord,standard\n");
  ASSERT_OK(file);
  const OrderProgress progress{.done = 2, .registered = 1, .accepted = 0, .refused = {{4, "M2M-3", "onboard.contract_exists"}}};
  ASSERT_OK(write_refused(path + ".refused.csv", *file, progress));
  EXPECT_EQ(tf::test::read_text(path + ".refused.csv"), "line,dsim_id,reason\n3,bad_one,onboard.dsim_id\n4,M2M-3,onboard.contract_exists\n");
}

}  // namespace
}  // namespace tf::cli
