#include "audit/sampler.hpp"

#include "tests/audit/audit_support.hpp"

namespace tf::audit::test {
namespace {

class Sampler : public testing::Test {
 protected:
  int admitted(int refusals) {
    int out = 0;
    for (int i = 0; i < refusals; ++i) out += sampler_.admit() ? 1 : 0;
    return out;
  }
  ManualClock clock_;
  RefusalSampler sampler_{clock_, {.burst = 100, .per_second = 10}};
};

TEST_F(Sampler, admits_a_burst_and_then_so_many_a_second) {
  EXPECT_EQ(admitted(1000), 100);
  clock_.elapsed_ms = 99;
  EXPECT_EQ(admitted(10), 0);
  clock_.elapsed_ms = 100;
  EXPECT_EQ(admitted(10), 1);
  clock_.elapsed_ms = 1100;
  EXPECT_EQ(admitted(1000), 10);
}

TEST_F(Sampler, tells_the_next_one_admitted_how_many_were_not) {
  EXPECT_EQ(sampler_.admit(), 0u);
  EXPECT_EQ(admitted(600), 99);
  EXPECT_EQ(sampler_.suppressed_total(), 501u);
  clock_.elapsed_ms = 200;
  EXPECT_EQ(sampler_.admit(), 501u);
  EXPECT_EQ(sampler_.admit(), 0u);
}

TEST_F(Sampler, keeps_the_number_of_an_entry_that_could_not_be_written) {
  admitted(150);
  clock_.elapsed_ms = 200;
  const auto suppressed = sampler_.admit();
  ASSERT_EQ(suppressed, 50u);
  sampler_.give_back(*suppressed);
  EXPECT_EQ(sampler_.admit(), 51u);
}

TEST_F(Sampler, is_full_again_after_any_length_of_time_and_no_fuller) {
  admitted(1000);
  clock_.elapsed_ms = std::int64_t{1} << 60;
  EXPECT_EQ(admitted(1000), 100);
}

TEST_F(Sampler, gains_nothing_from_a_clock_that_goes_back) {
  clock_.elapsed_ms = 10'000;
  admitted(1000);
  clock_.elapsed_ms = 0;
  EXPECT_EQ(admitted(10), 0);
  clock_.elapsed_ms = 10'000;
  EXPECT_EQ(admitted(10), 0);
}

}  // namespace
}  // namespace tf::audit::test
