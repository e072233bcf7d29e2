// A person off a card that others go on using: revoked at once, refused at once, erased on the card when it next comes.
#include <gmock/gmock.h>

#include "ca/register.hpp"
#include "terminal/cardsign/own_card.hpp"
#include "tests/platform/cardsign/desk.hpp"

namespace tf::platform::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

constexpr std::string_view kHerPin = "246802";

// anna's card, on which berta has container 1 and pays.
struct CardsignRemoval : testing::Test {
  CardsignRemoval() { take("TF-000001", "anna", "berta"); }
  explicit CardsignRemoval(cardsign::Policy policy) : desk(std::move(policy)) { take("TF-000001", "anna", "berta"); }

  CardsignDesk desk;
  std::unique_ptr<HeldCard> card;

  CardRegister& cards() { return desk.service->cards(); }
  void take(const std::string& serial, const std::string& first, const std::string& second) {
    card = desk.paying(serial, first);
    join(second);
  }
  void join(const std::string& user) {
    const auto ordered = must(cards().add_container("test", card->serial(), 0, user));
    must(desk.terminal_of(*card).enrol(std::string(as_text(ordered.assigned.code.reveal()))));
    const terminal::CardsignTrust trust{desk.settings.name, must(desk.opened->certificates->current(kind::root)).certificate, {desk.manufacturer.certificate}};
    must(terminal::unblock_card(card->in_reach, {.container = ordered.container, .puk = ordered.puk.clone(), .pin = SecretBytes(as_bytes(kHerPin))}, trust, desk.now.now_ms()));
    must(desk.instruments->enrol("test", payer_of(user), {.wallet = "alipay", .number = SecretBytes(as_bytes(user + "@example.com")), .expiry = {}, .has_pin = false}));
  }
  Result<cardsign::ResultClaim> pay(const std::string& number, std::uint8_t container, std::string_view pin) {
    return desk.terminal_of(*card, std::string(pin)).pay({.payment = desk.order(number), .container = container});
  }
  [[nodiscard]] std::vector<std::uint8_t> on_the_card() const { return card::containers(card->software->services().memory); }
  [[nodiscard]] std::string state(std::uint8_t container = 1) {
    for (const Holder& each : must(cards().show(card->serial())).holders)
      if (each.container == container) return each.state;
    return "";
  }
  [[nodiscard]] std::int64_t standing(const std::string& user) {
    std::int64_t out = 0;
    for (const auto& each : must(desk.authority->list({.holder = card_holder(card->serial()), .state = ca::State::issued}))) out += each.subject.contains(user) ? 1 : 0;
    return out;
  }
  [[nodiscard]] std::vector<std::string> actions() const {
    std::vector<std::string> out;
    for (const AuditLine& each : desk.audited()) out.push_back(each.action);
    return out;
  }
};

TEST_F(CardsignRemoval, revokes_at_once_and_erases_when_the_card_comes) {
  ASSERT_OK(pay("A-1", 1, kHerPin));
  desk.mark();
  const auto removed = must(cards().remove_container("operator:o", "TF-000001", 1));
  EXPECT_EQ(removed.user, "berta");
  EXPECT_TRUE(removed.waits);
  EXPECT_EQ(removed.revoked, 3);
  EXPECT_EQ(standing("berta"), 0);
  EXPECT_EQ(standing("anna"), 3);
  EXPECT_EQ(state(), "removing");
  EXPECT_THAT(actions(), Contains("cardsign.container_removal"));
  EXPECT_THAT(on_the_card(), ElementsAre(0, 1)) << "nobody has put the card in yet";
  // The card comes, for whatever it is: anna pays with it.
  EXPECT_EQ(must(pay("A-2", 0, kPin)).user, "anna");
  EXPECT_THAT(on_the_card(), ElementsAre(0));
  EXPECT_EQ(state(), "");
  EXPECT_THAT(actions(), Contains("cardsign.container_removed"));
  EXPECT_EQ(must(cards().show("TF-000001")).slots.size(), 3U);
  EXPECT_EQ(desk.count("SELECT COUNT(*) FROM cardsign_containers"), 0);
  EXPECT_EQ(must(pay("A-3", 0, kPin)).outcome, cardsign::Outcome::approved);
  EXPECT_FALSE(pay("A-4", 1, kHerPin).has_value());
  EXPECT_EQ(desk.bank.paid, 3);
}

