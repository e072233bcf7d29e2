// A terminal is remembered by the device key that it first proved itself with: who makes a second certificate for its serial,
// with the loader's key and DIK1, is not given its keys.
#include <thread>

#include "crypto/digest.hpp"
#include "platform/rki/alarms.hpp"
#include "tests/platform/conversation.hpp"
#include "wire/encoding.hpp"

namespace tf::platform::test {
namespace {

using rki::Suite;
using testing::ElementsAre;
using testing::HasSubstr;
using Fault = FaultyDatabase::Fault;

constexpr const char* kOther = "rki.other_device_key";

class RkiDeviceKey : public testing::Test {
 protected:
  [[nodiscard]] std::string remembered(const wire::Dsn& dsn = kModern) const { return must(show_terminal(*scene.context, dsn)).device_key; }
  [[nodiscard]] static std::string key_of(const TerminalUnderTest& device) { return rki::fingerprint(device.identity.device_key->public_key()); }
  // Those of now: refusals are written behind the answer.
  [[nodiscard]] std::vector<RkiAlarm> alarms() const {
    EXPECT_OK(scene.opened->database->write([](store::Session&) -> Status { return {}; }));
    return must(list_rki_alarms(*scene.context, 10));
  }
  // Nothing is delivered to it, and the reason is on record.
  void expect_refused(TerminalUnderTest& other) {
    Conversation talk(scene, other);
    talk.until("token");
    EXPECT_REFUSED(talk.send(), Code::refused, kOther);
    EXPECT_REFUSED(talk.send(), Code::refused, "rki.out_of_order");
  }
  RkiScene scene;
  TerminalUnderTest device = scene.device(kModern, {Suite::modern});
  TerminalUnderTest second = scene.second_device(kModern);
};

TEST_F(RkiDeviceKey, is_remembered_with_the_first_delivery) {
  Conversation talk(scene, device);
  talk.until("token");
  EXPECT_EQ(remembered(), "") << "who only has a certificate is not remembered";
  must(talk.send());
  EXPECT_EQ(remembered(), wire::hex_lower(crypto::sha256(device.identity.device_key->public_key().spki())));
  ASSERT_THAT(scene.audited_actions(), ElementsAre("rki.deliver accepted"));
  EXPECT_THAT(scene.audited()[0].detail, HasSubstr(R"("device_key":")" + remembered() + R"(")"));
  scene.mark();
  ASSERT_OK(device.download(scene.exchange(), 1));
  EXPECT_THAT(scene.audited()[0].detail, testing::Not(HasSubstr("device_key"))) << "once";
}

TEST_F(RkiDeviceKey, of_a_second_device_gets_nothing_and_raises_one_alarm) {
  ASSERT_OK(device.download(scene.exchange(), 1));
  scene.mark();
  for (int i = 0; i < 2; ++i) expect_refused(second);
  TerminalUnderTest third = scene.second_device(kModern);
  expect_refused(third);
  EXPECT_THAT(scene.audited_actions(), ElementsAre("rki.token refused rki.other_device_key", "rki.token refused rki.out_of_order",
                                                   "rki.token refused rki.other_device_key", "rki.token refused rki.out_of_order",
                                                   "rki.token refused rki.other_device_key", "rki.token refused rki.out_of_order"));
  const auto raised = alarms();
  ASSERT_EQ(raised.size(), 1U);
  EXPECT_EQ(raised[0].kind, "other_device_key");
  EXPECT_EQ(raised[0].dsn, kModern.text());
  EXPECT_EQ(raised[0].device_key, key_of(second));
  EXPECT_EQ(raised[0].remembered, key_of(device));
  EXPECT_EQ(raised[0].state, "open");
  EXPECT_THAT(scene.opened->metrics.render(), HasSubstr("trustferry_rki_alarms_total 3"));
  EXPECT_EQ(remembered(), key_of(device));
  ASSERT_OK(device.download(scene.exchange(), 1));
  EXPECT_EQ(scene.disagreement(device), "");
}

TEST_F(RkiDeviceKey, holds_before_the_first_receipt_and_does_not_disturb_who_is_about_to_send_it) {
  Conversation talk(scene, device);
  talk.until("receipt");
  expect_refused(second);
  talk.finish();
  EXPECT_EQ(must(show_terminal(*scene.context, kModern)).completed_set, 1);
}

TEST_F(RkiDeviceKey, is_alarmed_also_where_refusals_are_sampled_away) {
  RkiScene quiet({.burst = 0, .per_second = 0});
  ASSERT_OK(device.download(quiet.exchange(), 1));
  Conversation talk(quiet, second);
  talk.until("token");
  EXPECT_REFUSED(talk.send(), Code::refused, kOther);
  EXPECT_THAT(quiet.audited_actions(), ElementsAre("rki.deliver accepted", "rki.receipt accepted"));
  EXPECT_EQ(must(list_rki_alarms(*quiet.context, 10)).size(), 1U);
}

TEST_F(RkiDeviceKey, of_a_device_that_has_not_proved_itself_raises_no_alarm) {
  ASSERT_OK(device.download(scene.exchange(), 1));
  second.identity.modern_dik2 = Secret<32>();
  Conversation talk(scene, second);
  talk.until("proof");
  EXPECT_REFUSED(talk.send(), Code::refused, "rki.wrong_dik2");
  EXPECT_TRUE(alarms().empty());
}

// Both stand before their first delivery: the other writes between our snapshot and our write.
TEST_F(RkiDeviceKey, that_is_lost_at_the_write_is_refused) {
  for (const bool keys_are_there : {false, true}) {  // a set to be made; a set that an earlier version delivered
    SCOPED_TRACE(keys_are_there);
    scene.script("UPDATE terminals SET device_key = NULL");
    Conversation mine(scene, second);
    Conversation theirs(scene, device);
    mine.until("token");
    theirs.until("token");
    scene.database->interrupt = [&] { theirs.take(must(theirs.send())); };
    EXPECT_REFUSED(mine.send(), Code::refused, kOther);
    EXPECT_TRUE(mine.installed.empty());
    EXPECT_EQ(remembered(), key_of(device));
    theirs.finish();
    EXPECT_EQ(scene.count("SELECT COUNT(*) FROM rki_keys"), 4);
  }
}

TEST_F(RkiDeviceKey, is_that_of_one_of_many_that_come_at_once) {
  std::vector<TerminalUnderTest> devices;
  for (int i = 0; i < 4; ++i) devices.push_back(scene.second_device(kModern));
  std::atomic<int> served = 0;
  {
    std::vector<std::jthread> threads;
    for (TerminalUnderTest& each : devices)
      threads.emplace_back([&] { served += each.download(scene.exchange(), 1) ? 1 : 0; });
  }
  EXPECT_EQ(served, 1);
  for (const TerminalUnderTest& each : devices) {
    EXPECT_EQ(each.in_use.empty(), key_of(each) != remembered());
    EXPECT_TRUE(each.arrived.empty());
  }
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM rki_keys"), 4);
}

TEST_F(RkiDeviceKey, is_not_remembered_by_a_write_that_was_lost) {
  Conversation talk(scene, second);
  talk.until("token");
  scene.database->next_write = Fault::lost;
  EXPECT_REFUSED(talk.send(), Code::unavailable, "store.io");
  EXPECT_EQ(remembered(), "");
  ASSERT_OK(device.download(scene.exchange(), 1));
  EXPECT_REFUSED(talk.send(), Code::refused, kOther);
}

TEST_F(RkiDeviceKey, outlives_a_restart) {
  ASSERT_OK(device.download(scene.exchange(), 1));
  scene.restart();
  expect_refused(second);
  ASSERT_OK(device.download(scene.exchange(), 1));
}

TEST_F(RkiDeviceKey, counts_and_not_the_certificate_about_it) {
  ASSERT_OK(device.download(scene.exchange(), 1));
  TerminalUnderTest renewed = scene.device(kModern, {Suite::modern});
  ASSERT_NE(renewed.identity.device_chain[0].der(), device.identity.device_chain[0].der());
  ASSERT_OK(renewed.download(scene.exchange(), 1));
  EXPECT_EQ(scene.disagreement(renewed), "");
}

TEST_F(RkiDeviceKey, is_not_part_of_classic) {
  TerminalUnderTest classic = scene.device(kBoth, {Suite::classic});
  ASSERT_OK(classic.download(scene.exchange(), 1));
  EXPECT_EQ(remembered(kBoth), "");
  TerminalUnderTest both = scene.device(kBoth, {Suite::modern, Suite::classic});
  ASSERT_OK(both.download(scene.exchange(), 1));
  EXPECT_EQ(remembered(kBoth), key_of(both));
}

TEST_F(RkiDeviceKey, of_a_set_in_parts_is_that_of_the_first) {
  TerminalUnderTest parted = scene.device(kParted, {Suite::modern});
  TerminalUnderTest other = scene.second_device(kParted);
  Conversation(scene, parted, 1).finish();
  Conversation talk(scene, other, 2);
  talk.until("token");
  EXPECT_REFUSED(talk.send(), Code::refused, kOther);
  Conversation(scene, parted, 2).finish();
}

TEST_F(RkiDeviceKey, is_kept_by_an_import_of_the_same_serial) {
  ASSERT_OK(device.download(scene.exchange(), 1));
  must(import_estate(*scene.context, "operator:o", must(parse_estate_csv("serial,model,group,suites\nTF10000002,M9,default,modern+classic\n"))));
  EXPECT_EQ(remembered(), key_of(device));
  expect_refused(second);
}

TEST_F(RkiDeviceKey, is_forgotten_by_an_operator_and_the_next_is_remembered) {
  ASSERT_OK(device.download(scene.exchange(), 1));
  const auto before = scene.keys_of(kModern);
  expect_refused(second);
  ASSERT_EQ(alarms().size(), 1U);
  scene.mark();
  ASSERT_OK(forget_device_key(*scene.context, "operator:o", kModern));
  const auto entries = scene.audited();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].actor, "operator:o");
  EXPECT_EQ(entries[0].action, "estate.forget_key");
  EXPECT_EQ(entries[0].subject, kModern.text());
  EXPECT_EQ(entries[0].detail, R"({"device_key":")" + key_of(device) + R"("})");
  EXPECT_EQ(alarms()[0].state, "done");
  ASSERT_OK(second.download(scene.exchange(), 1));
  EXPECT_EQ(scene.keys_of(kModern).size(), before.size());
  EXPECT_EQ(remembered(), key_of(second));
  expect_refused(device);
  EXPECT_EQ(alarms().size(), 2U) << "a new alarm";
}

