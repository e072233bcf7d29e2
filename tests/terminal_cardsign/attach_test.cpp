// The terminal's card as the PC's reader sees it.
#include "terminal/cardsign/attach.hpp"

#include "tests/support/expect.hpp"
#include "tests/terminal_cardsign/site.hpp"

namespace tf::terminal::test {
namespace {

struct Attached : testing::Test {
  tf::test::FixedClock clock;
  tf::test::ScriptedPcsc pcsc{clock};
  int told = 0;
  std::unique_ptr<AttachedCard> card;
  void SetUp() override {
    pcsc.readers[kReader] = {.card = true, .answer = [](ByteView command) { return Bytes{command[1], 0x90, 0x00}; }};
    card = std::make_unique<AttachedCard>(pcsc, pcsc::Reader{.name = kReader, .card = true, .atr = {0x3B, 0x00}}, pcsc::PcscChannel::open(pcsc, kReader).value(), [this] { ++told; });
  }
};

const Bytes kCommand = {0x00, 0xA4, 0x04, 0x00};

TEST_F(Attached, passes_commands_resets_and_the_atr) {
  EXPECT_EQ(to_bytes(card->atr()), (Bytes{0x3B, 0x00}));
  card->power_on();
  card->reset();
  EXPECT_EQ(pcsc.resets, 2);
  EXPECT_EQ(card->transmit(kCommand), (Bytes{0xA4, 0x90, 0x00}));
  EXPECT_FALSE(card->gone());
}

TEST_F(Attached, a_card_pulled_out_of_the_terminal_is_told_once_and_is_mute) {
  pcsc.pull_card(kReader);
  (void)card->atr();
  EXPECT_TRUE(card->gone());
  EXPECT_EQ(card->transmit(kCommand), (Bytes{0x6F, 0x00}));
  card->reset();
  (void)card->atr();
  EXPECT_EQ(told, 1);
}

TEST_F(Attached, a_reset_by_another_program_of_the_terminal_is_survived) {
  pcsc.reset_card();
  EXPECT_EQ(card->transmit(kCommand), (Bytes{0xA4, 0x90, 0x00}));
  EXPECT_FALSE(card->gone());
}

}  // namespace
}  // namespace tf::terminal::test