// A card that paid lately is not read anew for its next payment: what it has to be rid of is, what another process ordered when the house was kept.
TEST_F(CardsignRemoval, comes_with_the_next_payment_of_who_paid_a_moment_ago) {
  ASSERT_OK(pay("A-1", 0, kPin));
  must(cards().remove_container("test", card->serial(), 1));
  EXPECT_OK(pay("A-2", 0, kPin));
  EXPECT_THAT(on_the_card(), ElementsAre(0));
  join("berta");
  must(desk.database->write([](store::Session& rows) -> Status { return TF_TRY(rows.execute("UPDATE cardsign_holders SET state = 'removing' WHERE container = 1", {})), Status(); }));
  EXPECT_OK(pay("A-3", 0, kPin));
  EXPECT_THAT(on_the_card(), ElementsAre(0, 1));
  ASSERT_OK(desk.service->keep_house());
  EXPECT_OK(pay("A-4", 0, kPin));
  EXPECT_THAT(on_the_card(), ElementsAre(0));
}

TEST_F(CardsignRemoval, refuses_the_person_at_once_and_says_why_in_the_trail) {
  must(cards().remove_container("o", "TF-000001", 1));
  desk.mark();
  EXPECT_REFUSED(pay("A-1", 1, kHerPin), Code::refused, "cardsign.refused_card");
  EXPECT_THAT(desk.reasons(), ElementsAre("cardsign.removed"));
  EXPECT_EQ(desk.bank.paid, 0);
  EXPECT_THAT(on_the_card(), ElementsAre(0)) << "the card was there: what waited for it was done";
  EXPECT_EQ(state(), "");
  // Pulled out as soon as the platform wants something of it: refused all the same.
  join("berta");
  must(cards().remove_container("o", "TF-000001", 1));
  desk.mark();
  int messages = 0;
  desk.line = [&](const std::string& method, const std::string& target, const std::string& body) -> Result<net::HttpResponse> {
    if (++messages > 3) return Error{Code::unavailable, "test.cut", "pulled out"};
    return desk.serve(method, target, body);
  };
  EXPECT_FALSE(pay("A-2", 1, kHerPin).has_value());
  EXPECT_THAT(desk.reasons(), ElementsAre("cardsign.removed"));
  EXPECT_THAT(on_the_card(), ElementsAre(0, 1));
}

// The person is taken off between the display and the booking.
TEST_F(CardsignRemoval, ends_a_payment_that_is_under_way) {
  const std::string payment = desk.order("A-1");
  desk.mark();
  desk.line = [&](const std::string& method, const std::string& target, const std::string& body) -> Result<net::HttpResponse> {
    if (body.contains("pin_envelope")) must(cards().remove_container("o", "TF-000001", 1));
    return desk.serve(method, target, body);
  };
  EXPECT_REFUSED(desk.terminal_of(*card, std::string(kHerPin)).pay({.payment = payment, .container = 1}), Code::refused, "cardsign.refused_card");
  EXPECT_THAT(desk.reasons(), ElementsAre("cardsign.removed"));
  EXPECT_EQ(desk.bank.paid, 0);
  EXPECT_EQ(desk.count("SELECT COUNT(*) FROM cardsign_payments WHERE state = 'signed'"), 0);
}

TEST_F(CardsignRemoval, of_a_container_that_was_never_made_is_done_at_once) {
  const auto ordered = must(cards().add_container("o", "TF-000001", 0, "carla"));
  const auto removed = must(cards().remove_container("o", "TF-000001", ordered.container));
  EXPECT_FALSE(removed.waits);
  EXPECT_EQ(removed.revoked, 0);
  EXPECT_EQ(state(2), "");
  EXPECT_FALSE(desk.terminal_of(*card).enrol(std::string(as_text(ordered.assigned.code.reveal()))).has_value());
  EXPECT_EQ(must(cards().add_container("o", "TF-000001", 0, "dora")).container, 2) << "the number is free";
}

TEST_F(CardsignRemoval, is_for_further_persons_of_cards_in_use) {
  EXPECT_REFUSED(cards().remove_container("o", "TF-000001", 0), Code::conflict, "cardsign.first_container");
  EXPECT_REFUSED(cards().remove_container("o", "TF-000001", 2), Code::not_found, "cardsign.no_container");
  EXPECT_REFUSED(cards().remove_container("o", "TF-000009", 1), Code::not_found, "cardsign.no_card");
  EXPECT_EQ(must(cards().remove_container("o", "TF-000001", 1)).revoked, 3);
  const auto again = must(cards().remove_container("o", "TF-000001", 1));  // an operator whose answer was lost
  EXPECT_TRUE(again.waits);
  EXPECT_EQ(again.revoked, 0);
  // Until it is off the card, nobody gets the number, and the person no other.
  EXPECT_REFUSED(cards().assign("o", "TF-000001", 1, "berta"), Code::conflict, "cardsign.removing");
  EXPECT_REFUSED(cards().add_container("o", "TF-000001", 1, "berta"), Code::conflict, "cardsign.removing");
  EXPECT_REFUSED(cards().add_container("o", "TF-000001", 0, "berta"), Code::conflict, "cardsign.removing");
  EXPECT_EQ(must(cards().add_container("o", "TF-000001", 0, "carla")).container, 2);
  must(cards().withdraw("o", "TF-000001"));
  EXPECT_REFUSED(cards().remove_container("o", "TF-000001", 2), Code::conflict, "cardsign.withdrawn");
}

