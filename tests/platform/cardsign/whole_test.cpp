// From the manufacturer's record to a paid order, with a card in process.
#include <gmock/gmock.h>

#include "tests/platform/cardsign/desk.hpp"

namespace tf::platform::test {
namespace {

using testing::ElementsAre;

TEST(Cardsign, a_card_is_imported_assigned_enrolled_and_pays) {
  CardsignDesk desk;
  const auto card = desk.make_card("TF-000001");
  EXPECT_EQ(must(desk.service->cards().import("test", desk.record_of(*card))), "TF-000001");
  EXPECT_EQ(state_of(must(desk.service->cards().show("TF-000001")).card, {}), "known");
  const auto assigned = must(desk.service->cards().assign("test", "TF-000001", 0, "anna"));

  auto terminal = desk.terminal_of(*card);
  const auto enrolled = must(terminal.enrol(std::string(as_text(assigned.code.reveal()))));
  EXPECT_EQ(enrolled.serial, "TF-000001");
  ASSERT_EQ(enrolled.certificates.size(), 3U);
  const auto certificate = must(pki::Certificate::from_der(enrolled.certificates[0].certificate));
  EXPECT_EQ(certificate.common_name(), "anna");
  EXPECT_EQ(certificate.subject_serial_number(), "TF-000001");
  EXPECT_TRUE(certificate.has_usage(pki::Usage::cardsign_payment));
  const auto shown = must(desk.service->cards().show("TF-000001"));
  EXPECT_EQ(state_of(shown.card, shown.holders), "enrolled");

  must(desk.instruments->enrol("test", payer_of("anna"), {.wallet = "alipay", .number = SecretBytes(as_bytes("anna@example.com")), .expiry = {}, .has_pin = false}));
  const std::string payment = desk.order("A-1");
  desk.mark();
  const auto result = must(terminal.pay({.payment = payment}));
  EXPECT_EQ(result.outcome, cardsign::Outcome::approved);
  EXPECT_EQ(result.amount, 1250);
  EXPECT_EQ(result.user, "anna");
  EXPECT_EQ(desk.bank.paid, 1);
  EXPECT_EQ(must(desk.service->cards().show("TF-000001")).card.counter, 1U);
  EXPECT_EQ(desk.count("SELECT COUNT(*) FROM cardsign_payments WHERE state = 'signed'"), 1);
  EXPECT_TRUE(desk.alarms().empty());
}

}  // namespace
}  // namespace tf::platform::test
