#include <sys/wait.h>
#include <unistd.h>

#include <set>

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

TEST(SystemRandom, gives_no_octets_twice_however_they_are_asked_for) {
  SystemRandom random;
  std::set<ByteArray<8>> seen;
  std::size_t asked = 0;
  for (std::size_t round = 0; round < 3000; ++round) {
    Bytes out(round % 90 + 8);  // some of them larger than what is drawn ahead
    random.fill(out);
    for (std::size_t at = 0; at + 8 <= out.size(); at += 8, ++asked) {
      ByteArray<8> part;
      std::copy_n(out.begin() + static_cast<std::ptrdiff_t>(at), 8, part.begin());
      seen.insert(part);
    }
  }
  EXPECT_EQ(seen.size(), asked);
}

TEST(SystemRandom, of_a_forked_child_is_another) {
  SystemRandom random;
  random.array<16>();  // there is something drawn ahead
  int line[2];
  ASSERT_EQ(::pipe(line), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto its = random.array<16>();
    ::_exit(::write(line[1], its.data(), its.size()) == 16 ? 0 : 1);
  }
  const auto ours = random.array<16>();
  ByteArray<16> its{};
  EXPECT_EQ(::read(line[0], its.data(), its.size()), 16);
  int status = 1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_NE(its, ours);
  ::close(line[0]);
  ::close(line[1]);
}

}  // namespace
}  // namespace tf
