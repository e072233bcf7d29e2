// Every message of a conversation suffers every fault, one at a time: lost, doubled, out of order, corrupted, cut, too
// long, spliced from another conversation, another terminal, the other suite, another place. After each step promises
// are checked; a healed line always finishes, with one set.
#include <cstdlib>

#include "tests/rki/faulty_line.hpp"

namespace tf::rki::test {
namespace {

struct Place {
  Suite suite;
  int message;
};

std::vector<Place> places() {
  std::vector<Place> out;
  for (const Suite suite : {Suite::classic, Suite::modern})
    for (int message = 0; message < kMessages; ++message) out.push_back({suite, message});
  return out;
}
std::string place_name(const ::testing::TestParamInfo<Place>& info) {
  return std::string(name_of(info.param.suite)) + "_message_" + std::to_string(info.param.message);
}

class Faults : public ::testing::TestWithParam<Place> {
 protected:
  void suffer(const std::vector<Fault>& faults) {
    ASSERT_FALSE(faults.empty());
    for (const Fault& fault : faults) {
      SCOPED_TRACE("the message is " + fault.name);
      scene_.forget();
      FaultyLine line(scene_.platform, GetParam().message, fault);
      const auto finished = scene_.terminal.converse(1, line.exchange());
      if (fault.outcome == Fault::Outcome::finishes) EXPECT_OK(finished);
      if (fault.outcome == Fault::Outcome::ends) EXPECT_FALSE(finished.has_value()) << "nobody noticed";
      expect_kept_or_agreed(finished.has_value());
      EXPECT_OK(scene_.terminal.download(scene_.platform.exchange(), 1));
      EXPECT_EQ(scene_.platform.sets_of(kDsn), 1);
      scene_.expect_agreement();
      if (HasFailure()) return;  // one is enough to look at
    }
  }
  // The keys of both sides agree, or the device kept what it had: nothing. What the platform takes for active is at
  // least installed there.
  void expect_kept_or_agreed(bool finished) {
    if (finished) return scene_.expect_agreement();
    EXPECT_TRUE(scene_.terminal.in_use.empty());
    for (const Slot slot : kAllSlots) {
      const SecretBytes active = scene_.platform.active_key(kDsn, slot);
      if (active.empty()) continue;
      ASSERT_TRUE(scene_.terminal.arrived.contains(slot)) << "active, but never installed";
      EXPECT_EQ(scene_.terminal.arrived.at(slot).key, active);
    }
  }
  Recording recorded(const wire::Dsn& dsn, Suite suite) { return record(scene_.platform, scene_.device(dsn, {suite})); }

  Scene scene_{GetParam().suite};
};
INSTANTIATE_TEST_SUITE_P(Everywhere, Faults, ::testing::ValuesIn(places()), place_name);

TEST_P(Faults, of_the_line_are_survived) { suffer(transport_faults(GetParam().message)); }

// Each kind of value, and places across the whole body; TRUSTFERRY_FAULT_POSITIONS raises their number for a long run.
TEST_P(Faults, in_the_bytes_are_noticed) {
  const char* wish = std::getenv("TRUSTFERRY_FAULT_POSITIONS");
  const std::size_t positions = wish == nullptr ? 29 : std::strtoul(wish, nullptr, 10);
  const Recording sample = recorded(kDsn, GetParam().suite);
  suffer(corruptions(sample[static_cast<std::size_t>(GetParam().message)], positions));
}

TEST_P(Faults, by_splicing_are_noticed) {
  const Suite other_suite = GetParam().suite == Suite::modern ? Suite::classic : Suite::modern;
  std::vector<std::pair<std::string, Recording>> others;
  others.emplace_back("an earlier conversation", recorded(kDsn, GetParam().suite));
  others.emplace_back("another terminal", recorded(kOtherDsn, GetParam().suite));
  scene_.platform.admit(kOtherDsn);
  others.emplace_back("the other suite", recorded(kOtherDsn, other_suite));
  suffer(splices(GetParam().message, others));
}

}  // namespace
}  // namespace tf::rki::test
