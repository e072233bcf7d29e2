#include "base/ports.hpp"

#include <gtest/gtest.h>

namespace tf {
namespace {

TEST(SystemClock, is_in_this_century_and_its_monotonic_part_does_not_go_back) {
  const SystemClock clock;
  EXPECT_GT(clock.now_ms(), 1'700'000'000'000);
  EXPECT_LT(clock.now_ms(), 4'102'444'800'000);
  const std::int64_t before = clock.monotonic_ms();
  EXPECT_LE(before, clock.monotonic_ms());
}

TEST(SystemRandom, does_not_repeat_itself) {
  SystemRandom random;
  EXPECT_NE(random.array<32>(), random.array<32>());
  random.fill({});
}

}  // namespace
}  // namespace tf
