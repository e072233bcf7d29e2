// Two at once, and a database that fails in the middle: there is never a second set, and nothing said before it is written.
#include <atomic>
#include <thread>

#include "platform/estate.hpp"
#include "tests/platform/conversation.hpp"

namespace tf::platform::test {
namespace {

using rki::Suite;
using testing::ElementsAre;
using Fault = FaultyDatabase::Fault;

class RkiRace : public testing::TestWithParam<Suite> {
 protected:
  TerminalUnderTest make() { return scene.device(GetParam() == Suite::classic ? kClassic : kModern, {GetParam()}); }
  void expect_one_set() {
    EXPECT_EQ(scene.count("SELECT COUNT(*) FROM rki_keys"), 4);
    EXPECT_EQ(scene.count("SELECT COUNT(*) FROM rki_keys WHERE status = 'active'"), 4);
  }
  RkiScene scene;
  TerminalUnderTest device = make();
};
INSTANTIATE_TEST_SUITE_P(Suites, RkiRace, testing::Values(Suite::classic, Suite::modern),
                         [](const auto& info) { return std::string(rki::name_of(info.param)); });

TEST_P(RkiRace, of_downloads_of_one_serial_ends_with_one_set) {
  constexpr int kThreads = 4;
  std::vector<TerminalUnderTest> twins;
  for (int i = 0; i < kThreads; ++i) twins.push_back(make());
  {
    std::vector<std::jthread> threads;
    for (TerminalUnderTest& twin : twins)
      threads.emplace_back([&] { EXPECT_OK(twin.download(scene.exchange(), 1000)); });
  }
  expect_one_set();
  for (const TerminalUnderTest& twin : twins) EXPECT_EQ(scene.disagreement(twin), "");
}

TEST_P(RkiRace, of_one_message_sent_twice_at_once_gives_one_reply) {
  Conversation talk(scene, device);
  talk.until("proof");
  for (const char* route : {"proof", "token", "receipt"}) {
    ASSERT_EQ(talk.route(), route);
    std::vector<std::string> replies(4);
    {
      std::vector<std::jthread> threads;
      for (std::string& reply : replies) threads.emplace_back([&] { reply = must(talk.send()); });
    }
    for (const std::string& reply : replies) EXPECT_EQ(reply, replies[0]);
    talk.take(replies[0]);
  }
  EXPECT_THAT(scene.audited_actions(), ElementsAre("rki.deliver accepted", "rki.receipt accepted"));
}

// The other conversation writes between our snapshot and our write: we meet a conflict and deliver its keys.
TEST_P(RkiRace, that_is_lost_at_the_write_delivers_the_keys_of_the_winner) {
  TerminalUnderTest twin = make();
  Conversation mine(scene, device);
  Conversation theirs(scene, twin);
  mine.until("token");
  theirs.until("token");
  scene.database->interrupt = [&] { theirs.take(must(theirs.send())); };
  mine.take(must(mine.send()));
  EXPECT_FALSE(mine.installed.empty());
  EXPECT_EQ(mine.installed, theirs.installed);
  mine.finish();
  expect_one_set();
}

TEST_P(RkiRace, with_a_denial_is_decided_on_what_stands_at_the_write) {
  const auto deny = [&] { ASSERT_OK(set_denied(*scene.context, "operator:o", device.identity.dsn, true)); };
  for (const bool meanwhile : {false, true}) {  // before the token comes, and between its keys and their write
    SCOPED_TRACE(meanwhile);
    Conversation talk(scene, device);
    talk.until("token");
    if (meanwhile) scene.database->interrupt = deny;
    if (!meanwhile) deny();
    EXPECT_REFUSED(talk.send(), Code::refused, "rki.denied_dsn");
    EXPECT_EQ(scene.count("SELECT COUNT(*) FROM rki_keys"), 0);
    ASSERT_OK(set_denied(*scene.context, "operator:o", device.identity.dsn, false));
  }
}

TEST_P(RkiRace, with_a_failing_database_leaves_the_message_to_be_repeated) {
  Conversation talk(scene, device);
  for (const char* route : {"token", "receipt"}) {
    talk.until(route);
    for (int i = 0; i < 3; ++i) {
      scene.database->next_write = Fault::lost;
      EXPECT_REFUSED(talk.send(), Code::unavailable, "store.io");
    }
    talk.take(must(talk.send()));
  }
  EXPECT_TRUE(talk.finished());
  expect_one_set();
}

TEST_P(RkiRace, with_an_answer_lost_behind_the_commit_does_nothing_twice) {
  Conversation talk(scene, device);
  for (const char* route : {"token", "receipt"}) {
    talk.until(route);
    scene.database->next_write = Fault::answer_lost;
    EXPECT_REFUSED(talk.send(), Code::unavailable, "store.io");
    talk.take(must(talk.send()));
  }
  EXPECT_TRUE(talk.finished());
  expect_one_set();
  EXPECT_EQ(talk.installed.size(), 4U);
  for (const rki::KeyRecord& key : scene.keys_of(device.identity.dsn))
    EXPECT_EQ(scene.stored_key(key, device.identity.dsn), talk.installed.at(key.slot));
}

TEST_P(RkiRace, with_a_database_that_cannot_be_read_leaves_the_message_to_be_repeated) {
  Conversation talk(scene, device);
  scene.database->fail_reads = true;
  EXPECT_REFUSED(talk.send(), Code::unavailable, "store.io");
  scene.database->fail_reads = false;
  talk.until("token");
  scene.database->fail_reads = true;
  EXPECT_REFUSED(talk.send(), Code::unavailable, "store.io");
  scene.database->fail_reads = false;
  talk.finish();
  expect_one_set();
}

TEST_P(RkiRace, with_a_vault_that_is_sealed_meanwhile_leaves_the_message_to_be_repeated) {
  Conversation talk(scene, device);
  talk.until("token");
  scene.opened->vault->seal();
  EXPECT_REFUSED(talk.send(), Code::sealed, "vault.sealed");
  ASSERT_OK(scene.opened->vault->unseal(passphrase()));
  talk.finish();
  expect_one_set();
}

TEST_P(RkiRace, writes_nothing_when_the_audit_trail_cannot_be_written) {
  Conversation talk(scene, device);
  talk.until("token");
  scene.script("CREATE TRIGGER no_audit BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(ABORT, 'no'); END");
  EXPECT_FALSE(talk.send());
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM rki_keys"), 0);
}

TEST(RkiFleet, of_many_terminals_at_once_gives_each_its_own_set) {
  RkiScene scene;
  std::string csv = "serial,model,group,suites\n";
  std::vector<wire::Dsn> serials;
  for (int i = 10; i < 34; ++i) {
    serials.push_back(dsn("TF100000" + std::to_string(i)));
    csv += serials.back().text() + ",M,g," + (i % 4 == 0 ? "classic" : "modern") + "\n";
  }
  must(import_estate(*scene.context, "system", must(parse_estate_csv(csv))));
  std::vector<TerminalUnderTest> devices;
  for (std::size_t i = 0; i < serials.size(); ++i) devices.push_back(scene.device(serials[i], {i % 4 == 2 ? Suite::classic : Suite::modern}));
  std::atomic<std::size_t> next{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 6; ++t)
      threads.emplace_back([&] {
        for (std::size_t i = next++; i < devices.size(); i = next++) EXPECT_OK(devices[i].download(scene.exchange(), 1));
      });
  }
  for (const TerminalUnderTest& each : devices) EXPECT_EQ(scene.disagreement(each), "");
  EXPECT_EQ(must(count_estate(*scene.context)).completed, static_cast<std::int64_t>(devices.size()));
  std::vector<const SecretBytes*> keys;
  for (const TerminalUnderTest& each : devices)
    for (const auto& [slot, held] : each.in_use) keys.push_back(&held.key);
  EXPECT_EQ(keys.size(), devices.size() * 4);
  for (std::size_t i = 0; i < keys.size(); ++i)
    for (std::size_t k = 0; k < i; ++k) EXPECT_FALSE(*keys[i] == *keys[k]) << "two keys are the same";
}

}  // namespace
}  // namespace tf::platform::test
