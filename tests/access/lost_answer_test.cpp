// A terminal that holds a key begins again and never hears the answer: the platform has another key by then.
#include "tests/access/faulty_line.hpp"

namespace tf::platform::test {
namespace {

using access::Suite;

class LostAnswer : public testing::TestWithParam<Suite>, protected StoryWorld {
 protected:
  Phone one = phone("D1", kNumber, GetParam());

  void bind_and_lose_the_next_answer() {
    expect_recovery(one);
    const Fault lost{"dropped", Fault::Kind::drop, Fault::Outcome::ends};
    FaultyLine losing(line(kNumber), GetParam() == Suite::modern ? 3 : 1, lost);
    EXPECT_FALSE(one.client(scene.clock, dice, losing.exchange()).initialise(one.device).has_value());
    EXPECT_NE(active_key(), one.key_id());
  }
};
INSTANTIATE_TEST_SUITE_P(Suites, LostAnswer, testing::Values(Suite::classic, Suite::modern), suite_name);

TEST_P(LostAnswer, is_made_up_for_while_the_old_key_seems_good) {
  bind_and_lose_the_next_answer();
  expect_recovery(one);
}

TEST_P(LostAnswer, is_made_up_for_when_key_time_is_over) {
  bind_and_lose_the_next_answer();
  scene.clock.set(scene.clock.now_ms() + 3'600'000);
  expect_recovery(one);
}

TEST_P(LostAnswer, is_made_up_for_when_an_operator_revoked_the_new_key) {
  bind_and_lose_the_next_answer();
  must(revoke_binding(context, "operator:a", active_key()));
  expect_recovery(one);
}

}  // namespace
}  // namespace tf::platform::test
