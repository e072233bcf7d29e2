// The network and the platform at their worst: what is repeated, what is begun again, what is given up.
#include "tests/terminal/scene.hpp"

namespace tf::terminal::test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::Le;

class Network : public testing::Test {
 protected:
  void expect_same_body(std::size_t a, std::size_t b) { EXPECT_EQ(scene.network.posted[a], scene.network.posted[b]); }
  Scene scene;
};

TEST_F(Network, that_drops_every_message_once_only_costs_repetitions) {
  for (int i = 0; i < 4; ++i) {
    scene.network.script.push_back(Event::drop());
    scene.network.script.push_back({});
  }
  const auto report = must(scene.download());
  EXPECT_EQ(report.retries, 4);
  EXPECT_EQ(report.conversations, 1);
  ASSERT_EQ(scene.network.posted.size(), 8U);
  for (std::size_t i = 0; i < 8; i += 2) expect_same_body(i, i + 1);
  EXPECT_EQ(scene.disagreement(), "");
}

TEST_F(Network, that_drops_every_answer_once_only_costs_repetitions) {
  for (int i = 0; i < 4; ++i) {
    scene.network.script.push_back(Event::drop_answer());
    scene.network.script.push_back({});
  }
  const auto report = must(scene.download());
  EXPECT_EQ(report.retries, 4);
  EXPECT_EQ(scene.platform.actions, (std::vector<std::string>{"rki.deliver", "rki.receipt"}));
  EXPECT_EQ(scene.disagreement(), "");
}

