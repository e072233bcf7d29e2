#include "base/remembered.hpp"

#include <gtest/gtest.h>

namespace tf {
namespace {

TEST(Remembered, what_was_kept_is_found_until_it_is_forgotten) {
  Remembered<int> memory(4);
  EXPECT_EQ(memory.find("a"), std::nullopt);
  memory.keep("a", 1);
  memory.keep("a", 2);
  EXPECT_EQ(memory.find("a"), 2);
  memory.forget("a");
  memory.forget("never there");
  EXPECT_EQ(memory.find("a"), std::nullopt);
}

TEST(Remembered, full_it_begins_anew) {
  Remembered<int> memory(2);
  memory.keep("a", 1);
  memory.keep("b", 2);
  memory.keep("c", 3);
  EXPECT_EQ(memory.find("a"), std::nullopt);
  EXPECT_EQ(memory.find("b"), std::nullopt);
  EXPECT_EQ(memory.find("c"), 3);
}

// A value that is kept again makes no room: the rest stays.
TEST(Remembered, a_new_value_for_what_is_there_forgets_nothing_else) {
  Remembered<int> memory(2);
  memory.keep("a", 1);
  memory.keep("b", 2);
  memory.keep("b", 3);
  EXPECT_EQ(memory.find("a"), 1);
  EXPECT_EQ(memory.find("b"), 3);
}

}  // namespace
}  // namespace tf