TEST_F(CardsignRemoval, goes_before_enrolments_and_updates_and_takes_renewed_certificates_along) {
  EXPECT_EQ(must(cards().renew("o", "TF-000001")), 6);
  EXPECT_EQ(must(cards().remove_container("o", "TF-000001", 1)).revoked, 6) << "those under way, too";
  EXPECT_EQ(must(desk.terminal_of(*card).update("TF-000001")).count, 3) << "anna's";
  EXPECT_THAT(on_the_card(), ElementsAre(0));
  EXPECT_EQ(must(desk.terminal_of(*card).update("TF-000001")).count, 0);
  join("berta");
  EXPECT_EQ(must(pay("A-1", 1, kHerPin)).user, "berta") << "the same number, another container";
  must(cards().remove_container("o", "TF-000001", 1));
  EXPECT_EQ(must(desk.terminal_of(*card).update("TF-000001")).count, 0);
  EXPECT_THAT(on_the_card(), ElementsAre(0));
  join("berta");
  must(cards().remove_container("o", "TF-000001", 1));
  const auto code = must(cards().assign("o", "TF-000001", 0, "anna"));
  ASSERT_OK(desk.terminal_of(*card).enrol(std::string(as_text(code.code.reveal()))));
  EXPECT_THAT(on_the_card(), ElementsAre(0));
  EXPECT_EQ(state(), "");
  EXPECT_EQ(must(cards().renew("o", "TF-000001")), 3);
}

TEST_F(CardsignRemoval, of_a_container_that_the_manufacturer_made_is_the_same) {
  ASSERT_OK(card::add_container(card->software->services(), 5, card::padded_pin("555555"), card::padded_pin("55555555"), 3));
  const auto code = must(cards().assign("o", "TF-000001", 5, "emma"));
  ASSERT_OK(desk.terminal_of(*card).enrol(std::string(as_text(code.code.reveal()))));
  EXPECT_EQ(must(cards().remove_container("o", "TF-000001", 5)).revoked, 3);
  EXPECT_EQ(must(cards().remove_container("o", "TF-000001", 1)).revoked, 3);
  ASSERT_OK(desk.terminal_of(*card).update("TF-000001"));
  EXPECT_THAT(on_the_card(), ElementsAre(0)) << "both in one session";
  EXPECT_EQ(standing("anna"), 3);
}

TEST_F(CardsignRemoval, leaves_another_container_of_the_same_person_alone) {
  ASSERT_OK(card::add_container(card->software->services(), 5, card::padded_pin("555555"), card::padded_pin("55555555"), 3));
  const auto code = must(cards().assign("o", "TF-000001", 5, "anna"));
  ASSERT_OK(desk.terminal_of(*card).enrol(std::string(as_text(code.code.reveal()))));
  EXPECT_EQ(standing("anna"), 6);
  EXPECT_EQ(must(cards().remove_container("o", "TF-000001", 5)).revoked, 3);
  EXPECT_EQ(must(pay("A-1", 0, kPin)).user, "anna");
}

// Whoever answers for the card does not have its keys: nothing is believed, nothing is given up.
TEST_F(CardsignRemoval, waits_for_the_card_itself) {
  const auto other = desk.make_card("TF-000001");
  must(cards().remove_container("o", "TF-000001", 1));
  EXPECT_FALSE(desk.terminal_of(*other).update("TF-000001").has_value());
  EXPECT_THAT(desk.alarms(), Contains("secure_channel"));
  EXPECT_EQ(state(), "removing");
  ASSERT_OK(desk.terminal_of(*card).update("TF-000001"));
  EXPECT_EQ(state(), "");
}

