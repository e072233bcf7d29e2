// S323 and S324: what a side needed for one message is gone with it.
#include "tests/rki/scene.hpp"
#include "wire/encoding.hpp"

namespace tf::rki::test {
namespace {

bool wiped(ByteView bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

class Erasure : public ::testing::TestWithParam<Suite> {
 protected:
  Scene scene{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Suites, Erasure, ::testing::Values(Suite::classic, Suite::modern), suite_name);

TEST_P(Erasure, leaves_nothing_in_the_states_after_a_download) {
  EXPECT_OK(scene.terminal.download(scene.platform.exchange(), 1));
  ASSERT_EQ(scene.platform.conversations.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<Ended>(scene.platform.conversations.begin()->second.state));
}

TEST_P(Erasure, consumes_the_secrets_of_each_state_of_the_device) {
  const TerminalPorts ports = scene.terminal.ports();
  const Identity& identity = scene.terminal.identity;
  TerminalStep at = must(begin(identity, 1, ports));
  int looked_at = 0;
  while (at.send) {
    const std::string body = must(scene.platform.handle(at.send->route, at.send->body));
    TerminalStep next = must(step(std::move(at.next), body, identity, ports));
    // NOLINTBEGIN(bugprone-use-after-move): what was moved from is looked at on purpose
    if (const auto* token = std::get_if<AwaitingToken>(&at.next); token != nullptr && token->k) {
      EXPECT_TRUE(wiped(token->k->reveal()));
      ++looked_at;
    }
    if (const auto* delivery = std::get_if<AwaitingDelivery>(&at.next)) {
      EXPECT_TRUE(delivery->tk.empty());
      ++looked_at;
    }
    if (const auto* ack = std::get_if<AwaitingAck>(&at.next)) {
      EXPECT_TRUE(ack->tk.empty());
      ++looked_at;
    }
    // NOLINTEND(bugprone-use-after-move)
    at = std::move(next);
  }
  EXPECT_TRUE(std::holds_alternative<Finished>(at.next));
  EXPECT_EQ(looked_at, GetParam() == Suite::modern ? 3 : 2);
}

TEST_P(Erasure, ends_the_conversation_of_a_device_that_fails_its_proof) {
  const Exchange forged = [&](std::string_view route, const std::string& body) {
    if (route != "token") return scene.platform.handle(route, body);
    return scene.platform.handle(route, std::string(body).replace(body.find("\"token\":\"") + 20, 1, "!"));
  };
  EXPECT_FALSE(scene.terminal.converse(1, forged).has_value());
  EXPECT_TRUE(std::holds_alternative<Ended>(scene.platform.conversations.begin()->second.state));
  EXPECT_TRUE(scene.platform.actions.empty());
}

TEST_P(Erasure, puts_no_key_into_what_is_audited) {
  std::string audited;
  scene.platform.tamper = [&](const PlatformState&, std::string_view, PlatformStep& step) {
    audited += step.writes.detail;
  };
  EXPECT_OK(scene.terminal.download(scene.platform.exchange(), 1));
  for (const auto& [slot, key] : scene.terminal.in_use) {
    EXPECT_THAT(audited, ::testing::HasSubstr(key.kcv));
    EXPECT_THAT(audited, ::testing::Not(::testing::HasSubstr(wire::hex_upper(key.key.reveal().first(8)))));
    EXPECT_THAT(audited, ::testing::Not(::testing::HasSubstr(wire::base64url(key.key.reveal().first(9)))));
  }
}

}  // namespace
}  // namespace tf::rki::test
