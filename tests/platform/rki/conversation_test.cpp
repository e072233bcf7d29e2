// Conversations that get into each other's way, grow old, or are one too many.
#include "platform/zones.hpp"
#include "tests/platform/conversation.hpp"

namespace tf::platform::test {
namespace {

using rki::Suite;
using testing::ElementsAre;

class RkiConversation : public testing::Test {
 protected:
  RkiScene scene;
  TerminalUnderTest device = scene.device(kModern, {Suite::modern});
};

TEST_F(RkiConversation, is_superseded_by_a_newer_one_that_proved_itself) {
  Conversation older(scene, device);
  older.until("receipt");
  Conversation newer(scene, device);
  newer.until("receipt");
  scene.mark();
  EXPECT_REFUSED(older.send(), Code::conflict, "rki.superseded");
  EXPECT_REFUSED(older.send(), Code::conflict, "rki.superseded");
  newer.finish();
  EXPECT_THAT(scene.audited_actions(), ElementsAre("rki.receipt refused rki.superseded", "rki.receipt refused rki.superseded",
                                                   "rki.receipt accepted"));
}

TEST_F(RkiConversation, is_not_disturbed_by_one_that_has_proved_nothing) {
  Conversation first(scene, device);
  first.until("receipt");
  Conversation stranger(scene, device);
  stranger.until("token");
  first.finish();
  EXPECT_EQ(must(show_terminal(*scene.context, kModern)).completed_set, 1);
}

TEST_F(RkiConversation, that_proves_itself_later_wins_although_it_began_earlier) {
  Conversation slow(scene, device);
  slow.until("token");
  Conversation quick(scene, device);
  quick.until("receipt");
  slow.until("receipt");
  EXPECT_REFUSED(quick.send(), Code::conflict, "rki.superseded");
  slow.finish();
}

TEST_F(RkiConversation, of_another_terminal_is_left_alone) {
  auto other = scene.device(kBoth, {Suite::modern});
  Conversation mine(scene, device);
  mine.until("receipt");
  Conversation(scene, other).finish();
  mine.finish();
}

TEST_F(RkiConversation, ends_after_its_life) {
  for (const char* route : {"proof", "token", "receipt"}) {
    Conversation talk(scene, device);
    talk.until(route);
    scene.clock.set(scene.clock.now_ms() + scene.settings.conversation_life_ms);
    EXPECT_REFUSED(talk.send(), Code::conflict, "rki.session_unknown");
  }
  EXPECT_EQ(scene.service->open_conversations(), 0U);
}

TEST_F(RkiConversation, one_too_many_is_told_to_come_later) {
  scene.settings.conversations = 2;
  scene.restart();
  Conversation first(scene, device);
  Conversation second(scene, device);
  Conversation third(scene, device);
  first.until("proof");
  second.until("proof");
  EXPECT_REFUSED(third.send(), Code::overloaded, "platform.conversations_full");
  first.finish();
  scene.clock.set(scene.clock.now_ms() + 10'000);
  third.finish();
}

TEST_F(RkiConversation, has_one_try_to_prove_itself) {
  Conversation talk(scene, device);
  talk.until("proof");
  std::string forged = talk.body();
  const std::size_t mac = forged.rfind("\"mac\":\"") + 7;
  forged[mac] = forged[mac] == 'A' ? 'B' : 'A';
  EXPECT_REFUSED(scene.handle("proof", forged), Code::refused, "rki.wrong_dik2");
  EXPECT_REFUSED(talk.send(), Code::refused, "rki.out_of_order");
  EXPECT_THAT(scene.audited_actions(), ElementsAre("rki.proof refused rki.wrong_dik2", "rki.proof refused rki.out_of_order"));
}

TEST_F(RkiConversation, takes_its_messages_in_order_only) {
  Conversation talk(scene, device);
  talk.until("proof");
  EXPECT_REFUSED(scene.handle("receipt", talk.body()), Code::refused, "rki.out_of_order");
  EXPECT_REFUSED(talk.send(), Code::refused, "rki.out_of_order");
  Conversation again(scene, device);
  again.until("token");
  EXPECT_REFUSED(scene.handle("no-such-route", again.body()), Code::refused, "rki.out_of_order");
}

TEST_F(RkiConversation, does_not_repeat_a_reply_for_the_same_bytes_on_another_route) {
  Conversation talk(scene, device);
  talk.until("proof");
  const std::string body = talk.body();
  must(talk.send());
  EXPECT_REFUSED(scene.handle("token", body), Code::malformed, "wire.json_member");
}

TEST_F(RkiConversation, goes_on_with_the_keys_that_were_current_when_it_was_proved) {
  Conversation talk(scene, device);
  talk.until("receipt");
  must(renew_keys(*scene.context, "operator:o", kModern));
  talk.finish();
  EXPECT_EQ(must(show_terminal(*scene.context, kModern)).completed_set, 1);
  Conversation(scene, device).finish();
  EXPECT_EQ(must(show_terminal(*scene.context, kModern)).completed_set, 2);
}

// The older set was activated nowhere, and must not become active after the newer one is.
TEST_F(RkiConversation, cannot_activate_a_set_that_a_newer_one_has_replaced) {
  auto twin = scene.device(kModern, {Suite::modern});
  Conversation old_set(scene, device);
  old_set.until("receipt");
  must(renew_keys(*scene.context, "operator:o", kModern));
  must(scene.opened->database->write([](store::Session& session) -> Status {
    TF_TRY(session.execute("UPDATE rki_keys SET status = CASE WHEN set_no = 2 THEN 'active' ELSE 'superseded' END"));
    return {};
  }));
  scene.mark();
  EXPECT_REFUSED(old_set.send(), Code::conflict, "rki.overtaken");
  EXPECT_THAT(scene.audited_actions(), ElementsAre("rki.receipt refused rki.overtaken"));
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM rki_keys WHERE status = 'active' AND set_no = 1"), 0);
}

}  // namespace
}  // namespace tf::platform::test
