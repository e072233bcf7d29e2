// One card and what happens to it in the middle.
#include "pcsc/channel.hpp"

#include "tests/pcsc/scripted.hpp"
#include "tests/support/expect.hpp"

namespace tf::test {
namespace {

const Bytes kCommand = {0x00, 0xCA, 0x00, 0xC1, 0x00};

struct Channel : testing::Test {
  FixedClock clock;
  ScriptedPcsc pcsc{clock};
  void SetUp() override { pcsc.readers["R"] = {.card = true}; }
};

TEST_F(Channel, passes_command_and_answer_unchanged) {
  pcsc.readers["R"].answer = [](ByteView command) {
    Bytes out = to_bytes(command);
    out.insert(out.end(), {0x6A, 0x82});
    return out;
  };
  const auto channel = pcsc::PcscChannel::open(pcsc, "R");
  ASSERT_OK(channel);
  const auto answer = (*channel)->transmit(kCommand);
  ASSERT_OK(answer);
  EXPECT_EQ(*answer, (Bytes{0x00, 0xCA, 0x00, 0xC1, 0x00, 0x6A, 0x82}));
  EXPECT_EQ(pcsc.sent, std::vector<Bytes>{kCommand});
}

TEST_F(Channel, says_what_keeps_it_from_the_card) {
  EXPECT_REFUSED(pcsc::PcscChannel::open(pcsc, "other"), Code::unavailable, "pcsc.no_reader");
  pcsc.readers["R"].exclusive = true;
  EXPECT_REFUSED(pcsc::PcscChannel::open(pcsc, "R"), Code::conflict, "pcsc.in_use");
  pcsc.readers["R"] = {.card = true, .mute = true};
  EXPECT_REFUSED(pcsc::PcscChannel::open(pcsc, "R"), Code::unavailable, "pcsc.unresponsive");
  pcsc.readers["R"] = {};
  EXPECT_REFUSED(pcsc::PcscChannel::open(pcsc, "R"), Code::unavailable, "pcsc.no_card");
  pcsc.service = false;
  EXPECT_REFUSED(pcsc::PcscChannel::open(pcsc, "R"), Code::unavailable, "pcsc.no_service");
}

TEST_F(Channel, tells_a_card_pulled_out_from_one_reset_by_another_and_from_a_reader_unplugged) {
  auto channel = pcsc::PcscChannel::open(pcsc, "R").value();
  EXPECT_OK(channel->transmit(kCommand));
  pcsc.pull_card("R");
  EXPECT_REFUSED(channel->transmit(kCommand), Code::unavailable, "pcsc.removed");
  EXPECT_REFUSED(channel->hold(), Code::unavailable, "pcsc.removed");
  pcsc.readers["R"].card = true;
  channel = pcsc::PcscChannel::open(pcsc, "R").value();
  pcsc.reset_card();
  EXPECT_REFUSED(channel->transmit(kCommand), Code::unavailable, "pcsc.reset");
  channel = pcsc::PcscChannel::open(pcsc, "R").value();
  EXPECT_OK(channel->transmit(kCommand));
  pcsc.pull_reader("R");
  EXPECT_REFUSED(channel->transmit(kCommand), Code::unavailable, "pcsc.no_reader");
}

TEST_F(Channel, a_reset_of_its_own_makes_it_good_again) {
  auto channel = pcsc::PcscChannel::open(pcsc, "R").value();
  pcsc.reset_card();
  EXPECT_REFUSED(channel->transmit(kCommand), Code::unavailable, "pcsc.reset");
  EXPECT_OK(channel->reset());
  EXPECT_OK(channel->transmit(kCommand));
  EXPECT_EQ(pcsc.resets, 1);
  pcsc.pull_card("R");
  EXPECT_REFUSED(channel->reset(), Code::unavailable, "pcsc.removed");
}

TEST_F(Channel, a_service_that_stops_in_the_middle_is_told) {
  auto channel = pcsc::PcscChannel::open(pcsc, "R").value();
  pcsc.service = false;
  EXPECT_REFUSED(channel->transmit(kCommand), Code::unavailable, "pcsc.no_service");
}

TEST_F(Channel, an_answer_without_a_status_word_is_malformed) {
  pcsc.readers["R"].answer = [](ByteView) { return Bytes{0x90}; };
  auto channel = pcsc::PcscChannel::open(pcsc, "R").value();
  EXPECT_REFUSED(channel->transmit(kCommand), Code::malformed, "apdu.response");
}

TEST_F(Channel, holds_the_card_for_a_batch_and_gives_it_back_whatever_happens) {
  auto channel = pcsc::PcscChannel::open(pcsc, "R").value();
  {
    const auto held = channel->hold();
    ASSERT_OK(held);
    EXPECT_EQ(pcsc.held, 1);
    pcsc.pull_card("R");
    EXPECT_REFUSED(channel->transmit(kCommand), Code::unavailable, "pcsc.removed");
  }
  EXPECT_EQ(pcsc.held, 0);
  channel.reset();
  EXPECT_EQ(pcsc.connected, 0);
}

}  // namespace
}  // namespace tf::test