// The line is cut after each message in turn, and the platform is started anew: the next session goes on.
TEST_F(CardsignRemoval, comes_to_be_wherever_the_line_is_cut) {
  bool complete = false;
  for (int most = 1; !complete; ++most) {
    SCOPED_TRACE(most);
    ASSERT_LT(most, 20);
    const std::string name = std::to_string(most);
    take("TF-1" + name, "anna" + name, "berta" + name);
    must(cards().remove_container("o", card->serial(), 1));
    int messages = 0;
    desk.line = [&](const std::string& method, const std::string& target, const std::string& body) -> Result<net::HttpResponse> {
      auto answer = desk.serve(method, target, body);
      if (++messages > most) return Error{Code::unavailable, "test.cut", "the answer is lost"};
      return answer;
    };
    complete = desk.terminal_of(*card).update(card->serial()).has_value();
    desk.line = [&](const std::string& method, const std::string& target, const std::string& body) { return desk.serve(method, target, body); };
    if (!complete) desk.restart();
    ASSERT_OK(desk.terminal_of(*card).update(card->serial()));
    EXPECT_THAT(on_the_card(), ElementsAre(0));
    EXPECT_EQ(state(), "");
    EXPECT_EQ(must(pay("C-" + name, 0, kPin)).user, "anna" + name);
  }
}

// Each write of the platform is lost in turn, or its answer is; the card's power fails at its own.
TEST_F(CardsignRemoval, comes_to_be_whichever_write_is_lost) {
  for (const auto fault : {FaultyDatabase::Fault::lost, FaultyDatabase::Fault::answer_lost}) {
    for (int at = 1; at <= 2; ++at) {
      SCOPED_TRACE(at);
      const std::string name = std::to_string(at) + (fault == FaultyDatabase::Fault::lost ? "L" : "A");
      take("TF-2" + name, "anna" + name, "berta" + name);
      if (at == 1) desk.database->next_write = fault;
      const auto ordered = cards().remove_container("o", card->serial(), 1);
      EXPECT_EQ(ordered.has_value(), at != 1);
      EXPECT_EQ(state() == "removing" ? 0 : 3, standing("berta" + name)) << "both or neither";
      if (at == 1) must(cards().remove_container("o", card->serial(), 1));
      EXPECT_EQ(standing("berta" + name), 0);
      if (at == 2) desk.database->next_write = fault;
      EXPECT_EQ(desk.terminal_of(*card).update(card->serial()).has_value(), at != 2);
      ASSERT_OK(desk.terminal_of(*card).update(card->serial()));
      EXPECT_THAT(on_the_card(), ElementsAre(0));
      EXPECT_EQ(state(), "");
    }
  }
  take("TF-300001", "anna3", "berta3");
  must(cards().remove_container("o", card->serial(), 1));
  card->storage.cut_at(1, card::VolatileStorage::Cut::before);
  EXPECT_FALSE(desk.terminal_of(*card).update(card->serial()).has_value());
  EXPECT_EQ(state(), "removing");
  card->software->card().reset();
  ASSERT_OK(desk.terminal_of(*card).update(card->serial()));
  EXPECT_EQ(state(), "");
}

cardsign::Policy sealed_policy() {
  cardsign::Policy out;
  out.sealed = true;
  return out;
}
struct SealedCardsignRemoval : CardsignRemoval {
  SealedCardsignRemoval() : CardsignRemoval(sealed_policy()) {}
};

TEST_F(SealedCardsignRemoval, goes_before_a_payment_that_is_sealed_itself) {
  must(cards().remove_container("o", "TF-000001", 1));
  EXPECT_EQ(must(pay("A-1", 0, kPin)).user, "anna");
  EXPECT_THAT(on_the_card(), ElementsAre(0));
}

// A certificate that was being made when the person was taken off the card does not outlive it.
TEST_F(CardsignRemoval, ends_an_enrolment_that_is_under_way) {
  const auto code = must(cards().assign("o", "TF-000001", 1, "berta"));
  desk.mark();
  int messages = 0;
  desk.line = [&](const std::string& method, const std::string& target, const std::string& body) -> Result<net::HttpResponse> {
    if (++messages == 5) must(cards().remove_container("o", "TF-000001", 1));  // the first key is made, its certificate not yet issued
    return desk.serve(method, target, body);
  };
  EXPECT_REFUSED(desk.terminal_of(*card).enrol(std::string(as_text(code.code.reveal()))), Code::refused, "cardsign.refused_code");
  EXPECT_THAT(desk.reasons(), Contains("cardsign.code_used"));
  desk.line = [&](const std::string& method, const std::string& target, const std::string& body) { return desk.serve(method, target, body); };
  ASSERT_OK(desk.terminal_of(*card).update("TF-000001"));
  desk.authority->drain();
  EXPECT_EQ(standing("berta"), 0);
  EXPECT_THAT(on_the_card(), ElementsAre(0));
}

}  // namespace
}  // namespace tf::platform::test
