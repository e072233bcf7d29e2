// Commands pass as they came, answers as they are.
#include "terminal/cardsign/relay.hpp"

#include "tests/support/expect.hpp"
#include "tests/terminal_cardsign/site.hpp"

namespace tf::terminal::test {
namespace {

struct Relay : testing::Test {
  tf::test::FixedClock clock;
  tf::test::ScriptedPcsc pcsc{clock};
  CardInReach card;
  void SetUp() override {
    pcsc.readers[kReader] = {.card = true};
    auto channel = pcsc::PcscChannel::open(pcsc, kReader).value();
    auto* raw = channel.get();
    card = {.channel = std::move(channel), .hold = [raw] { return raw->hold(); }, .name = kReader};
  }
};

const std::vector<Bytes> kBatch = {{0x00, 0xA4, 0x04, 0x00}, {0x80, 0xCA, 0x00, 0xC1, 0x00}, {0x80, 0x20, 0x00, 0x00, 0x00}};

TEST_F(Relay, carries_a_batch_in_one_transaction_and_changes_nothing) {
  pcsc.readers[kReader].answer = [this](ByteView command) {
    EXPECT_EQ(pcsc.held, 1);
    return Bytes{command[1], 0x90, 0x00};
  };
  const auto carried = carry_out(card, kBatch);
  ASSERT_OK(carried);
  EXPECT_EQ(pcsc.sent, kBatch);
  EXPECT_EQ(carried->answers, (std::vector<Bytes>{{0xA4, 0x90, 0x00}, {0xCA, 0x90, 0x00}, {0x20, 0x90, 0x00}}));
  EXPECT_EQ(pcsc.transactions, 1);
  EXPECT_EQ(pcsc.held, 0);
}

TEST_F(Relay, leaves_out_what_follows_an_answer_other_than_9000) {
  pcsc.readers[kReader].answer = [](ByteView command) { return command[1] == 0xCA ? Bytes{0x6A, 0x82} : Bytes{0x90, 0x00}; };
  const auto carried = carry_out(card, kBatch);
  ASSERT_OK(carried);
  EXPECT_EQ(carried->answers, (std::vector<Bytes>{{0x90, 0x00}, {0x6A, 0x82}}));
  EXPECT_EQ(pcsc.sent.size(), 2U);
}

TEST_F(Relay, fetches_what_a_card_still_has_and_hands_it_on_as_one_answer) {
  int fetched = 0;
  pcsc.readers[kReader].answer = [&](ByteView command) {
    if (command[1] != 0xC0) return Bytes{0x01, 0x61, 0x02};
    EXPECT_EQ(to_bytes(command), (Bytes{0x00, 0xC0, 0x00, 0x00, 0x02}));
    return ++fetched == 1 ? Bytes{0x02, 0x03, 0x61, 0x02} : Bytes{0x04, 0x05, 0x90, 0x00};
  };
  const auto carried = carry_out(card, {kBatch[1]});
  ASSERT_OK(carried);
  EXPECT_EQ(carried->answers, (std::vector<Bytes>{{0x01, 0x02, 0x03, 0x04, 0x05, 0x90, 0x00}}));
}

TEST_F(Relay, does_not_follow_a_card_that_never_ends) {
  pcsc.readers[kReader].answer = [](ByteView) {
    Bytes out(256, 0xAA);
    out.insert(out.end(), {0x61, 0x00});
    return out;
  };
  EXPECT_REFUSED(carry_out(card, {kBatch[1]}), Code::malformed, "apdu.answer_too_long");
  pcsc.readers[kReader].answer = [](ByteView) { return Bytes{0x61, 0x10}; };
  EXPECT_REFUSED(carry_out(card, {kBatch[1]}), Code::malformed, "apdu.response");
}

TEST_F(Relay, says_that_the_card_is_gone_in_the_middle_and_gives_none_of_the_answers) {
  pcsc.before_transmit = [this](int nth) {
    if (nth == 2) pcsc.pull_card(kReader);
  };
  const auto carried = carry_out(card, kBatch);
  ASSERT_OK(carried);
  ASSERT_TRUE(carried->gone);
  EXPECT_STREQ(carried->gone->reason, "pcsc.removed");
  EXPECT_TRUE(carried->answers.empty());
  EXPECT_EQ(pcsc.held, 0);
}

TEST_F(Relay, a_reset_by_another_program_ends_it_too) {
  pcsc.before_transmit = [this](int nth) {
    if (nth == 2) pcsc.reset_card();
  };
  const auto carried = carry_out(card, kBatch);
  ASSERT_OK(carried);
  ASSERT_TRUE(carried->gone);
  EXPECT_STREQ(carried->gone->reason, "pcsc.reset");
}

TEST_F(Relay, a_command_without_a_header_is_not_sent) {
  EXPECT_REFUSED(carry_out(card, {Bytes{0x00, 0xA4, 0x04}}), Code::malformed, "apdu.command");
  EXPECT_TRUE(pcsc.sent.empty());
}

}  // namespace
}  // namespace tf::terminal::test
