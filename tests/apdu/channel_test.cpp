// What exchange() does by itself: chaining, GET RESPONSE, another Le.
#include "apdu/channel.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"
#include "wire/encoding.hpp"

namespace tf::apdu {
namespace {

using test::must;

// Gives the answers it was told, one after another, and keeps the commands.
class Scripted final : public Channel {
 public:
  explicit Scripted(std::deque<std::string> answers) : answers_(std::move(answers)) {}
  Result<Bytes> transmit(ByteView command) override {
    sent.push_back(wire::hex_upper(command));
    if (answers_.empty()) return Error{Code::unavailable, "test.gone", "no answer left"};
    const std::string answer = answers_.front();
    answers_.pop_front();
    return wire::from_hex(answer);
  }
  std::vector<std::string> sent;

 private:
  std::deque<std::string> answers_;
};

TEST(Exchange, fetches_the_rest_of_an_answer) {
  Scripted card({"AA6103", "BB6102", "CCDD9000"});
  const ResponseApdu answer = must(exchange(card, {.ins = 0xCB, .p1 = 0x3F, .p2 = 0xFF, .data = {0x5C}, .le = 1}));
  EXPECT_EQ(wire::hex_upper(answer.data), "AABBCCDD");
  EXPECT_TRUE(answer.ok());
  EXPECT_EQ(card.sent, (std::vector<std::string>{"00CB3FFF015C01", "00C0000003", "00C0000002"}));
}

TEST(Exchange, asks_again_with_the_le_it_is_told) {
  Scripted card({"6C02", "AABB9000"});
  EXPECT_EQ(must(exchange(card, {.ins = 0xB0, .le = 256})).data.size(), 2u);
  EXPECT_EQ(card.sent, (std::vector<std::string>{"00B0000000", "00B0000002"}));
}

TEST(Exchange, chains_what_is_long_and_stops_at_a_refusal) {
  Scripted card({"9000", "9000", "63C2"});
  EXPECT_EQ(must(exchange(card, {.ins = 0xDB, .data = Bytes(600, 7)})).status, tries_left(2));
  ASSERT_EQ(card.sent.size(), 3u);
  EXPECT_TRUE(card.sent[0].starts_with("10DB0000FF"));
  EXPECT_TRUE(card.sent[1].starts_with("10DB0000FF"));
  EXPECT_TRUE(card.sent[2].starts_with("00DB00005A"));
  Scripted refusing({"6982"});
  EXPECT_EQ(must(exchange(refusing, {.ins = 0xDB, .data = Bytes(600, 7)})).status, StatusWord::security_status);
  EXPECT_EQ(refusing.sent.size(), 1u);
}

TEST(Exchange, sends_extended_commands_whole) {
  Scripted card({"9000"});
  EXPECT_OK(exchange(card, {.ins = 0xDB, .data = Bytes(600, 7)}, Sizes::extended_apdus));
  EXPECT_TRUE(card.sent[0].starts_with("00DB0000000258"));
}

TEST(Exchange, does_not_fetch_for_ever) {
  Scripted nothing({"6110", "6110"});
  EXPECT_REFUSED(exchange(nothing, {.ins = 0xCB}), Code::malformed, "apdu.response");
  std::deque<std::string> endless;
  for (int i = 0; i < 400; ++i) endless.push_back(wire::hex_upper(Bytes(256, 1)) + "6100");
  Scripted card(std::move(endless));
  EXPECT_REFUSED(exchange(card, {.ins = 0xCB}), Code::malformed, "apdu.answer_too_long");
}

TEST(Exchange, hands_on_that_the_card_is_gone_and_what_is_no_answer) {
  Scripted gone({});
  EXPECT_REFUSED(exchange(gone, {.ins = 0xCB}), Code::unavailable, "test.gone");
  Scripted mute({"90"});
  EXPECT_REFUSED(exchange(mute, {.ins = 0xCB}), Code::malformed, "apdu.response");
  Scripted refusing({"6A82"});
  EXPECT_REFUSED(exchange_ok(refusing, {.ins = 0xCB}), Code::refused, "apdu.status");
}

}  // namespace
}  // namespace tf::apdu
