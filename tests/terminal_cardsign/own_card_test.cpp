// What a terminal does with a card by itself.
#include "terminal/cardsign/own_card.hpp"

#include "tests/support/expect.hpp"
#include "tests/terminal_cardsign/site.hpp"

namespace tf::terminal::test {
namespace {

struct OwnCard : testing::Test {
  Site site;
  [[nodiscard]] Status unblock(std::string_view puk, std::string_view pin) {
    auto card = site.reach();
    return unblock_card(card, {.container = 0, .puk = SecretBytes(as_bytes(puk)), .pin = SecretBytes(as_bytes(pin))}, *site.trust, site.clock.now_ms());
  }
};

TEST_F(OwnCard, reads_what_is_public_before_and_after_enrolment) {
  auto card = site.reach();
  auto facts = read_card(card, 0);
  ASSERT_OK(facts);
  EXPECT_EQ(facts->serial, card::test::kSerial);
  EXPECT_EQ(facts->containers, (std::vector<std::uint8_t>{0, 1}));
  EXPECT_EQ(facts->tries.pin, 3U);
  EXPECT_EQ(facts->counter, 0U);
  EXPECT_TRUE(facts->slots.empty());
  site.enrol();
  facts = read_card(card, 0);
  ASSERT_OK(facts);
  ASSERT_EQ(facts->slots.size(), 3U);
  EXPECT_EQ(facts->slots.front().certificate.common_name(), "anna");
  EXPECT_EQ(read_card_serial(card).value(), card::test::kSerial);
}

TEST_F(OwnCard, a_blocked_pin_is_unblocked_by_the_puk_and_pays_again) {
  site.enrol();
  auto card = site.reach();
  const cardsign::PayRequest request{.payment = kPayment};
  CardsignTerminal stubborn(site.exchange(), card,
                            {.clock = site.clock, .trust = *site.trust, .ask_pin = [](const Shown&) -> Result<SecretBytes> { return SecretBytes(as_bytes("000000")); }});
  EXPECT_REFUSED(stubborn.pay(request), Code::refused, "cardsign.refused_pin_blocked");
  EXPECT_EQ(read_card(card, 0)->tries.pin, 0U);
  EXPECT_REFUSED(unblock("87654321", "246810"), Code::refused, "cardsign.puk");
  EXPECT_OK(unblock("12345678", "246810"));
  EXPECT_EQ(read_card(card, 0)->tries.pin, 3U);
  EXPECT_OK(site.terminal(card, "246810").pay({.payment = kPayment, .instrument = "again"}));
}

TEST_F(OwnCard, a_puk_is_told_only_to_a_card_of_a_trusted_manufacturer) {
  site.trust->manufacturers.clear();
  EXPECT_REFUSED(unblock("12345678", "246810"), Code::refused, "cardsign.channel");
}

TEST_F(OwnCard, a_puk_that_is_wrong_too_often_is_the_end) {
  for (int left = 2; left > 0; --left) EXPECT_REFUSED(unblock("87654321", "246810"), Code::refused, "cardsign.puk");
  EXPECT_REFUSED(unblock("87654321", "246810"), Code::refused, "cardsign.puk_blocked");
  EXPECT_REFUSED(unblock("12345678", "246810"), Code::refused, "cardsign.puk_blocked");
}

TEST_F(OwnCard, a_card_that_is_none_of_ours_is_said_to_be_one) {
  site.pcsc.readers[kReader].answer = [](ByteView) { return Bytes{0x6A, 0x82}; };
  auto card = site.reach();
  EXPECT_REFUSED(read_card_serial(card), Code::not_found, "cardsign.no_shield");
}

}  // namespace
}  // namespace tf::terminal::test
