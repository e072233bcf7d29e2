// A card that paid lately pays on what is remembered of it. What this process changed refuses it before the PIN; what another did, written straight into the
// tables here, refuses it in the transaction that books, and from then on before the PIN.
#include <gmock/gmock.h>

#include "tests/platform/cardsign/desk.hpp"

namespace tf::platform::test {
namespace {

using testing::ElementsAre;

struct CardsignKnownPayer : testing::Test {
  CardsignKnownPayer() {
    desk.line = [this](const std::string& method, const std::string& target, const std::string& body) {
      if (body.contains("pin_envelope")) {
        ++pins;
        if (at_pin) std::exchange(at_pin, {})();
      }
      return desk.serve(method, target, body);
    };
    EXPECT_OK(pay());
    EXPECT_EQ(pins, 1);
    pins = 0;
    desk.mark();
  }
  Result<cardsign::ResultClaim> pay(std::string instrument = {}) {
    return desk.terminal_of(*card).pay({.payment = desk.order("A-" + std::to_string(++orders)), .instrument = std::move(instrument)});
  }
  void by_another_process(const std::string& sql) {
    must(desk.database->write([&](store::Session& rows) -> Status { return TF_TRY(rows.execute(sql, {})) > 0 ? Status() : Status(Error{Code::internal, "test.rows", sql}); }));
  }
  // One is refused after the PIN, the next before it.
  void expect_refused_when_booked_and_then_at_once(const char* when_booked, const char* at_once) {
    EXPECT_FALSE(pay());
    EXPECT_EQ(pins, 1);
    EXPECT_FALSE(pay());
    EXPECT_EQ(pins, 1);
    EXPECT_THAT(refusals(), ElementsAre(when_booked, at_once));
    EXPECT_EQ(desk.bank.paid, 1);
  }
  void expect_refused_at_once(const char* reason) {
    EXPECT_FALSE(pay());
    EXPECT_EQ(pins, 0);
    EXPECT_THAT(refusals(), ElementsAre(reason));
    EXPECT_EQ(desk.bank.paid, 1);
  }
  [[nodiscard]] std::vector<std::string> refusals() const {
    auto out = desk.reasons();
    std::erase(out, "");
    return out;
  }
  // A terminal that gives up at the PIN.
  bool is_shown() {
    pins = 0;
    const auto serving = std::exchange(desk.line, [this](const std::string& method, const std::string& target, const std::string& body) -> Result<net::HttpResponse> {
      if (!body.contains("pin_envelope")) return desk.serve(method, target, body);
      ++pins;
      return Error{Code::unavailable, "test.gone", "gave up"};
    });
    EXPECT_FALSE(pay());
    desk.line = serving;
    return std::exchange(pins, 0) > 0;
  }
  [[nodiscard]] std::string first_account() const { return must(desk.instruments->list(payer_of("anna"))).front().token; }
  void another_account_of_another_process() {
    by_another_process("INSERT INTO wallet_instruments (token, registration, kind, masked, prefix, wallet, has_pin, fingerprint, kek, sealed, added_ms) "
                       "SELECT 'another', registration, kind, masked, prefix, wallet, has_pin, X'00', kek, sealed, added_ms FROM wallet_instruments");
  }
  Result<InstrumentRow> another_account() {
    return desk.instruments->enrol("test", payer_of("anna"), {.wallet = "alipay", .number = SecretBytes(as_bytes(std::string_view("anna.too@example.com"))), .expiry = {}, .has_pin = false});
  }

