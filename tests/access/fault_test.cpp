// Every message of a story suffers every fault, one at a time: lost, doubled, out of order, corrupted, cut, too long, on
// another route, of another conversation, another terminal, the other suite. After each the promises are checked; a healed
// line always brings a ticket.
#include <cstdlib>

#include "tests/access/faulty_line.hpp"

namespace tf::platform::test {
namespace {

using access::Suite;

struct Place {
  Suite suite;
  int message;
};

std::vector<Place> places() {
  std::vector<Place> out;
  for (const Suite suite : {Suite::classic, Suite::modern})
    for (int message = 0; message < messages_of(suite); ++message) out.push_back({suite, message});
  return out;
}
std::string place_name(const testing::TestParamInfo<Place>& info) {
  return std::string(name_of(info.param.suite)) + "_message_" + std::to_string(info.param.message);
}

class AccessFaults : public testing::TestWithParam<Place>, protected StoryWorld {
 protected:
  void suffer(const std::vector<Fault>& faults) {
    ASSERT_FALSE(faults.empty());
    for (const Fault& fault : faults) {
      SCOPED_TRACE("the message is " + fault.name);
      forget();
      Phone one = phone("D1", kNumber, GetParam().suite);
      FaultyLine faulty(line(kNumber), GetParam().message, fault);
      const auto ticket = tell(one, faulty);
      if (fault.outcome == Fault::Outcome::finishes) EXPECT_OK(ticket);
      if (fault.outcome == Fault::Outcome::ends) EXPECT_FALSE(ticket.has_value()) << "nobody noticed";
      expect_sound(one, faulty);
      if (ticket) expect_agreement(one, *ticket);
      expect_recovery(one);
      EXPECT_TRUE(must(list_alarms(context, 10)).empty());
      if (HasFailure()) return;  // one is enough to look at
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Everywhere, AccessFaults, testing::ValuesIn(places()), place_name);

TEST_P(AccessFaults, of_the_line_are_survived) { suffer(transport_faults(GetParam().suite, GetParam().message)); }

// Each value, and places across the whole body; TRUSTFERRY_FAULT_POSITIONS raises their number for a long run.
TEST_P(AccessFaults, in_the_bytes_are_noticed) {
  const char* wish = std::getenv("TRUSTFERRY_FAULT_POSITIONS");
  const std::size_t positions = wish == nullptr ? 17 : std::strtoul(wish, nullptr, 10);
  const Recording sample = record("D1", kNumber, GetParam().suite);
  suffer(corruptions(sample[static_cast<std::size_t>(GetParam().message)].body, positions));
}

TEST_P(AccessFaults, by_splicing_are_noticed) {
  const Suite other = GetParam().suite == Suite::modern ? Suite::classic : Suite::modern;
  suffer(splices(GetParam().message, {{"an earlier story", record("D1", kNumber, GetParam().suite)},
                                      {"another terminal", record("D2", kOther, GetParam().suite)},
                                      {"the other suite", record("D2", kOther, other)}}));
}

}  // namespace
}  // namespace tf::platform::test
