// Every command the card knows, with every octet of its head changed to every value, every octet of its data changed, and cut at every place: it is
// answered, nothing is written that the session may not write, and the card works on.
#include <gtest/gtest.h>

#include "card/piv/names.hpp"
#include "tests/card/support.hpp"

namespace tf::card::test {
namespace {

const char* const kCommands[] = {
    "00A404000BA00000030800001000010000",
    "00CB3FFF055C035FC10200",
    "00DB3FFF0B5C035FC1055304DEADBEEF",
    "0020008008303030303030FFFF",
    "0024008010303030303030FFFF363534333231FFFF",
    "002C0080103030303030303030373737373737FFFF",
    "0047009A05AC0380011100",
    "0087119A267C2482008120000000000000000000000000000000000000000000000000000000000000000100",
    "00870A9B047C02810000",
    "00870A9B047C02800000",
    "00870A9B147C1282100000000000000000000000000000000000",
    "00F7009A00",
    "00FA0505",
    "00FE119A220620000000000000000000000000000000000000000000000000000000000000000001",
    "00FFFFFF130A9B1000000000000000000000000000000000",
    "0070000001",
    "00C0000000",
    "10DB3FFF055C035FC105",
};

// All but the counters of PINs.
std::string state(TestCard& card) {
  std::string out;
  for (const auto& [name, value] : must(card.storage().load()))
    if (!name.starts_with("pin/")) out += name + "=" + std::string(as_text(value.reveal())) + "\n";
  return out;
}

// PIN values, without their counters.
std::string pins(TestCard& card) {
  std::string out;
  for (const auto& [name, value] : must(card.storage().load()))
    if (name.starts_with("pin/")) out += name + "=" + std::string(as_text(value.reveal().subspan(2))) + "\n";
  return out;
}

class Malformed : public testing::Test {
 protected:
  Malformed() {
    card.select_piv(), card.be_administrator();
    (void)card.generate(0x9A, piv::kP256);
    card.card().reset();
    card.select_piv();
    before = state(card), pins_before = pins(card);
  }
  // A signature would be an answer of 70 octets and more with 30 in it; nobody gave a PIN here.
  void give(ByteView command) {
    const Bytes answer = card.card().transmit(command);
    ASSERT_GE(answer.size(), 2u);
    if (command.size() > 1 && command[1] == 0x87 && answer[answer.size() - 2] == 0x90) ASSERT_LT(answer.size(), 40u) << "a key was used without a PIN";
  }
  void expect_unharmed(const char* command) {
    EXPECT_EQ(state(card), before) << command;
    EXPECT_EQ(pins(card), pins_before) << command;
    card.card().reset();
    card.select_piv();
    EXPECT_EQ(card.raw("00CB3FFF035C017E").substr(0, 2), "7E") << command;
  }
  TestCard card;
  std::string before, pins_before;
};

TEST_F(Malformed, every_octet_of_the_head_takes_every_value) {
  for (const char* command : kCommands) {
    const Bytes good = hex(command);
    for (std::size_t at = 0; at < 4; ++at) {
      for (int value = 0; value < 256; ++value) {
        Bytes bad = good;
        bad[at] = static_cast<std::uint8_t>(value);
        give(bad);
      }
    }
    expect_unharmed(command);
  }
}

TEST_F(Malformed, every_octet_of_the_rest_is_changed_and_every_cut_is_made) {
  for (const char* command : kCommands) {
    const Bytes good = hex(command);
    for (std::size_t at = 4; at < good.size(); ++at) {
      for (const int flip : {0x01, 0x80, 0xFF, int{good[at]}}) {
        Bytes bad = good;
        bad[at] = static_cast<std::uint8_t>(bad[at] ^ flip);
        give(bad);
      }
    }
    for (std::size_t cut = 0; cut < good.size(); ++cut) give(ByteView(good).first(cut));
    Bytes longer = good;
    for (int i = 0; i < 8; ++i) {
      longer.push_back(static_cast<std::uint8_t>(i));
      give(longer);
    }
    expect_unharmed(command);
  }
}

TEST_F(Malformed, a_chain_without_end_is_refused_at_its_cap) {
  std::string answer = "9000";
  std::size_t sent = 0;
  for (; answer == "9000" && sent < 100; ++sent) answer = card.raw("10DB3FFFFF" + std::string(510, 'A'));
  EXPECT_EQ(answer, "6700");
  EXPECT_EQ(sent, kMaxChain / 255 + 1);
  expect_unharmed("chain");
}

}  // namespace
}  // namespace tf::card::test
