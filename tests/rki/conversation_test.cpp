// Whole conversations of both sides, with nothing in between.
#include "tests/rki/scene.hpp"

namespace tf::rki::test {
namespace {

class Conversation : public ::testing::TestWithParam<Suite> {
 protected:
  Scene scene{GetParam()};
  Exchange exchange = scene.platform.exchange();
  [[nodiscard]] const MemoryTerminal& record() const { return scene.platform.terminals.at(kDsn.text()); }
};
INSTANTIATE_TEST_SUITE_P(Suites, Conversation, ::testing::Values(Suite::classic, Suite::modern), suite_name);

TEST_P(Conversation, downloads_a_complete_set) {
  EXPECT_OK(scene.terminal.download(exchange, 1));
  EXPECT_EQ(scene.terminal.in_use.size(), 4U);
  EXPECT_EQ(scene.terminal.set, 1);
  EXPECT_EQ(record().completed_set, 1);
  EXPECT_EQ(record().record.proved_modern, GetParam() == Suite::modern);
  EXPECT_THAT(scene.platform.actions, ::testing::ElementsAre("rki.deliver", "rki.receipt"));
  scene.expect_agreement();
}

TEST_P(Conversation, takes_as_many_passes_as_the_set_has_parts) {
  scene.platform.plan = must(KeySetPlan::make({"tmk", "pin", "mac", "data"}, 2));
  EXPECT_OK(scene.terminal.download(exchange, 2));
  EXPECT_EQ(scene.terminal.parts, 2);
  EXPECT_EQ(scene.terminal.in_use.size(), 4U);
  EXPECT_THAT(scene.platform.actions,
              ::testing::ElementsAre("rki.deliver", "rki.receipt", "rki.deliver", "rki.receipt"));
  EXPECT_EQ(scene.platform.sets_of(kDsn), 1);
  scene.expect_agreement();
}

TEST_P(Conversation, is_not_complete_before_its_last_part) {
  scene.platform.plan = must(KeySetPlan::make({"tmk", "pin", "mac", "data"}, 1));
  for (std::int64_t part = 1; part <= 4; ++part) {
    EXPECT_EQ(record().completed_set, 0);
    const auto finished = must(scene.terminal.converse(part, exchange));
    EXPECT_EQ(finished.part, part);
    EXPECT_EQ(finished.of, 4);
    EXPECT_EQ(scene.terminal.in_use.size(), static_cast<std::size_t>(part));
    scene.expect_agreement();
  }
  EXPECT_EQ(record().completed_set, 1);
}

TEST_P(Conversation, downloads_working_keys_without_a_master_key) {
  scene.platform.plan = must(KeySetPlan::make({"pin", "mac"}, 8));
  EXPECT_OK(scene.terminal.download(exchange, 1));
  EXPECT_EQ(scene.terminal.in_use.size(), 2U);
  EXPECT_FALSE(scene.terminal.in_use.contains(Slot::tmk));
  scene.expect_agreement();
}

TEST_P(Conversation, gives_the_same_keys_again) {
  EXPECT_OK(scene.terminal.download(exchange, 1));
  const std::map<Slot, HeldKey> before = std::move(scene.terminal.in_use);
  EXPECT_OK(scene.terminal.download(exchange, 1));
  for (const Slot slot : kAllSlots) {
    EXPECT_EQ(scene.terminal.in_use.at(slot).key, before.at(slot).key);
    EXPECT_EQ(scene.terminal.in_use.at(slot).kcv, before.at(slot).kcv);
    EXPECT_EQ(scene.terminal.in_use.at(slot).version, before.at(slot).version);
  }
  EXPECT_EQ(scene.platform.sets_of(kDsn), 1);
  scene.expect_agreement();
}

TEST_P(Conversation, supersedes_the_old_keys_by_a_renewed_set) {
  EXPECT_OK(scene.terminal.download(exchange, 1));
  const SecretBytes old_tmk = scene.terminal.in_use.at(Slot::tmk).key.clone();
  scene.platform.renew(kDsn, GetParam());
  scene.expect_agreement();  // the old ones stay in use until the new ones are confirmed
  EXPECT_OK(scene.terminal.download(exchange, 1));
  EXPECT_EQ(scene.terminal.set, 2);
  EXPECT_EQ(scene.terminal.in_use.at(Slot::tmk).version, "02");
  EXPECT_NE(scene.terminal.in_use.at(Slot::tmk).key, old_tmk);
  for (const KeyRecord& key : record().keys)
    EXPECT_EQ(key.status, key.set == 2 ? KeyStatus::active : KeyStatus::superseded);
  scene.expect_agreement();
}

TEST_P(Conversation, begins_at_the_first_part_when_the_set_is_renewed_between_two) {
  scene.platform.plan = must(KeySetPlan::make({"tmk", "pin", "mac", "data"}, 2));
  ASSERT_TRUE(scene.terminal.converse(1, exchange).has_value());
  scene.platform.renew(kDsn, GetParam());
  EXPECT_OK(scene.terminal.download(exchange, 3));
  EXPECT_EQ(scene.terminal.set, 2);
  EXPECT_EQ(scene.terminal.in_use.size(), 4U);
  for (const auto& [slot, key] : scene.terminal.in_use) EXPECT_EQ(key.set, 2) << name_of(slot);
  scene.expect_agreement();
}

TEST_P(Conversation, gives_each_terminal_its_own_keys) {
  TerminalUnderTest other = scene.device(kOtherDsn, {GetParam()});
  EXPECT_OK(scene.terminal.download(exchange, 1));
  EXPECT_OK(other.download(exchange, 1));
  for (const Slot slot : kAllSlots) EXPECT_NE(scene.terminal.in_use.at(slot).key, other.in_use.at(slot).key);
  EXPECT_EQ(other.disagreement(scene.platform), "");
  scene.expect_agreement();
}

TEST_P(Conversation, answers_a_repeated_message_with_the_same_reply_and_writes_once) {
  const Exchange twice = [&](std::string_view route, const std::string& body) {
    auto first = scene.platform.handle(route, body);
    auto second = scene.platform.handle(route, body);
    if (route != "hello") EXPECT_EQ(first.value(), second.value()) << route;
    return first;
  };
  EXPECT_OK(scene.terminal.download(twice, 1));
  EXPECT_THAT(scene.platform.actions, ::testing::ElementsAre("rki.deliver", "rki.receipt"));
  scene.expect_agreement();
}

TEST(ConversationOfBothSuites, picks_the_stronger_suite_of_a_mixed_offer) {
  Scene scene(Suite::modern);
  TerminalUnderTest terminal = scene.device(kDsn, {Suite::classic, Suite::modern});
  EXPECT_OK(terminal.download(scene.platform.exchange(), 1));
  EXPECT_TRUE(scene.platform.terminals.at(kDsn.text()).record.proved_modern);
}

TEST(ConversationOfBothSuites, obeys_a_policy_that_allows_classic_only) {
  Scene scene(Suite::modern);
  scene.platform.admit(kDsn, "classic");
  TerminalUnderTest terminal = scene.device(kDsn, {Suite::modern, Suite::classic});
  EXPECT_OK(terminal.download(scene.platform.exchange(), 1));
  EXPECT_FALSE(scene.platform.terminals.at(kDsn.text()).record.proved_modern);
  EXPECT_EQ(scene.platform.terminals.at(kDsn.text()).keys.front().suite, Suite::classic);
}

TEST(ConversationOfBothSuites, makes_a_new_set_when_a_terminal_moves_up_to_modern) {
  Scene scene(Suite::modern);
  TerminalUnderTest terminal = scene.device(kDsn, {Suite::classic});
  EXPECT_OK(terminal.download(scene.platform.exchange(), 1));
  EXPECT_OK(scene.terminal.download(scene.platform.exchange(), 1));
  EXPECT_EQ(scene.terminal.set, 2);
  scene.expect_agreement();
}

}  // namespace
}  // namespace tf::rki::test