TEST_F(Network, waits_as_long_as_the_platform_asks) {
  scene.network.script = {Event::answer(503, 30'000), {}, Event::answer(503, 1), Event::answer(429, 7'000), {}, Event::answer(503)};
  must(scene.download());
  ASSERT_EQ(scene.slept.size(), 4U);
  EXPECT_EQ(scene.slept[0], 30'000);
  EXPECT_GE(scene.slept[1], 200) << "less than our own pause was asked for";
  EXPECT_EQ(scene.slept[2], 7'000);
  EXPECT_LT(scene.slept[3], 10'000);
}

TEST_F(Network, repeats_a_message_when_the_platform_cannot_answer_now) {
  for (const int status : {408, 429, 500, 502, 503, 504}) {
    scene.network.posted.clear();
    scene.network.script = {{}, Event::answer(status)};
    EXPECT_EQ(must(scene.download()).retries, 1) << status;
    EXPECT_THAT(scene.network.routes(), ElementsAre("hello", "proof", "proof", "token", "receipt"));
    expect_same_body(1, 2);
  }
}

TEST_F(Network, waits_longer_each_time_up_to_a_limit) {
  scene.patience = {.attempts = 12, .first_wait_ms = 100, .longest_wait_ms = 2'000, .sleep_ms = scene.patience.sleep_ms};
  for (int i = 0; i < 11; ++i) scene.network.script.push_back(Event::drop());
  must(scene.download());
  ASSERT_EQ(scene.slept.size(), 11U);
  std::int64_t full = 100;
  for (const std::int64_t pause : scene.slept) {
    EXPECT_THAT(pause, testing::AllOf(Ge(full / 2), Le(full)));
    full = std::min<std::int64_t>(full * 2, 2'000);
  }
}

TEST_F(Network, begins_again_when_the_platform_forgot_the_conversation) {
  for (const std::size_t at : {1U, 2U, 3U}) {
    scene.network.posted.clear();
    scene.network.script.assign(at, {});
    scene.network.script.push_back(Event::answer(409));
    const auto report = must(scene.download());
    EXPECT_EQ(report.conversations, 2);
    EXPECT_EQ(report.retries, 1);
    EXPECT_EQ(scene.network.posted[at + 1].first, "hello");
    EXPECT_NE(scene.network.posted[at + 1].second, scene.network.posted[0].second) << "a fresh nonce";
    EXPECT_EQ(scene.platform.sets_of(kDsn), 1);
    EXPECT_EQ(scene.disagreement(), "");
  }
}

TEST_F(Network, does_not_begin_again_without_end) {
  scene.patience.attempts = 5;
  for (int i = 0; i < 5; ++i) {
    scene.network.script.push_back({});
    scene.network.script.push_back(Event::answer(409));
  }
  EXPECT_REFUSED(scene.download(), Code::unavailable, "terminal.gave_up");
  EXPECT_EQ(scene.slept.size(), 4U);
}

TEST_F(Network, gives_up_when_the_platform_refuses) {
  for (const int status : {400, 401, 403, 404, 405, 413, 301, 204}) {
    for (const std::size_t at : {0U, 1U, 2U, 3U}) {
      scene.network.posted.clear();
      scene.network.script.assign(at, {});
      scene.network.script.push_back(Event::answer(status));
      EXPECT_REFUSED(scene.download(), Code::refused, "terminal.refused");
      EXPECT_EQ(scene.network.posted.size(), at + 1) << status;
    }
  }
  EXPECT_TRUE(scene.slept.empty());
}

TEST_F(Network, gives_up_when_the_other_end_is_not_the_platform) {
  scene.network.script = {Event::fail({Code::refused, "net.tls_untrusted", "another root"})};
  EXPECT_REFUSED(scene.download(), Code::refused, "net.tls_untrusted");
  EXPECT_EQ(scene.network.posted.size(), 1U);
  EXPECT_TRUE(scene.slept.empty());
}

TEST_F(Network, gives_up_on_replies_that_are_none) {
  for (const char* reply : {"", "{", "{}", "[]", "null", "<html></html>", R"({"session":"x"})"}) {
    for (const std::size_t at : {0U, 1U, 2U, 3U}) {
      scene.network.posted.clear();
      scene.network.script.assign(at, {});
      scene.network.script.push_back(Event::reply(reply));
      const auto report = scene.download();
      ASSERT_FALSE(report);
      EXPECT_TRUE(report.error().code == Code::malformed || report.error().code == Code::refused) << reply << ": " << describe(report.error());
      EXPECT_EQ(scene.network.posted.size(), at + 1) << reply;
      for (const StoredKey& key : scene.device.keys) EXPECT_FALSE(key.confirmed);
    }
  }
}

TEST_F(Network, loses_patience_after_so_many_attempts) {
  scene.patience.attempts = 3;
  scene.network.script.assign(10, Event::drop());
  const auto report = scene.download();
  EXPECT_REFUSED(report, Code::unavailable, "terminal.gave_up");
  EXPECT_THAT(report.error().detail, testing::HasSubstr("net.lost"));
  EXPECT_EQ(scene.network.posted.size(), 3U);
  EXPECT_EQ(scene.slept.size(), 2U);
}

TEST_F(Network, has_new_patience_after_progress) {
  scene.platform.plan.keys_per_part = 1;
  scene.patience.attempts = 3;
  for (int part = 0; part < 4; ++part) {
    for (const Event& event : {Event::drop(), Event(), Event::answer(503), Event(), Event(), Event()}) scene.network.script.push_back(event);
  }
  const auto report = must(scene.download());
  EXPECT_EQ(report.retries, 8);
  EXPECT_EQ(scene.disagreement(), "");
}

TEST_F(Network, has_no_new_patience_without_progress) {
  scene.patience.attempts = 3;
  scene.network.script = {Event::drop(), {}, Event::drop(), {}, Event::drop()};
  EXPECT_REFUSED(scene.download(), Code::unavailable, "terminal.gave_up");
}

TEST_F(Network, without_a_message_that_passes_leaves_the_device_as_it_was) {
  scene.network.script.assign(8, Event::drop());
  EXPECT_FALSE(scene.download());
  EXPECT_TRUE(scene.device.keys.empty());
  EXPECT_EQ(scene.device.parts, 0);
}

}  // namespace
}  // namespace tf::terminal::test
