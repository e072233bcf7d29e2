// Every message of a story suffers every fault, one at a time: lost, doubled, late, out of order, corrupted, cut, of another story. After
// each the promises are checked, and a sound line always leads to a subscription. What goes over mutual TLS is lost, doubled and late,
// but not altered.
#include <cstdlib>

#include "tests/onboard/line.hpp"

namespace tf::onboard::test {
namespace {

class OnboardFaults : public testing::Test {
 protected:
  void suffer(std::size_t place, const std::vector<Fault>& faults) {
    for (const Fault& fault : faults) {
      SCOPED_TRACE("message " + std::to_string(place) + " is " + fault.name);
      World world("faults");
      ASSERT_OK(world.operators.at("a").contract({kId, "Anna", "plan-1", {}, {}}));
      FaultyLine line(place, fault);
      world.line = std::ref(line);
      Device device(world);
      (void)device.run();
      expect_sound(world, {&device});
      device.power_cycle();
      (void)device.run();  // what was late comes now
      expect_sound(world, {&device});
      expect_recovery(world, device);
      expect_sound(world, {&device});
      if (HasFailure()) return;  // one is enough to look at
    }
  }
  const Recording sample = record("faults");
};

TEST_F(OnboardFaults, of_the_line_are_survived) {
  for (std::size_t place = 0; place < sample.size() && !HasFailure(); ++place) suffer(place, transport_faults());
}

TEST_F(OnboardFaults, of_length_are_noticed) {
  for (std::size_t place = 0; place < sample.size() && !HasFailure(); ++place) {
    if (sample[place].message.mutual) continue;
    suffer(place, cuts(true));
    suffer(place, cuts(false));
  }
}

// Each value, and places across the whole body; TRUSTFERRY_FAULT_POSITIONS raises their number for a long run.
TEST_F(OnboardFaults, in_the_bytes_are_noticed) {
  const char* wish = std::getenv("TRUSTFERRY_FAULT_POSITIONS");
  const std::size_t positions = wish == nullptr ? 3 : std::strtoul(wish, nullptr, 10);
  for (std::size_t place = 0; place < sample.size() && !HasFailure(); ++place) {
    if (sample[place].message.mutual) continue;
    suffer(place, corruptions(sample[place].message.body, true, positions));
    suffer(place, corruptions(sample[place].answer, false, positions));
  }
}

TEST_F(OnboardFaults, by_splicing_are_noticed) {
  const std::vector<std::pair<std::string, Recording>> others{
      {"an earlier story", record("earlier")}, {"another device", record("another", kOtherId)}, {"another operator", record("operator", kId, "b")}};
  for (const auto& [whose, other] : others) {
    ASSERT_EQ(other.size(), sample.size());
    for (std::size_t place = 0; place < sample.size() && !HasFailure(); ++place) {
      if (sample[place].message.mutual) continue;
      ASSERT_EQ(other[place].message.route, sample[place].message.route);
      suffer(place, splices(other[place].message.body, true, whose));
      suffer(place, splices(other[place].answer, false, whose));
    }
  }
}

}  // namespace
}  // namespace tf::onboard::test
