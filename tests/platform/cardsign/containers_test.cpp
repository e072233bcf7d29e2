// A further person on a card that is in use: the operator orders a container, the enrolment makes it, its own PIN opens it and no other.
#include <gmock/gmock.h>

#include "platform/rewrap.hpp"
#include "terminal/cardsign/own_card.hpp"
#include "tests/platform/cardsign/desk.hpp"

namespace tf::platform::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

constexpr std::string_view kBertasPin = "246802";

struct CardsignContainers : testing::Test {
  CardsignDesk desk;
  std::unique_ptr<HeldCard> card = desk.paying("TF-000001", "anna");

  CardRegister& cards() { return desk.service->cards(); }
  static std::string code_of(const CardRegister::Ordered& ordered) { return std::string(as_text(ordered.assigned.code.reveal())); }
  static std::string puk_of(const CardRegister::Ordered& ordered) { return std::string(as_text(ordered.puk.reveal())); }
  Status set_pin(const std::string& puk, std::uint8_t container = 1) {
    const terminal::CardsignTrust trust{desk.settings.name, must(desk.opened->certificates->current(kind::root)).certificate, {desk.manufacturer.certificate}};
    return terminal::unblock_card(card->in_reach, {.container = container, .puk = SecretBytes(as_bytes(puk)), .pin = SecretBytes(as_bytes(kBertasPin))}, trust, desk.now.now_ms());
  }
  void give_account(const std::string& user) {
    must(desk.instruments->enrol("test", payer_of(user), {.wallet = "alipay", .number = SecretBytes(as_bytes(user + "@example.com")), .expiry = {}, .has_pin = false}));
  }
  Result<cardsign::ResultClaim> pay(const std::string& number, std::uint8_t container, std::string_view pin) {
    return desk.terminal_of(*card, std::string(pin)).pay({.payment = desk.order(number), .container = container});
  }
  [[nodiscard]] std::vector<std::string> actions() const {
    std::vector<std::string> out;
    for (const AuditLine& each : desk.audited()) out.push_back(each.action);
    return out;
  }
};

TEST_F(CardsignContainers, are_ordered_made_enrolled_and_pay_for_their_own_person) {
  desk.mark();
  const auto ordered = must(cards().add_container("operator:o", "TF-000001", 0, "berta"));
  EXPECT_EQ(ordered.container, 1);
  EXPECT_EQ(desk.count("SELECT COUNT(*) FROM cardsign_containers WHERE state = 'ordered' AND puk_kek <> ''"), 1);
  const auto enrolled = must(desk.terminal_of(*card).enrol(code_of(ordered)));
  ASSERT_EQ(enrolled.certificates.size(), 3U);
  EXPECT_EQ(must(pki::Certificate::from_der(enrolled.certificates[0].certificate)).common_name(), "berta");
  EXPECT_EQ(desk.count("SELECT COUNT(*) FROM cardsign_containers WHERE state = 'made' AND puk_kek = ''"), 1) << "the PUK is forgotten";
  EXPECT_THAT(actions(), Contains("cardsign.container"));
  EXPECT_THAT(actions(), Contains("cardsign.container_made"));
  const auto shown = must(cards().show("TF-000001"));
  ASSERT_EQ(shown.holders.size(), 2U);
  EXPECT_EQ(shown.holders[1].user, "berta");
  EXPECT_EQ(shown.holders[1].state, "enrolled");
  EXPECT_EQ(shown.slots.size(), 6U);

  give_account("berta");
  EXPECT_REFUSED(pay("A-1", 1, kPin), Code::refused, "cardsign.refused_pin_blocked");  // anna's PIN, until the tries are gone
  ASSERT_OK(set_pin(puk_of(ordered)));
  EXPECT_EQ(must(pay("A-2", 1, kBertasPin)).user, "berta");
  EXPECT_EQ(must(pay("A-3", 0, kPin)).user, "anna");
  EXPECT_REFUSED(pay("A-4", 0, kBertasPin), Code::refused, "cardsign.refused_pin_blocked");
  EXPECT_EQ(desk.bank.paid, 2);
  EXPECT_EQ(must(cards().show("TF-000001")).card.counter, 2U) << "one card, one counter";
  // Renewal and withdrawal are the whole card's.
  EXPECT_EQ(must(cards().renew("test", "TF-000001")), 6);
  EXPECT_EQ(must(desk.terminal_of(*card).update("TF-000001")).count, 6);
  EXPECT_EQ(must(pay("A-5", 1, kBertasPin)).outcome, cardsign::Outcome::approved);
  EXPECT_GE(must(cards().withdraw("test", "TF-000001")), 6);
  EXPECT_FALSE(pay("A-6", 1, kBertasPin).has_value());
}

