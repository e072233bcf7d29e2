// Many faults in one story: each message may be lost, doubled, cut or changed, over several conversations and a renewal
// of the set. The seed is in the name of the failure; the same seed gives the same story.
#include "tests/rki/faulty_line.hpp"

namespace tf::rki::test {
namespace {

class Story {
 public:
  Story(MemoryPlatform& platform, unsigned seed) : platform_(platform), dice_("story " + std::to_string(seed)) {}

  Result<std::string> post(std::string_view route, const std::string& body) {
    if (throw_dice(8) == 0) return lost_;
    if (throw_dice(8) == 0) (void)platform_.handle(route, body);
    auto reply = platform_.handle(route, weather(body));
    EXPECT_EQ(platform_.broken_promise(), "");
    if (!reply) return reply;
    return throw_dice(8) == 0 ? Result<std::string>(lost_) : weather(*reply);
  }
  Exchange exchange() {
    return [this](std::string_view route, const std::string& body) { return post(route, body); };
  }

 private:
  unsigned throw_dice(unsigned sides) { return dice_.array<1>()[0] % sides; }
  std::string weather(std::string body) {
    const auto place = dice_.array<2>();
    const std::size_t at = (place[0] * 256U + place[1]) % body.size();
    switch (throw_dice(16)) {
      case 0: body[at] = body[at] == 'A' ? 'B' : 'A'; break;
      case 1: body.resize(at); break;
      default: break;
    }
    return body;
  }

  MemoryPlatform& platform_;
  DeterministicRandom dice_;
  const Error lost_{Code::unavailable, "test.lost", "the message was lost"};
};

class SeededFaults : public ::testing::TestWithParam<Suite> {};
INSTANTIATE_TEST_SUITE_P(Suites, SeededFaults, ::testing::Values(Suite::classic, Suite::modern), suite_name);

TEST_P(SeededFaults, never_break_a_promise_and_a_healed_line_finishes) {
  Scene scene(GetParam());
  scene.platform.plan = must(KeySetPlan::make({"tmk", "pin", "mac", "data"}, 2));
  for (unsigned seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    scene.forget();
    Story story(scene.platform, seed);
    (void)scene.terminal.download(story.exchange(), 4);
    EXPECT_LE(scene.platform.sets_of(kDsn), 1);
    if (seed % 3 == 0) scene.platform.renew(kDsn, GetParam());
    const std::int64_t sets = std::max<std::int64_t>(scene.platform.sets_of(kDsn), 1);
    (void)scene.terminal.download(story.exchange(), 4);
    EXPECT_OK(scene.terminal.download(scene.platform.exchange(), 4));
    EXPECT_EQ(scene.platform.sets_of(kDsn), sets);
    scene.expect_agreement();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace tf::rki::test
