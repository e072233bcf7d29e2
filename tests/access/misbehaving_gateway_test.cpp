// A gateway that lies about the SIM: another number, none, that of another terminal, two. The platform must believe it; what
// it can do with that is bounded.
#include "tests/access/faulty_line.hpp"

namespace tf::platform::test {
namespace {

using access::Suite;

class LyingGateway : public testing::TestWithParam<Suite>, protected StoryWorld {
 protected:
  Phone one = phone("D1", kNumber, GetParam());

  // What the phone gets from a gateway that says this.
  Result<std::string> told_through(const std::vector<std::string>& numbers) {
    Line lying([this, numbers](const std::string& target, const std::string& body) -> Result<net::HttpResponse> { return over_http(target, body, numbers); });
    return tell(one, lying);
  }
  std::vector<std::string> alarms() {
    std::vector<std::string> out;
    for (const AlarmEntry& alarm : must(list_alarms(context, 10))) out.push_back(alarm.kind + " " + alarm.did + " " + alarm.msisdn);
    return out;
  }
  bool modern() const { return GetParam() == Suite::modern; }
};
INSTANTIATE_TEST_SUITE_P(Suites, LyingGateway, testing::Values(Suite::classic, Suite::modern), suite_name);

TEST_P(LyingGateway, that_gives_no_number_or_two_binds_nothing) {
  EXPECT_REFUSED(told_through({}), Code::refused, "access.number");
  EXPECT_REFUSED(told_through({kNumber, kNumber}), Code::refused, "access.refused");
  EXPECT_REFUSED(told_through({kNumber, kOther}), Code::refused, "access.refused");
  EXPECT_REFUSED(told_through({"+" + kNumber}), Code::refused, "access.refused");
  EXPECT_EQ(active_key(), "");
  expect_recovery(one);
}

// modern says inside the JWE which number it expects. classic cannot: the platform binds what the gateway says, the terminal
// does not believe it, and an operator has to put it right.
TEST_P(LyingGateway, that_gives_another_number_never_gets_a_terminal_to_use_it) {
  EXPECT_FALSE(told_through({kOther}).has_value());
  EXPECT_EQ(one.saves, 0);
  EXPECT_EQ(active_key().empty(), modern());
  if (!modern()) {
    EXPECT_REFUSED(told_through({kNumber}), Code::refused, "access.waiting");
    EXPECT_THAT(alarms(), testing::ElementsAre("did-under-other-number D1 " + kNumber));
    approve("D1");
  }
  expect_recovery(one);
}

TEST_P(LyingGateway, that_gives_the_number_of_another_terminal_takes_nothing_from_it) {
  Phone other = phone("D2", kOther, GetParam());
  expect_recovery(other);
  EXPECT_REFUSED(told_through({kOther}), Code::refused, modern() ? "access.number" : "access.waiting");
  EXPECT_EQ(active_key(), other.key_id());
  EXPECT_EQ(alarms().size(), modern() ? 0U : 1U);
  expect_recovery(other);
}

TEST_P(LyingGateway, that_changes_the_number_of_a_bound_terminal_raises_an_alarm_and_ends_no_key) {
  expect_recovery(one);
  const std::string before = one.key_id();
  EXPECT_REFUSED(told_through({kOther}), Code::refused, "access.number");
  EXPECT_THAT(alarms(), testing::ElementsAre("key-from-other-number D1 " + kOther));
  EXPECT_REFUSED(told_through({}), Code::refused, "access.number");
  EXPECT_REFUSED(told_through({kNumber, kOther}), Code::refused, "access.refused");
  EXPECT_EQ(alarms().size(), 1U);
  expect_recovery(one);
  EXPECT_EQ(one.key_id(), before);
}

TEST_P(LyingGateway, that_lends_a_number_to_who_has_no_key_gets_no_ticket) {
  expect_recovery(one);
  Phone thief = phone("D1", kNumber, GetParam());
  thief.device.binding = access::Binding{one.key_id(), one.device.binding->key_time_ms, SecretBytes(access::dkey_size(GetParam())), ""};
  EXPECT_FALSE(authenticated(thief.device.identity, *thief.device.binding).has_value());
  thief.device.identity.did = "D3";
  Line lending(line(kNumber));
  EXPECT_FALSE(tell(thief, lending).has_value());
  EXPECT_EQ(active_key(), one.key_id());
}

}  // namespace
}  // namespace tf::platform::test
