// Two conversations of one terminal that are both past S317: the first to write wins, the other meets a conflict and,
// on a fresh snapshot, delivers the same keys. There is never a second set.
#include "protocols/rki/keys.hpp"
#include "tests/rki/scene.hpp"

namespace tf::rki::test {
namespace {

class Race : public ::testing::TestWithParam<Suite> {
 protected:
  // A conversation of the device that has come to message 5, and the platform's state that waits for it.
  struct Runner {
    TerminalStep device;
    PlatformState platform;
  };
  Runner run_to_token() {
    Runner out{must(begin(scene.terminal.identity, 1, scene.terminal.ports())), Ended{}};
    const Hello hello = must(decode_hello(out.device.send->body));
    PlatformStep at =
        must(on_hello(hello, out.device.send->body, scene.platform.snapshot_for_hello(hello), scene.platform.ports()));
    take(out.device, at.reply);
    at = must(platform_step(at.next, out.device));
    take(out.device, at.reply);
    out.platform = std::move(at.next);
    return out;
  }
  void take(TerminalStep& device, std::string_view reply) {
    device = must(step(std::move(device.next), reply, scene.terminal.identity, scene.terminal.ports()));
  }
  Result<PlatformStep> platform_step(const PlatformState& state, const TerminalStep& device) {
    return step(state, device.send->route, device.send->body, scene.platform.snapshot_for(state),
                scene.platform.ports());
  }

  Scene scene{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Suites, Race, ::testing::Values(Suite::classic, Suite::modern), suite_name);

TEST_P(Race, has_one_winner_and_one_set) {
  Runner a = run_to_token();
  Runner b = run_to_token();
  PlatformStep first = must(platform_step(a.platform, a.device));
  PlatformStep second = must(platform_step(b.platform, b.device));  // read before the first has written
  ASSERT_EQ(first.writes.new_keys.size(), 4U);
  ASSERT_EQ(second.writes.new_keys.size(), 4U);
  EXPECT_OK(scene.platform.perform(kDsn, first.writes));
  const Status overtaken = scene.platform.perform(kDsn, second.writes);
  EXPECT_REASON(overtaken, "rki.overtaken");
  EXPECT_EQ(overtaken.error().code, Code::conflict);

  second = must(platform_step(b.platform, b.device));  // the same state, once more
  EXPECT_TRUE(second.writes.new_keys.empty());
  EXPECT_OK(scene.platform.perform(kDsn, second.writes));
  EXPECT_EQ(scene.platform.sets_of(kDsn), 1);

  take(a.device, first.reply);
  take(b.device, second.reply);
  ASSERT_TRUE(a.device.install && b.device.install);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(a.device.install->keys[i].key, b.device.install->keys[i].key);
    EXPECT_EQ(a.device.install->keys[i].header, b.device.install->keys[i].header);
  }
  EXPECT_EQ(scene.platform.broken_promise(), "");
}

TEST_P(Race, supersedes_the_conversation_that_proved_itself_before) {
  int exchanges = 0;

  const Exchange interrupted = [&](std::string_view route, const std::string& body) {
    if (++exchanges == 4) EXPECT_OK(scene.device(kDsn, {GetParam()}).converse(1, scene.platform.exchange()));
    return scene.platform.handle(route, body);
  };
  EXPECT_REASON(scene.terminal.converse(1, interrupted), "rki.superseded");
  EXPECT_OK(scene.terminal.download(scene.platform.exchange(), 1));
  EXPECT_EQ(scene.platform.sets_of(kDsn), 1);
  scene.expect_agreement();
}

TEST_P(Race, refuses_the_receipt_of_a_set_that_was_superseded) {
  Runner a = run_to_token();
  PlatformStep delivered = must(platform_step(a.platform, a.device));
  EXPECT_OK(scene.platform.perform(kDsn, delivered.writes));
  take(a.device, delivered.reply);
  scene.platform.renew(kDsn, GetParam());
  EXPECT_OK(scene.terminal.download(scene.platform.exchange(), 1));

  const PlatformStep receipt = must(platform_step(delivered.next, a.device));
  EXPECT_REASON(scene.platform.perform(kDsn, receipt.writes), "rki.overtaken");
  EXPECT_EQ(scene.platform.broken_promise(), "");
  scene.expect_agreement();
}

}  // namespace
}  // namespace tf::rki::test