TEST_F(CardsignContainers, are_for_a_known_card_in_use_a_new_person_and_a_free_number) {
  EXPECT_REFUSED(cards().add_container("o", "TF-000009", 0, "berta"), Code::not_found, "cardsign.no_card");
  EXPECT_REFUSED(cards().add_container("o", "TF-000001", 0, "anna"), Code::conflict, "cardsign.has_container");
  EXPECT_REFUSED(cards().add_container("o", "TF-000001", 0, "-"), Code::malformed, "cardsign.user");
  const auto fresh = desk.make_card("TF-000002");
  must(cards().import("test", desk.record_of(*fresh)));
  EXPECT_REFUSED(cards().add_container("o", "TF-000002", 0, "berta"), Code::conflict, "cardsign.not_enrolled");
  const auto code = must(cards().assign("test", "TF-000002", 0, "anna"));
  EXPECT_REFUSED(cards().add_container("o", "TF-000002", 0, "berta"), Code::conflict, "cardsign.not_enrolled");
  must(cards().assign("test", "TF-000001", 2, "carla"));  // made by the manufacturer, as far as the register knows
  EXPECT_REFUSED(cards().add_container("o", "TF-000001", 2, "berta"), Code::conflict, "cardsign.assigned");
  EXPECT_REFUSED(cards().add_container("o", "TF-000001", 2, "carla"), Code::conflict, "cardsign.assigned");
  EXPECT_EQ(must(cards().add_container("o", "TF-000001", 0, "berta")).container, 1);
  EXPECT_EQ(must(cards().add_container("o", "TF-000001", 0, "dora")).container, 3);
  EXPECT_REFUSED(cards().add_container("o", "TF-000001", 4, "berta"), Code::conflict, "cardsign.has_container");
  EXPECT_REFUSED(cards().add_container("o", "TF-000001", 1, "emma"), Code::conflict, "cardsign.assigned");
  for (int i = 4; i <= 15; ++i) must(cards().add_container("o", "TF-000001", 0, "user" + std::to_string(i)));
  EXPECT_REFUSED(cards().add_container("o", "TF-000001", 0, "zora"), Code::conflict, "cardsign.containers_full");
  must(cards().withdraw("test", "TF-000001"));
  EXPECT_REFUSED(cards().add_container("o", "TF-000001", 1, "berta"), Code::conflict, "cardsign.withdrawn");
  EXPECT_EQ(desk.count("SELECT COUNT(*) FROM cardsign_containers WHERE puk_kek <> ''"), 0);
}

TEST_F(CardsignContainers, ordered_again_keep_their_puk_and_made_ones_are_not_made_twice) {
  const auto first = must(cards().add_container("o", "TF-000001", 0, "berta"));
  const auto second = must(cards().add_container("o", "TF-000001", 0, "berta"));
  EXPECT_EQ(second.container, first.container);
  EXPECT_EQ(puk_of(second), puk_of(first));
  EXPECT_FALSE(desk.terminal_of(*card).enrol(code_of(first)).has_value()) << "the later code took its place";
  must(desk.terminal_of(*card).enrol(code_of(second)));
  EXPECT_FALSE(desk.terminal_of(*card).enrol(code_of(second)).has_value());
  EXPECT_REFUSED(cards().add_container("o", "TF-000001", 1, "berta"), Code::conflict, "cardsign.container_made");
  // What is there is enrolled anew as any other.
  const auto again = must(cards().assign("o", "TF-000001", 1, "berta"));
  EXPECT_OK(desk.terminal_of(*card).enrol(std::string(as_text(again.code.reveal()))));
  EXPECT_OK(set_pin(puk_of(first)));
}

TEST_F(CardsignContainers, of_one_card_are_not_made_on_another) {
  const auto other = desk.enrolled("TF-000002", "carla");
  const auto ordered = must(cards().add_container("o", "TF-000001", 0, "berta"));
  EXPECT_FALSE(desk.terminal_of(*other).enrol(code_of(ordered)).has_value());
  EXPECT_THAT(desk.alarms(), Contains("other_card"));
  EXPECT_THAT(must(terminal::read_card(other->in_reach, 0)).containers, ElementsAre(0));
  EXPECT_OK(desk.terminal_of(*card).enrol(code_of(ordered)));
}

