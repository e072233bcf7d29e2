// Orders from a CSV file: what goes into one message, and the report of refused lines.
#include <gmock/gmock.h>

#include "apps/trustferry/onboard/onboard_orders.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/local.hpp"
#include "tests/support/temporary_directory.hpp"

namespace tf::cli {
namespace {

OrderFile orders(int lines, std::size_t certificate) {
  OrderFile out;
  for (int i = 0; i < lines; ++i) {
    onboard::Subscription row{"M2M-" + std::to_string(i), std::string(60, 'N'), "standard", {}, {}};
    if (certificate != 0) row.signing = row.decryption = {Bytes(certificate)};
    out.lines.push_back({i + 2, std::move(row)});
  }
  return out;
}

std::vector<onboard::Subscription> rows(const OrderFile& file, std::int64_t from, std::int64_t end) {
  std::vector<onboard::Subscription> out;
  for (std::int64_t i = from; i < end; ++i) out.push_back(file.lines[static_cast<std::size_t>(i)].row);
  return out;
}

TEST(OnboardOrders, messages_stay_below_the_limit_and_every_line_is_in_one) {
  constexpr std::size_t kLimit = 64 * 1024;
  const OrderFile file = orders(2500, 0);
  std::int64_t done = 0;
  int messages = 0;
  for (; done < 2500; ++messages) {
    const std::int64_t end = end_of_message(file, done, kLimit);
    ASSERT_GT(end, done);
    EXPECT_LE(onboard::encode(rows(file, done, end)).size(), kLimit);
    done = end;
  }
  EXPECT_EQ(done, 2500);
  EXPECT_GT(messages, 3);
  EXPECT_EQ(end_of_message(file, 0, onboard::kMaxBatch), 1000) << "as many rows as a message has";
  EXPECT_EQ(end_of_message(file, 2000, onboard::kMaxBatch), 2500);
}

TEST(OnboardOrders, a_line_that_is_too_long_by_itself_goes_alone) {
  const OrderFile file = orders(3, 60'000);
  EXPECT_EQ(end_of_message(file, 0, 64 * 1024), 1);
  EXPECT_EQ(end_of_message(file, 1, 64 * 1024), 2);
}

TEST(OnboardOrders, refused_lines_are_reported_as_text_that_no_spreadsheet_runs) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("refused.csv");
  OrderFile file;
  file.refused = {{2, "=cmd|'/C calc'!A0", "onboard.dsim_id"}, {3, "M\"2,M", "cli.csv"}, {4, "@x", "+y"}, {5, "M2M-1", "onboard.twice"}};
  ASSERT_OK(write_refused(path, file, {}));
  EXPECT_EQ(test::read_text(path), "line,dsim_id,reason\n2,'=cmd|'/C calc'!A0,onboard.dsim_id\n3,\"M\"\"2,M\",cli.csv\n4,'@x,'+y\n5,M2M-1,onboard.twice\n");
}

}  // namespace
}  // namespace tf::cli
