// Every message of a story suffers every fault, one at a time: lost, doubled, out of order, corrupted, cut, on another route, of
// another story or phone. After each the promises are checked, and a sound line always leads to a payment.
#include <cstdlib>

#include "tests/wallet/line.hpp"

namespace tf::wallet::test {
namespace {

class WalletFaults : public testing::TestWithParam<Story>, protected StoryWorld {
 protected:
  WalletFaults() { enrols = true; }
  void suffer(std::size_t message, const std::vector<Fault>& faults) {
    for (const Fault& fault : faults) {
      SCOPED_TRACE("message " + std::to_string(message) + " is " + fault.name);
      forget();
      Phone one = phone(GetParam());
      FaultyLine line(world, static_cast<int>(message), fault);
      one.line = std::ref(line);
      const auto end = tell(one);
      if (fault.outcome == Fault::Outcome::finishes) EXPECT_OK(end);
      if (fault.outcome == Fault::Outcome::ends) EXPECT_FALSE(end.has_value()) << "nobody noticed";
      expect_sound(one, end);
      expect_recovery(GetParam());
      if (HasFailure()) return;  // one is enough to look at
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Stories, WalletFaults, testing::Values(Story::modern, Story::modern_key_of_platform, Story::classic),
                         [](const auto& info) { return std::string(name_of(info.param)); });

TEST_P(WalletFaults, of_the_line_are_survived) {
  const Recording sample = record(GetParam());
  for (std::size_t message = 0; message < sample.size() && !HasFailure(); ++message) suffer(message, transport_faults(message % 2 == 0));
}

// Each value, and places across the whole body; TRUSTFERRY_FAULT_POSITIONS raises their number for a long run.
TEST_P(WalletFaults, in_the_bytes_are_noticed) {
  const char* wish = std::getenv("TRUSTFERRY_FAULT_POSITIONS");
  const std::size_t positions = wish == nullptr ? 3 : std::strtoul(wish, nullptr, 10);
  const Recording sample = record(GetParam());
  for (std::size_t message = 0; message < sample.size() && !HasFailure(); ++message) suffer(message, corruptions(sample[message].body, positions));
}

TEST_P(WalletFaults, by_splicing_are_noticed) {
  const Recording sample = record(GetParam());
  const std::vector<std::pair<std::string, Recording>> others{{"an earlier story", record(GetParam())},
                                                              {"another phone", record(GetParam(), "8613800000002")}};
  for (std::size_t message = 0; message < sample.size() && !HasFailure(); ++message) suffer(message, splices(sample[message], message, others));
}

}  // namespace
}  // namespace tf::wallet::test
