// A further person's container: the platform makes it on a card that is in use, and nobody but that person sets its PIN.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "terminal/cardsign/own_card.hpp"
#include "tests/cardsign/world.hpp"

namespace tf::cardsign::test {
namespace {

namespace shield = apdu::shield;

constexpr const char* kPuk = "ABCD2345";
constexpr const char* kBertasPin = "246802";

Policy only_payments() {
  Policy out;
  out.slots = {Slot::payment};
  return out;
}

Status set_pin(World& world, CardUnderTest& card, const std::string& puk = kPuk) {
  return terminal::unblock_card(card.in_reach, {.container = 1, .puk = SecretBytes(as_bytes(puk)), .pin = SecretBytes(as_bytes(kBertasPin))}, world.trust(), world.clock.now_ms());
}

Bytes containers_of(CardUnderTest& card) {
  const auto session = must(terminal::carry_out(card.in_reach, {must(shield::select().encode()), must(shield::get_data(shield::Object::containers).encode())}));
  return must(apdu::ResponseApdu::parse(session.answers.back())).data;
}

struct Containers : testing::Test {
  World world{"containers", only_payments()};
  std::unique_ptr<CardUnderTest> card = world.enrolled("TF-000001", "anna");
};

TEST_F(Containers, are_made_for_a_further_person_with_keys_and_a_pin_of_their_own) {
  const auto annas = must(pki::Certificate::from_der(world.stored["TF-000001"][Slot::payment]));
  world.add_container(*card, 1, "berta", kPuk);
  const auto enrolled = must(world.enrol(*card));
  EXPECT_EQ(containers_of(*card), (Bytes{0, 1}));
  EXPECT_EQ(world.containers.at("TF-000001").state, "made");
  const auto bertas = must(pki::Certificate::from_der(enrolled.certificates.at(0).certificate));
  EXPECT_EQ(bertas.common_name(), "berta");
  EXPECT_NE(must(bertas.public_key()).spki(), must(annas.public_key()).spki());
  // Nobody knows the first PIN; the PUK's holder sets one, and anna's opens nothing.
  ASSERT_OK(set_pin(world, *card));
  EXPECT_EQ(must(world.pay(*card, world.order("A-1"), {}, world.pad_of(kBertasPin))).user, "berta");
  EXPECT_REFUSED(world.pay(*card, world.order("A-2")), Code::refused, "cardsign.pin_blocked");  // anna's, three times
  world.rows.at("TF-000001").user = "anna";
  world.rows.at("TF-000001").container = 0;
  EXPECT_EQ(must(world.pay(*card, world.order("A-3"))).user, "anna") << "no try of hers was taken";
  EXPECT_REFUSED(world.pay(*card, world.order("A-4"), {}, world.pad_of(kBertasPin)), Code::refused, "cardsign.pin_blocked");
}

TEST_F(Containers, that_are_there_and_not_ours_are_nobodys_to_give) {
  const auto foreign = world.make_card("TF-000002");
  ASSERT_OK(card::add_container(foreign->software->services(), 1, card::padded_pin("111111"), card::padded_pin("11111111"), 3));
  world.add(*foreign, "anna");
  world.add_container(*foreign, 1, "berta", kPuk);
  EXPECT_REFUSED(world.enrol(*foreign), Code::refused, "cardsign.container_there");
  EXPECT_EQ(world.containers.at("TF-000002").state, "ordered");
  EXPECT_EQ(world.issued, 1) << "anna's";
}

TEST_F(Containers, made_before_an_answer_was_lost_are_taken_for_made) {
  world.add_container(*card, 1, "berta", kPuk);
  const Relay honest = world.relay_of(*card);
  int last = 0;
  EXPECT_FALSE(world.enrol(*card, [&](int exchange, const Commands& commands) {
    auto answers = honest(exchange, commands);
    last = exchange;
    if (exchange == 4) answers.clear();  // CREATE CONTAINER, which the card carried out
    return answers;
  }).has_value());
  EXPECT_EQ(last, 4);
  EXPECT_EQ(containers_of(*card), (Bytes{0, 1}));
  EXPECT_EQ(world.containers.at("TF-000001").state, "intended");
  ASSERT_OK(world.enrol(*card));
  EXPECT_OK(set_pin(world, *card));  // the PUK is the one that was told
}

TEST_F(Containers, of_a_card_without_the_keys_of_its_record_are_not_made) {
  const auto other = world.make_card("TF-000002");
  world.add_container(*card, 1, "berta", kPuk);
  world.keys_of["TF-000001"] = other.get();
  EXPECT_REFUSED(world.enrol(*card), Code::refused, "cardsign.secure_channel");
  EXPECT_EQ(containers_of(*card), Bytes{0});
}

// What a relay sees of the command is under the session's keys, PUK and PIN inside of it under the card's DEK besides.
TEST_F(Containers, show_a_relay_neither_pin_nor_puk) {
  world.add_container(*card, 1, "berta", kPuk);
  const Relay honest = world.relay_of(*card);
  std::vector<Bytes> seen;
  must(world.enrol(*card, [&](int exchange, const Commands& commands) {
    seen.insert(seen.end(), commands.apdus.begin(), commands.apdus.end());
    return honest(exchange, commands);
  }));
  const ByteView puk = as_bytes(std::string_view(kPuk));
  for (const Bytes& each : seen) EXPECT_EQ(std::ranges::search(each, puk).begin(), each.end());
}

TEST_F(Containers, a_session_takes_its_steps_in_their_order_only) {
  EnrolmentSession session(world.policy, "TF-000001");
  EXPECT_REFUSED(session.intended(world.ports()), Code::refused, "cardsign.step");
  EnrolmentSession other(world.policy, "TF-000001");
  must(other.begin());
  EXPECT_REFUSED(other.noted(world.ports()), Code::refused, "cardsign.step");
}

// Lost, altered, cut, answered by an error: an honest session afterwards makes the container, and the PUK that was told sets its PIN.
TEST_F(Containers, are_whole_or_not_there_whatever_happens_on_the_way) {
  const std::vector<std::pair<std::string, std::function<void(Bytes&)>>> faults = {
      {"cut", [](Bytes& it) { it.resize(it.size() / 2); }}, {"longer", [](Bytes& it) { it.push_back(0); }},       {"altered in the middle", [](Bytes& it) { it[it.size() / 2] ^= 1; }},
      {"altered at the end", [](Bytes& it) { it.back() ^= 1; }}, {"an error", [](Bytes& it) { it = {0x6A, 0x80}; }}, {"9000 alone", [](Bytes& it) { it = {0x90, 0x00}; }}};
  int number = 1;
  for (const int at : {3, 4}) {  // GET DATA, CREATE CONTAINER
    for (const bool command : {true, false}) {
      for (const auto& [name, fault] : faults) {
        SCOPED_TRACE(fmt::format("exchange {} {}: {}", at, command ? "command" : "answer", name));
        const auto fresh = world.enrolled(fmt::format("TF-{:06}", ++number), "anna");
        world.add_container(*fresh, 1, "berta", kPuk);
        const Relay honest = world.relay_of(*fresh);
        const auto end = world.enrol(*fresh, [&](int exchange, const Commands& commands) {
          Commands sent = commands;
          if (exchange == at && command) fault(sent.apdus[0]);
          std::erase_if(sent.apdus, [](const Bytes& each) { return each.size() < 4; });  // nothing that a reader takes
          auto answers = honest(exchange, sent);
          if (exchange == at && !command) fault(answers[0]);
          return answers;
        });
        // The last octet of a command is its Le, which nothing protects and which changes nothing.
        EXPECT_EQ(end.has_value(), command && name == "altered at the end");
        ASSERT_OK(world.enrol(*fresh));
        ASSERT_OK(set_pin(world, *fresh));
        ASSERT_OK(world.pay(*fresh, world.order(fresh->serial()), {}, world.pad_of(kBertasPin)));
      }
    }
  }
}

}  // namespace
}  // namespace tf::cardsign::test
