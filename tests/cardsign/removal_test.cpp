// A person's container off the card: deleted over SCP03, taken for deleted on the card's own word alone.
#include <fmt/format.h>

#include "protocols/cardsign/removal.hpp"
#include "tests/cardsign/world.hpp"

namespace tf::cardsign::test {
namespace {

namespace shield = apdu::shield;

std::vector<std::uint8_t> on_the_card(CardUnderTest& card) { return card::containers(card.software->services().memory); }

struct Removals : testing::Test {
  World world{"removals"};
  std::unique_ptr<CardUnderTest> card = with_containers("TF-000001");

  std::unique_ptr<CardUnderTest> with_containers(const std::string& serial) {
    auto out = world.make_card(serial);
    for (const std::uint8_t number : {std::uint8_t{1}, std::uint8_t{2}})
      must(card::add_container(out->software->services(), number, card::padded_pin("111111"), card::padded_pin("11111111"), 3));
    return out;
  }
  // The containers that were reported, until the session ended or was refused.
  struct End {
    std::vector<int> removed;
    Status status;
  };
  End remove(CardUnderTest& from, std::vector<std::uint8_t> numbers, const Relay& relay_in = {}, const CardUnderTest* keys = nullptr) {
    const Relay relay = relay_in ? relay_in : world.relay_of(from);
    RemovalSession session("TF-000001", (keys == nullptr ? from : *keys).plan.scp03.clone(), std::move(numbers));
    End out;
    auto next = session.begin();
    for (int exchange = 0; next && !std::holds_alternative<AllRemoved>(*next);) {
      if (const auto* commands = std::get_if<Commands>(&*next)) {
        next = session.answered(relay(exchange++, *commands), world.ports());
      } else {
        out.removed.push_back(std::get<ContainerRemoved>(*next).container);
        next = session.noted();
      }
    }
    if (!next) out.status = next.error();
    return out;
  }
};

TEST_F(Removals, delete_what_is_there_and_report_what_is_not) {
  const End end = remove(*card, {2, 7});
  EXPECT_OK(end.status);
  EXPECT_EQ(end.removed, (std::vector{2, 7}));
  EXPECT_EQ(on_the_card(*card), (std::vector<std::uint8_t>{0, 1}));
  EXPECT_EQ(remove(*card, {2}).removed, std::vector{2}) << "the answer was lost: once more";
  EXPECT_EQ(remove(*card, {}).removed, std::vector<int>());
}

TEST_F(Removals, are_of_the_card_that_was_asked_for_and_has_the_keys) {
  const auto other = with_containers("TF-000002");
  EXPECT_REFUSED(remove(*other, {1}).status, Code::refused, "cardsign.other_card");
  EXPECT_REFUSED(remove(*card, {1}, {}, other.get()).status, Code::refused, "cardsign.secure_channel");
  EXPECT_EQ(on_the_card(*card).size() + on_the_card(*other).size(), 6U);
}

TEST_F(Removals, of_the_first_person_is_nothing_a_card_does) {
  EXPECT_REFUSED(remove(*card, {0}).status, Code::refused, "cardsign.card_status");
}

TEST_F(Removals, take_their_steps_in_their_order_only) {
  RemovalSession session("TF-000001", card->plan.scp03.clone(), {1});
  EXPECT_REFUSED(session.noted(), Code::refused, "cardsign.step");
  RemovalSession other("TF-000001", card->plan.scp03.clone(), {1});
  EXPECT_REFUSED(other.answered({}, world.ports()), Code::refused, "cardsign.step");
}

// Nothing that a relay makes up passes for the card's word that the container is gone; an honest session afterwards removes it.
TEST_F(Removals, are_not_believed_from_whoever_stands_between) {
  const std::vector<std::pair<std::string, std::function<void(Bytes&)>>> faults = {
      {"cut", [](Bytes& it) { it.resize(it.size() / 2); }},      {"longer", [](Bytes& it) { it.push_back(0); }},        {"altered", [](Bytes& it) { it[it.size() / 2] ^= 1; }},
      {"not there", [](Bytes& it) { it = {0x6A, 0x88}; }},        {"9000 alone", [](Bytes& it) { it = {0x90, 0x00}; }},  {"nothing", [](Bytes& it) { it.clear(); }}};
  for (const int at : {0, 1, 2, 3, 4}) {  // serial, the channel's two, GET DATA containers, DELETE CONTAINER
    for (const bool command : {true, false}) {
      for (const auto& [name, fault] : faults) {
        SCOPED_TRACE(fmt::format("exchange {} {}: {}", at, command ? "command" : "answer", name));
        const auto fresh = with_containers("TF-000001");
        const Relay honest = world.relay_of(*fresh);
        const End end = remove(*fresh, {1}, [&](int exchange, const Commands& commands) {
          Commands sent = commands;
          if (exchange == at && command) fault(sent.apdus.back());
          std::erase_if(sent.apdus, [](const Bytes& each) { return each.size() < 4; });
          auto answers = honest(exchange, sent);
          if (exchange == at && !command && !answers.empty()) fault(answers.back());
          return answers;
        });
        const bool gone = on_the_card(*fresh) == std::vector<std::uint8_t>{0, 2};
        if (!end.removed.empty()) EXPECT_TRUE(gone) << "believed, and it is there";
        const End again = remove(*fresh, {1});
        EXPECT_OK(again.status);
        EXPECT_EQ(again.removed, std::vector{1});
        EXPECT_EQ(on_the_card(*fresh), (std::vector<std::uint8_t>{0, 2}));
      }
    }
  }
}

}  // namespace
}  // namespace tf::cardsign::test
