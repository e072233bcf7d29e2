// What the service refuses, with the exact reason in the audit trail, and how many refusals are written at all.
#include "tests/platform/conversation.hpp"

namespace tf::platform::test {
namespace {

using rki::Suite;
using testing::ElementsAre;

class RkiRefusals : public testing::Test {
 protected:
  // The hello of a device with that serial, whoever made its identity.
  Result<std::string> hello(const wire::Dsn& as, std::vector<Suite> suites) {
    auto device = scene.device(kBoth, std::move(suites));
    device.identity.dsn = as;
    Conversation talk(scene, device);
    return talk.send();
  }
  RkiScene scene;
};

TEST_F(RkiRefusals, name_an_unknown_serial) {
  EXPECT_REFUSED(hello(dsn("TF10000077"), {Suite::classic}), Code::refused, "rki.unknown_dsn");
  const auto entries = scene.audited();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].action, "rki.hello");
  EXPECT_EQ(entries[0].actor, "terminal:TF10000077");
  EXPECT_EQ(entries[0].subject, "TF10000077");
  EXPECT_EQ(entries[0].outcome, "refused");
  EXPECT_EQ(entries[0].reason, "rki.unknown_dsn");
  EXPECT_EQ(entries[0].detail, R"({"suppressed":0})");
}

TEST_F(RkiRefusals, name_a_denied_terminal_at_hello) {
  ASSERT_OK(set_denied(*scene.context, "operator:o", kBoth, true));
  scene.mark();
  EXPECT_REFUSED(hello(kBoth, {Suite::modern}), Code::refused, "rki.denied_dsn");
  EXPECT_THAT(scene.audited_actions(), ElementsAre("rki.hello refused rki.denied_dsn"));
  EXPECT_EQ(scene.service->open_conversations(), 0U);
}

TEST_F(RkiRefusals, catch_a_terminal_that_is_denied_between_hello_and_token) {
  auto device = scene.device(kBoth, {Suite::modern});
  Conversation talk(scene, device);
  talk.until("token");
  ASSERT_OK(set_denied(*scene.context, "operator:o", kBoth, true));
  scene.mark();
  EXPECT_REFUSED(talk.send(), Code::refused, "rki.denied_dsn");
  EXPECT_THAT(scene.audited_actions(), ElementsAre("rki.token refused rki.denied_dsn"));
  EXPECT_TRUE(scene.keys_of(kBoth).empty());
  ASSERT_OK(set_denied(*scene.context, "operator:o", kBoth, false));
  EXPECT_REFUSED(talk.send(), Code::refused, "rki.out_of_order");
}

TEST_F(RkiRefusals, name_a_suite_the_policy_does_not_hold) {
  EXPECT_REFUSED(hello(kClassic, {Suite::modern}), Code::refused, "rki.no_common_suite");
  EXPECT_REFUSED(hello(kModern, {Suite::classic}), Code::refused, "rki.no_common_suite");
  EXPECT_THAT(scene.audited_actions(), ElementsAre("rki.hello refused rki.no_common_suite", "rki.hello refused rki.no_common_suite"));
}

TEST_F(RkiRefusals, name_a_device_certificate_that_is_for_another_serial) {
  EXPECT_REFUSED(hello(kModern, {Suite::modern}), Code::refused, "pki.dsn_out_of_range");
  EXPECT_THAT(scene.audited_actions(), ElementsAre("rki.hello refused pki.dsn_out_of_range"));
}

TEST_F(RkiRefusals, name_a_serial_without_a_batch) {
  must(import_estate(*scene.context, "system", must(parse_estate_csv("serial,model,group,suites\nTF10000999,M,g,classic\n"))));
  auto device = scene.device(kBoth, {Suite::classic});
  device.identity.dsn = dsn("TF10000999");
  scene.mark();
  Conversation talk(scene, device);
  talk.until("proof");
  EXPECT_REFUSED(talk.send(), Code::refused, "rki.no_dik1");
  EXPECT_THAT(scene.audited_actions(), ElementsAre("rki.proof refused rki.no_dik1"));
}

TEST_F(RkiRefusals, name_a_serial_that_no_work_certificate_serves) {
  must(import_estate(*scene.context, "system", must(parse_estate_csv("serial,model,group,suites\nZZ00000001,M,g,classic\n"))));
  EXPECT_REFUSED(hello(dsn("ZZ00000001"), {Suite::classic}), Code::refused, "rki.no_work_certificate");
}

TEST_F(RkiRefusals, do_not_name_anybody_when_a_message_cannot_be_read) {
  EXPECT_REFUSED(scene.handle("hello", "{"), Code::malformed, "wire.json_syntax");
  EXPECT_EQ(scene.handle("proof", "{}").error().code, Code::malformed);
  EXPECT_REFUSED(scene.handle("proof", R"({"session":"AAAAAAAAAAAAAAAAAAAAAA"})"), Code::conflict, "rki.session_unknown");
  const auto entries = scene.audited();
  ASSERT_EQ(entries.size(), 3U);
  for (const AuditLine& line : entries) {
    EXPECT_EQ(line.actor, "terminal:unknown");
    EXPECT_EQ(line.subject, "");
    EXPECT_EQ(line.outcome, "refused");
  }
  EXPECT_EQ(entries[2].reason, "rki.session_unknown");
}

TEST_F(RkiRefusals, of_a_key_the_device_should_not_have_say_which_proof_failed) {
  auto device = scene.device(kModern, {Suite::modern});
  device.identity.modern_dik2 = Secret<32>();
  Conversation talk(scene, device);
  talk.until("proof");
  EXPECT_REFUSED(talk.send(), Code::refused, "rki.wrong_dik2");
  EXPECT_THAT(scene.audited_actions(), ElementsAre("rki.proof refused rki.wrong_dik2"));
}

TEST(RkiSampling, writes_some_refusals_and_counts_the_rest) {
  RkiScene scene({.burst = 3, .per_second = 1});
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(scene.handle("hello", "{"));
  EXPECT_EQ(scene.audited().size(), 3U);
  EXPECT_EQ(scene.refusals.suppressed_total(), 47U);
  scene.clock.set(scene.clock.now_ms() + 1'000);
  EXPECT_FALSE(scene.handle("hello", "{"));
  const auto entries = scene.audited();
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_EQ(entries[3].detail, R"({"suppressed":47})");
  // All of them are in the metrics.
  EXPECT_THAT(scene.opened->metrics.render(), testing::HasSubstr("trustferry_rki_refusals_total 51"));
}

TEST(RkiSampling, counts_a_refusal_that_could_not_be_written_to_the_next_one) {
  RkiScene scene;
  scene.script("CREATE TRIGGER no_audit BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(ABORT, 'no'); END");
  EXPECT_FALSE(scene.handle("hello", "{"));
  EXPECT_TRUE(scene.audited().empty());
  scene.script("DROP TRIGGER no_audit");
  EXPECT_FALSE(scene.handle("hello", "{"));
  const auto entries = scene.audited();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].detail, R"({"suppressed":1})");
}

TEST(RkiSampling, never_holds_back_what_was_done) {
  RkiScene scene({.burst = 0, .per_second = 0});
  auto device = scene.device(kModern, {Suite::modern});
  ASSERT_OK(device.download(scene.exchange(), 1));
  EXPECT_THAT(scene.audited_actions(), ElementsAre("rki.deliver accepted", "rki.receipt accepted"));
}

}  // namespace
}  // namespace tf::platform::test
