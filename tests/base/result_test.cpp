#include "base/result.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace tf {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error{Code::invalid, "test.odd", "is odd"};
  return number / 2;
}
Status even(int number) {
  if (number % 2 != 0) return Error{Code::refused, "test.odd", ""};
  return {};
}
Result<int> quarter(int number) {
  TF_CHECK(even(number));
  return TF_TRY(half(TF_TRY(half(number))));
}
Result<std::unique_ptr<int>> boxed(int number) { return std::make_unique<int>(TF_TRY(half(number))); }

TEST(Result, is_a_value_or_an_error) {
  EXPECT_EQ(half(4).value(), 2);
  EXPECT_FALSE(half(3));
  EXPECT_EQ(half(3).error().code, Code::invalid);
  EXPECT_STREQ(half(3).error().reason, "test.odd");
}

TEST(Result, try_hands_the_value_on_or_returns_the_error) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().code, Code::invalid);
  EXPECT_EQ(quarter(7).error().code, Code::refused);
}

TEST(Result, try_moves_what_can_only_be_moved) {
  const auto unbox = [](int number) -> Result<int> {
    const std::unique_ptr<int> box = TF_TRY(boxed(number));
    return *box;
  };
  EXPECT_EQ(unbox(10).value(), 5);
  EXPECT_FALSE(unbox(11));
}

}  // namespace
}  // namespace tf