TEST_F(CardsignContainers, that_the_card_has_from_elsewhere_are_refused_and_told_coarsely) {
  ASSERT_OK(card::add_container(card->software->services(), 1, card::padded_pin("111111"), card::padded_pin("11111111"), 3));
  const auto ordered = must(cards().add_container("o", "TF-000001", 0, "berta"));
  desk.mark();
  EXPECT_REFUSED(desk.terminal_of(*card).enrol(code_of(ordered)), Code::refused, "cardsign.refused_card");
  EXPECT_THAT(desk.reasons(), ElementsAre("cardsign.container_there"));
  EXPECT_EQ(desk.count("SELECT COUNT(*) FROM cardsign_certificates WHERE container = 1"), 0);
}

// The line is cut after each message in turn; the same code goes on from there, and the PUK that was told once is the card's.
TEST_F(CardsignContainers, come_to_be_wherever_the_line_is_cut) {
  bool complete = false;
  for (int most = 1; !complete; ++most) {
    SCOPED_TRACE(most);
    ASSERT_LT(most, 40);
    const std::string user = "user" + std::to_string(most);
    card = desk.paying("TF-1" + std::to_string(most), "anna" + std::to_string(most));
    const auto ordered = must(cards().add_container("o", card->serial(), 0, user));
    int messages = 0;
    desk.line = [&](const std::string& method, const std::string& target, const std::string& body) -> Result<net::HttpResponse> {
      auto answer = desk.serve(method, target, body);
      if (++messages > most) return Error{Code::unavailable, "test.cut", "the answer is lost"};
      return answer;
    };
    complete = desk.terminal_of(*card).enrol(code_of(ordered)).has_value();
    desk.line = [&](const std::string& method, const std::string& target, const std::string& body) { return desk.serve(method, target, body); };
    if (!complete) {
      // The platform may have ended the enrolment whose last answer was lost.
      const auto again = desk.terminal_of(*card).enrol(code_of(ordered));
      if (!again) EXPECT_EQ(must(cards().show(card->serial())).holders[1].state, "enrolled");
    }
    ASSERT_OK(set_pin(puk_of(ordered)));
    give_account(user);
    EXPECT_EQ(must(pay("C-" + std::to_string(most), 1, kBertasPin)).user, user);
  }
}

// Each write of the platform is lost in turn, or its answer is.
TEST_F(CardsignContainers, come_to_be_whichever_write_is_lost) {
  for (const auto fault : {FaultyDatabase::Fault::lost, FaultyDatabase::Fault::answer_lost}) {
    bool complete = false;
    for (int at = 1; !complete; ++at) {
      SCOPED_TRACE(at);
      ASSERT_LT(at, 40);
      const std::string name = std::to_string(at) + (fault == FaultyDatabase::Fault::lost ? "L" : "A");
      card = desk.enrolled("TF-2" + name, "anna" + name);
      const auto ordered = must(cards().add_container("o", card->serial(), 0, "berta" + name));
      int writes = 0;
      std::function<void()> count = [&] {
        if (++writes == at) desk.database->next_write = fault;
        else desk.database->interrupt = count;
      };
      desk.database->interrupt = count;
      complete = desk.terminal_of(*card).enrol(code_of(ordered)).has_value() && writes < at;
      desk.database->interrupt = {};
      desk.database->next_write = FaultyDatabase::Fault::none;
      if (!complete) {
        const auto again = desk.terminal_of(*card).enrol(code_of(ordered));
        if (!again) EXPECT_EQ(must(cards().show(card->serial())).holders[1].state, "enrolled");
      }
      EXPECT_OK(set_pin(puk_of(ordered)));
    }
  }
}

TEST_F(CardsignContainers, have_their_puk_sealed_anew_with_the_rest) {
  const auto ordered = must(cards().add_container("o", "TF-000001", 0, "berta"));
  must(rewrap_all(desk.at, "test", [](std::int64_t) {}));
  EXPECT_EQ(desk.count("SELECT COUNT(*) FROM cardsign_containers c JOIN cardsign_cards k ON k.serial = c.serial WHERE c.puk_kek = k.scp03_kek"), 1);
  ASSERT_OK(desk.terminal_of(*card).enrol(code_of(ordered)));
  EXPECT_OK(set_pin(puk_of(ordered)));
}

}  // namespace
}  // namespace tf::platform::test
