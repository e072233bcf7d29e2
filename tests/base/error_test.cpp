#include "base/error.hpp"

#include <gtest/gtest.h>

#include <set>

namespace tf {
namespace {

TEST(Error, every_code_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Code::internal); ++code) names.insert(name_of(static_cast<Code>(code)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(Code::internal) + 1);
  EXPECT_TRUE(names.contains("not_found"));
}

TEST(Error, is_described_by_its_reason_and_its_detail_if_any) {
  EXPECT_EQ(describe({Code::refused, "room.what", "because"}), "room.what: because");
  EXPECT_EQ(describe({Code::refused, "room.what", ""}), "room.what");
}

}  // namespace
}  // namespace tf
