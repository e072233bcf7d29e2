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

TEST_F(Access, a_code_whose_answer_was_lost_may_be_shown_again_until_its_key_is_used) {
  auto who = identity("D1", "bank");
  who.code = code("D1");
  must(send("initialise", initialisation(who).body));  // nobody heard the answer
  auto thief = who;
  thief.msisdn = kOther;
  EXPECT_REFUSED(send("initialise", initialisation(thief).body, {kOther}), Code::refused, "access.wrong_code");
  const auto binding = bound(who);
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM access_keys WHERE status = 'active'"), 1);
  EXPECT_OK(authenticated(who, binding));
  EXPECT_REFUSED(send("initialise", initialisation(who).body), Code::refused, "access.wrong_code");
}

TEST_F(Access, a_renewal_whose_answer_was_lost_may_be_asked_for_again_until_its_key_is_used) {
  auto who = identity("D1", "bank");
  who.code = code("D1");
  const auto first = bound(who);
  who.code.clear();
  const auto renewal = [&](const access::Binding& old) {
    return must(access::begin_initialise(who, challenge(access::ChallengePurpose::initialise), &old, random));
  };
  for (int lost = 0; lost < 2; ++lost) must(send("initialise", renewal(first).body));
  const auto sent = renewal(first);
  const auto second = must(access::finish_initialise(who, sent, must(send("initialise", sent.body))));
  EXPECT_OK(authenticated(who, second));
  EXPECT_REFUSED(send("initialise", renewal(first).body), Code::refused, "access.no_proof");
}

}  // namespace
}  // namespace tf::platform::test
