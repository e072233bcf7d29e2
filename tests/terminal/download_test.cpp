// Whole downloads: parts, interruptions, sets that change, what is saved when.
#include "tests/terminal/scene.hpp"

namespace tf::terminal::test {
namespace {

using rki::Slot;
using rki::Suite;
using testing::ElementsAre;

class Download : public testing::TestWithParam<Suite> {
 protected:
  void take_parts(std::int64_t keys_per_part) { scene.platform.plan.keys_per_part = keys_per_part; }
  Scene scene{{GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(Suites, Download, testing::Values(Suite::classic, Suite::modern),
                         [](const auto& info) { return std::string(rki::name_of(info.param)); });

TEST_P(Download, takes_one_conversation_and_no_pause) {
  const auto report = must(scene.download());
  EXPECT_EQ(report.set, 1);
  EXPECT_EQ(report.keys, 4);
  EXPECT_EQ(report.suite, GetParam());
  EXPECT_EQ(report.conversations, 1);
  EXPECT_EQ(report.retries, 0);
  EXPECT_TRUE(scene.slept.empty());
  EXPECT_TRUE(scene.device.complete());
  EXPECT_THAT(scene.network.routes(), ElementsAre("hello", "proof", "token", "receipt"));
  EXPECT_EQ(scene.disagreement(), "");
}

TEST_P(Download, saves_the_keys_before_the_receipt_leaves_and_again_once_it_is_acknowledged) {
  std::vector<std::string> events;
  scene.save = [&](const Device& device) -> Status {
    events.push_back(device.complete() ? "saved, confirmed" : "saved, unconfirmed");
    EXPECT_EQ(device.keys.size(), 4U);
    for (const StoredKey& key : device.keys) EXPECT_EQ(key.confirmed, device.complete());
    return {};
  };
  scene.network.before_post = [&](std::string_view route) { events.emplace_back(route); };
  must(scene.download());
  EXPECT_THAT(events, ElementsAre("hello", "proof", "token", "saved, unconfirmed", "receipt", "saved, confirmed"));
}

TEST_P(Download, sends_no_receipt_for_keys_it_could_not_save) {
  scene.save = [](const Device&) -> Status { return Error{Code::unavailable, "terminal.store", "the store is full"}; };
  EXPECT_REFUSED(scene.download(), Code::unavailable, "terminal.store");
  EXPECT_THAT(scene.network.routes(), ElementsAre("hello", "proof", "token"));
  EXPECT_TRUE(scene.platform.active_key(kDsn, Slot::pin).empty());
}

TEST_P(Download, of_several_parts_takes_a_conversation_for_each) {
  take_parts(1);
  const auto report = must(scene.download());
  EXPECT_EQ(report.conversations, 4);
  EXPECT_EQ(report.keys, 4);
  EXPECT_EQ(scene.device.parts, 4);
  EXPECT_EQ(scene.device.parts_done, 4);
  EXPECT_EQ(scene.disagreement(), "");
}

TEST_P(Download, interrupted_between_parts_goes_on_where_it_was) {
  take_parts(2);
  scene.patience.attempts = 1;
  scene.network.script = {{}, {}, {}, {}, Event::drop()};
  EXPECT_REFUSED(scene.download(), Code::unavailable, "terminal.gave_up");
  EXPECT_EQ(scene.device.parts_done, 1);
  EXPECT_EQ(scene.disagreement(), "");
  const auto report = must(scene.download());
  EXPECT_EQ(report.conversations, 1) << "the second part only";
  EXPECT_EQ(report.keys, 4);
  EXPECT_EQ(scene.disagreement(), "");
}

TEST_P(Download, again_takes_the_whole_set_again) {
  take_parts(2);
  must(scene.download());
  const auto report = must(scene.download());
  EXPECT_EQ(report.conversations, 2);
  EXPECT_EQ(report.set, 1);
  EXPECT_EQ(scene.device.keys.size(), 4U);
  EXPECT_EQ(scene.disagreement(), "");
}

TEST_P(Download, of_a_renewed_set_replaces_every_key) {
  must(scene.download());
  scene.platform.renew(kDsn, GetParam());
  const auto report = must(scene.download());
  EXPECT_EQ(report.set, 2);
  EXPECT_EQ(scene.device.keys.size(), 4U);
  for (const StoredKey& key : scene.device.keys) EXPECT_EQ(key.version, "02");
  EXPECT_EQ(scene.disagreement(), "");
}

// An operator renews the keys after the device has fetched the first part of a set.
TEST_P(Download, begins_with_the_first_part_of_a_set_that_changed_between_parts) {
  take_parts(2);
  must(scene.download());
  scene.platform.renew(kDsn, GetParam());
  int hellos = 0;
  scene.network.before_post = [&](std::string_view route) {
    if (route == "hello" && ++hellos == 2) scene.platform.renew(kDsn, GetParam());
  };
  scene.save = [&](const Device& device) -> Status {
    // Whatever is saved, every slot has a key in use, and it is the platform's.
    for (const Slot slot : {Slot::tmk, Slot::pin, Slot::mac, Slot::data}) {
      const auto in_use = std::ranges::count_if(device.keys, [&](const StoredKey& key) { return key.slot == slot && key.confirmed; });
      EXPECT_EQ(in_use, 1) << name_of(slot);
    }
    EXPECT_EQ(scene.disagreement(), "");
    return {};
  };
  const auto report = must(scene.download());
  EXPECT_EQ(report.set, 3);
  EXPECT_EQ(report.keys, 4);
  EXPECT_EQ(report.conversations, 4);
  EXPECT_EQ(scene.device.keys.size(), 4U);
  EXPECT_EQ(scene.disagreement(), "");
}

TEST_P(Download, ends_when_the_platform_does_not_prove_itself) {
  scene.platform.tamper = [](const rki::PlatformState&, std::string_view, rki::PlatformStep& step) {
    if (std::holds_alternative<rki::ExpectReceipt>(step.next)) step.reply[step.reply.size() - 4] ^= 1;
  };
  const auto report = scene.download();
  ASSERT_FALSE(report);
  EXPECT_TRUE(report.error().code == Code::refused || report.error().code == Code::malformed) << describe(report.error());
  EXPECT_THAT(scene.network.routes(), ElementsAre("hello", "proof", "token"));
  EXPECT_TRUE(scene.device.keys.empty());
}

TEST_P(Download, keeps_the_keys_it_has_when_a_new_download_fails) {
  must(scene.download());
  scene.platform.renew(kDsn, GetParam());
  scene.patience.attempts = 2;
  scene.network.script = {{}, {}, {}, Event::drop(), Event::drop()};
  EXPECT_REFUSED(scene.download(), Code::unavailable, "terminal.gave_up");
  EXPECT_EQ(scene.disagreement(), "") << "the platform too still counts on the old ones";
  EXPECT_FALSE(scene.device.complete());
  must(scene.download());
  EXPECT_EQ(scene.device.keys.size(), 4U);
  EXPECT_EQ(scene.disagreement(), "");
}

// The receipt arrived, its acknowledgement did not: the platform counts on the new keys, the device still has both.
TEST_P(Download, catches_up_after_an_acknowledgement_that_never_came) {
  must(scene.download());
  scene.platform.renew(kDsn, GetParam());
  scene.patience.attempts = 1;
  scene.network.script = {{}, {}, {}, Event::drop_answer()};
  EXPECT_REFUSED(scene.download(), Code::unavailable, "terminal.gave_up");
  EXPECT_EQ(scene.device.keys.size(), 8U);
  EXPECT_EQ(must(scene.download()).set, 2);
  EXPECT_EQ(scene.device.keys.size(), 4U);
  EXPECT_EQ(scene.disagreement(), "");
}

}  // namespace
}  // namespace tf::terminal::test