TEST_F(RkiDeviceKey, forgotten_during_a_conversation_is_decided_on_what_stands_at_the_write) {
  ASSERT_OK(device.download(scene.exchange(), 1));
  Conversation talk(scene, second);
  talk.until("token");
  ASSERT_OK(forget_device_key(*scene.context, "operator:o", kModern));
  talk.finish();
  EXPECT_EQ(remembered(), key_of(second));
}

TEST_F(RkiDeviceKey, that_is_not_there_cannot_be_forgotten) {
  EXPECT_REFUSED(forget_device_key(*scene.context, "operator:o", dsn("TF10000077")), Code::not_found, "estate.unknown_dsn");
  EXPECT_REFUSED(forget_device_key(*scene.context, "operator:o", kModern), Code::conflict, "estate.no_device_key");
  ASSERT_OK(device.download(scene.exchange(), 1));
  scene.mark();
  scene.database->interrupt = [&] { scene.script("UPDATE terminals SET device_key = 'another'"); };
  EXPECT_REFUSED(forget_device_key(*scene.context, "operator:o", kModern), Code::conflict, "estate.overtaken");
  EXPECT_EQ(remembered(), "another");
  scene.script("CREATE TRIGGER no_audit BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(ABORT, 'no'); END");
  EXPECT_FALSE(forget_device_key(*scene.context, "operator:o", kModern));
  EXPECT_EQ(remembered(), "another") << "not without its audit entry";
}

}  // namespace
}  // namespace tf::platform::test
