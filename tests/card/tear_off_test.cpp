// Power is cut at every write of everything that writes: afterwards the card is as before the operation or as after it, never between, and no try is gained.
#include <gtest/gtest.h>

#include <functional>

#include "card/piv/names.hpp"
#include "tests/card/support.hpp"

namespace tf::card::test {
namespace {

using Cut = VolatileStorage::Cut;

// Without what OpenSSL drew for the card's own keys, which no two cards have alike.
std::string state_of(TestCard& card) {
  std::string out;
  for (const auto& [name, value] : must(card.storage().load()))
    if (!name.starts_with("key/card/") && !name.starts_with("file/card/")) out += name + "=" + std::string(as_text(value.reveal())) + "\n";
  return out;
}

struct Operation {
  const char* name;
  std::function<void(TestCard&)> prepare;
  std::function<void(TestCard&)> run;
  std::size_t writes;  // transactions
};

const std::vector<Operation>& operations() {
  static const std::vector<Operation> all = {
      {"verify_right", [](TestCard& card) { card.select_piv(); }, [](TestCard& card) { card.verify_pin("123456"); }, 2},
      {"verify_wrong", [](TestCard& card) { card.select_piv(); }, [](TestCard& card) { card.verify_pin("000000"); }, 1},
      {"change_pin", [](TestCard& card) { card.select_piv(); }, [](TestCard& card) { card.raw("0024008010313233343536FFFF363534333231FFFF"); }, 3},
      {"unblock", [](TestCard& card) { card.select_piv(); }, [](TestCard& card) { card.raw("002C0080103132333435363738373737373737FFFF"); }, 3},
      {"put_data", [](TestCard& card) { card.select_piv(), card.be_administrator(); }, [](TestCard& card) { card.raw("00DB3FFF095C035FC1055302AABB"); }, 1},
      {"remove_data", [](TestCard& card) { card.select_piv(), card.be_administrator(); }, [](TestCard& card) { card.raw("00DB3FFF075C035FC1025300"); }, 1},
      {"generate", [](TestCard& card) { card.select_piv(), card.be_administrator(); }, [](TestCard& card) { card.raw("0047009A05AC03800111"); }, 1},
      {"set_administrator", [](TestCard& card) { card.select_piv(), card.be_administrator(); }, [](TestCard& card) { card.raw("00FFFFFF13089B1000000000000000000000000000000001"); }, 1},
      {"set_tries", [](TestCard& card) { card.select_piv(), card.be_administrator(), card.verify_pin("123456"); }, [](TestCard& card) { card.raw("00FA0505"); }, 1},
      {"reset", [](TestCard&) {}, [](TestCard& card) { (void)reset(card.services(), default_plan("")).has_value(); }, 1},
  };
  return all;
}

TEST(TearOff, every_operation_writes_as_often_as_the_next_test_cuts) {
  for (const Operation& operation : operations()) {
    TestCard card;
    operation.prepare(card);
    const std::size_t before = card.storage().commits();
    operation.run(card);
    EXPECT_EQ(card.storage().commits() - before, operation.writes) << operation.name;
  }
}

TEST(TearOff, at_every_write_leaves_the_state_before_or_after_that_write) {
  for (const Operation& operation : operations()) {
    // The states it goes through when nothing happens.
    std::vector<std::string> states;
    for (std::size_t n = 0; n <= operation.writes; ++n) {
      TestCard card;
      operation.prepare(card);
      card.storage().cut_at(n + 1, Cut::before);
      operation.run(card);
      if (n < operation.writes) EXPECT_EQ(card.raw("00200080"), "6F00") << operation.name << ": it goes on after a write that failed";
      states.push_back(state_of(card));
    }
    for (std::size_t n = 1; n <= operation.writes; ++n) {
      TestCard card;
      operation.prepare(card);
      card.storage().cut_at(n, Cut::after);
      operation.run(card);
      if (std::string_view(operation.name) != "generate") EXPECT_EQ(state_of(card), states[n]) << operation.name << " cut after write " << n;
      card.restart();
      card.select_piv();
      EXPECT_EQ(card.raw("00CB3FFF035C017E").substr(0, 2), "7E") << operation.name;
    }
  }
}

// The answer to a write that failed says so, and nothing that was proved by it counts.
TEST(TearOff, answers_memory_failure_and_is_mute_until_powered_on) {
  TestCard card;
  card.select_piv();
  card.storage().cut_at(1, Cut::before);
  EXPECT_EQ(card.verify_pin("123456"), "6581");
  EXPECT_EQ(card.raw("00200080"), "6F00");
  card.card().reset();
  card.select_piv();
  EXPECT_EQ(card.raw("00200080"), "63C3");
  EXPECT_EQ(card.verify_pin("123456"), "9000");
}

// The counter falls before the comparison: whoever cuts the power when a wrong PIN is about to be told has lost a try.
TEST(TearOff, no_try_is_gained_by_cutting_the_power) {
  for (const Cut cut : {Cut::before, Cut::after}) {
    TestCard card;
    card.select_piv();
    int tries = 0;
    for (; tries < 10; ++tries) {
      card.storage().cut_at(1, cut);
      const std::string answer = card.verify_pin("000000");
      EXPECT_EQ(answer, "6581");
      card.restart();
      card.select_piv();
      if (cut == Cut::before) {
        EXPECT_EQ(card.raw("00200080"), "63C3") << "nothing was compared, nothing was lost";
        if (tries == 3) break;
      } else if (card.raw("00200080") == "6983") {
        break;
      }
    }
    EXPECT_EQ(tries, cut == Cut::before ? 3 : 2);
  }
}

TEST(TearOff, a_right_pin_whose_second_write_is_cut_has_cost_a_try) {
  TestCard card;
  card.select_piv();
  card.storage().cut_at(2, Cut::before);
  EXPECT_EQ(card.verify_pin("123456"), "6581");
  card.restart();
  card.select_piv();
  EXPECT_EQ(card.raw("00200080"), "63C2");
}

TEST(TearOff, personalisation_is_whole_or_nothing) {
  for (const Cut cut : {Cut::before, Cut::after}) {
    VolatileStorage storage;
    tf::test::DeterministicRandom random("new");
    Plan made_by = plan();
    fill_in(made_by, random);
    storage.cut_at(1, cut);
    EXPECT_FALSE(SoftwareCard::create_over(storage, made_by, manufacturer(), tf::test::FixedClock::kStart, random).has_value());
    EXPECT_EQ(must(storage.load()).empty(), cut == Cut::before);
    EXPECT_EQ(SoftwareCard::over(storage, random).has_value(), cut == Cut::after);
  }
}

}  // namespace
}  // namespace tf::card::test