  CardsignDesk desk;
  std::unique_ptr<HeldCard> card = desk.paying("TF-000001", "anna");
  int pins = 0, orders = 0;
  std::function<void()> at_pin;  // once, while the person types
};

TEST_F(CardsignKnownPayer, pays_again_and_again) {
  for (std::uint64_t payments = 2; payments < 5; ++payments) {
    EXPECT_OK(pay());
    EXPECT_EQ(must(desk.service->cards().show(card->serial())).card.counter, payments);
  }
  EXPECT_EQ(desk.bank.paid, 4);
}

TEST_F(CardsignKnownPayer, whose_card_was_withdrawn) {
  must(desk.service->cards().withdraw("test", card->serial()));
  expect_refused_at_once("cardsign.withdrawn");
}

TEST_F(CardsignKnownPayer, whose_card_another_process_withdrew) {
  by_another_process("UPDATE cardsign_cards SET withdrawn_ms = 1");
  expect_refused_when_booked_and_then_at_once("cardsign.withdrawn", "cardsign.withdrawn");
}

TEST_F(CardsignKnownPayer, whose_certificate_was_revoked) {
  must(desk.authority->revoke_holder(card_holder(card->serial()), pki::RevocationReason::key_compromise, "test"));
  expect_refused_at_once("cardsign.certificate_revoked");
}

TEST_F(CardsignKnownPayer, whose_certificate_another_process_revoked) {
  by_another_process("UPDATE pki_certificates SET state = 'revoked', revoked_ms = 1, reason = 1 WHERE holder = 'card:TF-000001'");
  expect_refused_when_booked_and_then_at_once("cardsign.certificate_revoked", "cardsign.certificate_revoked");
}

TEST_F(CardsignKnownPayer, whose_certificate_has_expired_meanwhile) {
  const auto certificate = must(pki::Certificate::from_der(must(desk.service->cards().show(card->serial())).slots.front().der));
  while (desk.now.now_ms() < certificate.not_after_ms()) {
    EXPECT_OK(pay());
    pins = 0;
    desk.now.advance(std::chrono::days(100));
    ASSERT_OK(desk.service->keep_house());  // the platform's own are renewed
  }
  EXPECT_FALSE(pay());
  EXPECT_EQ(pins, 0);
  EXPECT_THAT(refusals(), ElementsAre("cardsign.certificate_expired"));
}

// It is lent once for each booking: who never comes to an end is not shown one payment after the other.
TEST_F(CardsignKnownPayer, whose_card_another_process_withdrew_is_shown_one_payment_more) {
  by_another_process("UPDATE cardsign_cards SET withdrawn_ms = 1");
  EXPECT_TRUE(is_shown());
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(is_shown());
}

TEST_F(CardsignKnownPayer, who_gave_up_once_pays_again) {
  EXPECT_TRUE(is_shown());
  EXPECT_OK(pay());
  EXPECT_OK(pay());
}

// A terminal that lost the answer asks again: the result is not given on what is remembered.
TEST_F(CardsignKnownPayer, whose_card_another_process_withdrew_gets_no_result_again) {
  const std::string order = desk.order("X-1");
  EXPECT_OK(desk.terminal_of(*card).pay({.payment = order}));
  EXPECT_OK(desk.terminal_of(*card).pay({.payment = order}));
  by_another_process("UPDATE cardsign_cards SET withdrawn_ms = 1");
  EXPECT_FALSE(desk.terminal_of(*card).pay({.payment = order}));
}

TEST_F(CardsignKnownPayer, whose_account_was_closed) {
  for (const InstrumentRow& each : must(desk.instruments->list(payer_of("anna")))) ASSERT_OK(desk.instruments->close("test", payer_of("anna"), each.token));
  expect_refused_at_once("cardsign.no_instrument");
}

TEST_F(CardsignKnownPayer, whose_account_another_process_closed) {
  by_another_process("UPDATE wallet_instruments SET closed_ms = 1");
  expect_refused_when_booked_and_then_at_once("cardsign.no_instrument", "cardsign.no_instrument");
}

// Nobody said which of the two.
TEST_F(CardsignKnownPayer, who_has_another_account_by_now) {
  const auto other = must(another_account());
  expect_refused_at_once("cardsign.no_instrument");
  EXPECT_OK(pay(other.token));
}

TEST_F(CardsignKnownPayer, who_has_another_account_by_now_of_another_process) {
  another_account_of_another_process();
  expect_refused_when_booked_and_then_at_once("cardsign.no_instrument", "cardsign.no_instrument");
}

// What is remembered refuses nobody: where it does not fit, the tables are read.
TEST_F(CardsignKnownPayer, who_names_an_account_that_another_process_added) {
  another_account_of_another_process();
  EXPECT_OK(pay("another"));
  EXPECT_OK(pay("another"));
}

TEST_F(CardsignKnownPayer, who_has_one_account_left_of_two) {
  const auto first = first_account();
  must(another_account());
  EXPECT_OK(pay(first));
  by_another_process("UPDATE wallet_instruments SET closed_ms = 1 WHERE token <> '" + first + "'");
  EXPECT_OK(pay());
}

// Changes while the person types: what is lent is forgotten like the rest.
TEST_F(CardsignKnownPayer, who_gets_another_account_while_typing) {
  std::string other;
  at_pin = [&] { other = must(another_account()).token; };
  EXPECT_OK(pay(first_account()));
  EXPECT_OK(pay(other));
}

TEST_F(CardsignKnownPayer, whose_other_account_is_closed_while_typing) {
  const auto first = first_account();
  const auto other = must(another_account()).token;
  EXPECT_OK(pay(first));
  at_pin = [&] { EXPECT_OK(desk.instruments->close("test", payer_of("anna"), other)); };
  EXPECT_OK(pay(first));
  EXPECT_OK(pay());
}

TEST_F(CardsignKnownPayer, whose_card_is_withdrawn_while_typing) {
  at_pin = [&] { must(desk.service->cards().withdraw("test", card->serial())); };
  EXPECT_FALSE(pay());
  pins = 0;
  EXPECT_FALSE(pay());
  EXPECT_EQ(pins, 0);
}

// Each of two accounts by name: what is remembered is the person's, not the last choice.
TEST_F(CardsignKnownPayer, who_chooses_an_account) {
  const auto first = must(desk.instruments->list(payer_of("anna"))).front().token;
  const auto other = must(another_account()).token;
  for (const auto& token : {first, other, first}) EXPECT_OK(pay(token));
  EXPECT_EQ(desk.count("SELECT COUNT(*) FROM payment_orders WHERE instrument = '" + other + "'"), 1);
  EXPECT_EQ(desk.count("SELECT COUNT(*) FROM payment_orders WHERE instrument = '" + first + "'"), 3);
}

// The counter in the tables is ahead of what is remembered: a copy of the card paid elsewhere.
TEST_F(CardsignKnownPayer, of_whose_card_there_is_a_copy) {
  by_another_process("UPDATE cardsign_counters SET payments = 9");
  EXPECT_FALSE(pay());
  EXPECT_EQ(pins, 1);
  EXPECT_FALSE(pay());
  EXPECT_THAT(refusals(), ElementsAre("cardsign.counter", "cardsign.counter"));
  EXPECT_THAT(desk.alarms(), testing::Contains("counter"));
  EXPECT_EQ(pins, 1);
  EXPECT_EQ(desk.bank.paid, 1);
}

TEST_F(CardsignKnownPayer, is_nobody_any_more_for_a_process_that_began_anew) {
  desk.restart();
  by_another_process("UPDATE cardsign_cards SET withdrawn_ms = 1");
  expect_refused_at_once("cardsign.withdrawn");
}

}  // namespace
}  // namespace tf::platform::test
