// Whole downloads through the service and the database, uninterrupted, repeated and begun again.
#include "platform/zones.hpp"
#include "tests/platform/conversation.hpp"

namespace tf::platform::test {
namespace {

using rki::KeyStatus;
using rki::Suite;
using testing::ElementsAre;

const wire::Dsn& dsn_for(Suite suite) { return suite == Suite::classic ? kClassic : kModern; }
std::string name(const testing::TestParamInfo<Suite>& info) { return std::string(rki::name_of(info.param)); }

class RkiDownload : public testing::TestWithParam<Suite> {
 protected:
  RkiScene scene;
  TerminalUnderTest device = scene.device(dsn_for(GetParam()), {GetParam()});
};
INSTANTIATE_TEST_SUITE_P(Suites, RkiDownload, testing::Values(Suite::classic, Suite::modern), name);

TEST_P(RkiDownload, ends_with_the_same_active_keys_on_both_sides) {
  ASSERT_OK(device.download(scene.exchange(), 1));
  EXPECT_EQ(device.in_use.size(), 4U);
  EXPECT_EQ(scene.disagreement(device), "");
  const EstateEntry entry = must(show_terminal(*scene.context, device.identity.dsn));
  EXPECT_EQ(entry.completed_set, 1);
  EXPECT_EQ(entry.completed_at_ms, scene.clock.now_ms());
  EXPECT_EQ(scene.count("SELECT proved_modern FROM terminals WHERE dsn = '" + device.identity.dsn.text() + "'"), GetParam() == Suite::modern ? 1 : 0);
}

TEST_P(RkiDownload, leaves_exactly_two_entries_in_the_audit_trail) {
  ASSERT_OK(device.download(scene.exchange(), 1));
  const auto entries = scene.audited();
  ASSERT_THAT(scene.audited_actions(), ElementsAre("rki.deliver accepted", "rki.receipt accepted"));
  for (const AuditLine& line : entries) {
    EXPECT_EQ(line.actor, "terminal:" + device.identity.dsn.text());
    EXPECT_EQ(line.subject, device.identity.dsn.text());
    EXPECT_THAT(line.detail, testing::StartsWith(R"({"suite":")" + std::string(rki::name_of(GetParam())) + R"(","set":1,"part":1,"of":1,"keys":[)"));
  }
}

TEST_P(RkiDownload, answers_a_repeated_message_with_the_same_bytes_and_does_it_once) {
  Conversation talk(scene, device);
  talk.until("proof");
  for (const char* route : {"proof", "token", "receipt"}) {
    ASSERT_EQ(talk.route(), route);
    const std::string reply = must(talk.send());
    EXPECT_EQ(must(talk.send()), reply);
    EXPECT_EQ(must(talk.send()), reply);
    talk.take(reply);
  }
  EXPECT_TRUE(talk.finished());
  EXPECT_THAT(scene.audited_actions(), ElementsAre("rki.deliver accepted", "rki.receipt accepted"));
}

TEST_P(RkiDownload, still_answers_the_last_message_when_it_is_repeated_and_forgets_it_later) {
  Conversation talk(scene, device);
  talk.until("receipt");
  const std::string ack = must(talk.send());
  scene.clock.set(scene.clock.now_ms() + 9'000);
  EXPECT_EQ(must(talk.send()), ack);
  scene.clock.set(scene.clock.now_ms() + 1'000);
  EXPECT_REFUSED(talk.send(), Code::conflict, "rki.session_unknown");
  EXPECT_EQ(scene.service->open_conversations(), 0U);
}

TEST_P(RkiDownload, begins_again_after_a_restart_at_any_message_and_gets_the_same_keys) {
  std::map<rki::Slot, SecretBytes> first;
  for (const char* route : {"proof", "token", "receipt"}) {
    Conversation talk(scene, device);
    talk.until(route);
    scene.restart();
    EXPECT_REFUSED(talk.send(), Code::conflict, "rki.session_unknown");
    if (!talk.installed.empty()) first = std::move(talk.installed);
  }
  ASSERT_EQ(first.size(), 4U);
  Conversation talk(scene, device);
  talk.finish();
  EXPECT_EQ(talk.installed, first);
  const auto keys = scene.keys_of(device.identity.dsn);
  EXPECT_EQ(keys.size(), 4U);
  for (const rki::KeyRecord& key : keys) EXPECT_EQ(key.status, KeyStatus::active);
}

TEST_P(RkiDownload, again_brings_the_same_set) {
  ASSERT_OK(device.download(scene.exchange(), 1));
  const auto before = scene.keys_of(device.identity.dsn);
  ASSERT_OK(device.download(scene.exchange(), 1));
  EXPECT_EQ(scene.keys_of(device.identity.dsn).size(), before.size());
  EXPECT_EQ(scene.disagreement(device), "");
}

TEST_P(RkiDownload, of_a_renewed_set_supersedes_the_old_one_with_grace) {
  ASSERT_OK(device.download(scene.exchange(), 1));
  EXPECT_EQ(must(renew_keys(*scene.context, "operator:o", device.identity.dsn)), 2);
  for (const rki::KeyRecord& key : scene.keys_of(device.identity.dsn))
    EXPECT_EQ(key.status, key.set == 2 ? KeyStatus::pending : KeyStatus::active);

  Conversation talk(scene, device);
  talk.until("receipt");
  for (const rki::KeyRecord& key : scene.keys_of(device.identity.dsn))
    EXPECT_EQ(key.status, key.set == 2 ? KeyStatus::delivered : KeyStatus::active) << "the old keys serve until the receipt";
  talk.finish();
  for (const rki::KeyRecord& key : scene.keys_of(device.identity.dsn))
    EXPECT_EQ(key.status, key.set == 2 ? KeyStatus::active : KeyStatus::superseded);
  const std::string superseded = " FROM rki_keys WHERE status = 'superseded'";
  EXPECT_EQ(scene.count("SELECT COUNT(*)" + superseded), 4);
  EXPECT_EQ(scene.count("SELECT MIN(grace_until_ms)" + superseded), scene.clock.now_ms() + 24 * 3600 * 1000);
  EXPECT_EQ(scene.count("SELECT MAX(grace_until_ms)" + superseded), scene.clock.now_ms() + 24 * 3600 * 1000);
}

class PartedDownload : public testing::TestWithParam<Suite> {
 protected:
  void expect_completed(std::int64_t set, std::optional<std::int64_t> at_ms) {
    const EstateEntry entry = must(show_terminal(*scene.context, kParted));
    EXPECT_EQ(entry.completed_set, set);
    EXPECT_EQ(entry.completed_at_ms, at_ms);
  }
  RkiScene scene;
  TerminalUnderTest device = scene.device(kParted, {GetParam()});
};
INSTANTIATE_TEST_SUITE_P(Suites, PartedDownload, testing::Values(Suite::classic, Suite::modern), name);

TEST_P(PartedDownload, takes_two_passes_and_is_complete_after_the_last_only) {
  Conversation(scene, device, 1).finish();
  expect_completed(0, std::nullopt);
  EXPECT_EQ(must(count_estate(*scene.context)).active_keys, 2);
  Conversation(scene, device, 2).finish();
  expect_completed(1, scene.clock.now_ms());
  EXPECT_EQ(must(count_estate(*scene.context)).active_keys, 4);
  EXPECT_THAT(scene.audited_actions(),
              ElementsAre("rki.deliver accepted", "rki.receipt accepted", "rki.deliver accepted", "rki.receipt accepted"));
}

TEST_P(PartedDownload, keeps_the_old_set_on_record_until_the_new_one_is_complete) {
  ASSERT_OK(device.download(scene.exchange(), 2));
  const std::int64_t completed_at = scene.clock.now_ms();
  must(renew_keys(*scene.context, "operator:o", kParted));
  scene.clock.set(scene.clock.now_ms() + 5'000);
  Conversation(scene, device, 1).finish();
  expect_completed(1, completed_at);
  for (const rki::KeyRecord& key : scene.keys_of(kParted)) {
    const bool first_part = key.slot == rki::Slot::tmk || key.slot == rki::Slot::pin;
    EXPECT_EQ(key.status, key.set == 2 ? (first_part ? KeyStatus::active : KeyStatus::pending)
                                       : (first_part ? KeyStatus::superseded : KeyStatus::active)) << name_of(key.slot);
  }
  Conversation(scene, device, 2).finish();
  expect_completed(2, scene.clock.now_ms());
}

TEST_P(PartedDownload, knows_no_third_part_of_two) {
  ASSERT_OK(device.download(scene.exchange(), 2));
  scene.mark();
  Conversation talk(scene, device, 3);
  talk.until("token");
  EXPECT_REFUSED(talk.send(), Code::refused, "rki.no_such_part");
  EXPECT_THAT(scene.audited_actions(), ElementsAre("rki.token refused rki.no_such_part"));
}

TEST(RkiSuites, gives_a_terminal_the_strongest_suite_and_never_a_weaker_one_after) {
  RkiScene scene;
  auto modern = scene.device(kBoth, {Suite::classic, Suite::modern});
  auto classic = scene.device(kBoth, {Suite::classic});
  ASSERT_OK(classic.download(scene.exchange(), 1));
  EXPECT_EQ(scene.disagreement(classic), "");
  ASSERT_OK(modern.download(scene.exchange(), 1));
  EXPECT_EQ(scene.disagreement(modern), "");
  EXPECT_EQ(must(show_terminal(*scene.context, kBoth)).completed_set, 2) << "a set of the other suite's shape";
  scene.mark();
  EXPECT_FALSE(classic.download(scene.exchange(), 1));
  EXPECT_THAT(scene.audited_actions(), ElementsAre("rki.hello refused rki.downgrade"));
}

}  // namespace
}  // namespace tf::platform::test
