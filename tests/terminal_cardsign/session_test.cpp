// A terminal with a real card in a scripted reader, against the platform's session machines.
#include "tests/support/expect.hpp"
#include "tests/terminal_cardsign/site.hpp"

namespace tf::terminal::test {
namespace {

struct Sessions : testing::Test {
  Site site;
  cardsign::PayRequest request{.payment = kPayment};
};

TEST_F(Sessions, enrols_a_card_by_its_code) {
  auto card = site.reach();
  const auto enrolled = site.terminal(card).enrol(kCode);
  ASSERT_OK(enrolled);
  EXPECT_EQ(enrolled->serial, card::test::kSerial);
  EXPECT_EQ(enrolled->certificates.size(), 3U);
  EXPECT_REFUSED(site.terminal(card).enrol(std::string(26, 'B')), Code::refused, "cardsign.refused_code");
}

TEST_F(Sessions, shows_what_is_paid_and_pays_it) {
  site.enrol();
  auto card = site.reach();
  const auto paid = site.terminal(card).pay(request);
  ASSERT_OK(paid);
  EXPECT_EQ(paid->outcome, cardsign::Outcome::approved);
  EXPECT_EQ(paid->transaction, "T1");
  ASSERT_EQ(site.shown.size(), 1U);
  const Shown& shown = site.shown.front();
  EXPECT_EQ(shown.payment.payee, "SHOP01");
  EXPECT_EQ(shown.payment.amount, 1250U);
  EXPECT_EQ(shown.payment.order, "2026-0001");
  EXPECT_EQ(shown.payment.subject, "Tea");
  EXPECT_EQ(shown.claim.user, "anna");
  EXPECT_EQ(site.payments_on_card(), 1U);
}

TEST_F(Sessions, asks_again_after_a_wrong_pin_and_says_how_many_tries_are_left) {
  site.enrol();
  auto card = site.reach();
  ASSERT_OK(site.terminal(card, "654321").pay(request));
  ASSERT_EQ(site.shown.size(), 2U);
  EXPECT_EQ(site.shown[0].tries, std::nullopt);
  EXPECT_EQ(site.shown[1].tries, 2);
  EXPECT_NE(site.shown[0].claim.card_nonce, site.shown[1].claim.card_nonce);
}

TEST_F(Sessions, pays_by_hash_where_the_policy_allows_it_and_the_person_is_told) {
  // The hash's own key comes with the policy that allows it; this card was enrolled without.
  site.enrol();
  auto card = site.reach();
  request.suite = cardsign::Suite::classic;
  EXPECT_REFUSED(site.terminal(card).pay(request), Code::refused, "cardsign.refused_certificate");
}

TEST_F(Sessions, a_lost_answer_is_asked_for_again_and_nothing_happens_twice) {
  site.enrol();
  auto card = site.reach();
  for (int nth = 0; nth < 2; ++nth) {
    site.lost = 2;  // the first message's answer, twice
    EXPECT_OK(site.terminal(card).pay({.payment = kPayment, .instrument = std::to_string(nth)}));
  }
  EXPECT_EQ(site.payments_on_card(), 2U);
  site.lost = 3;
  EXPECT_REFUSED(site.terminal(card).pay({.payment = kPayment, .instrument = "x"}), Code::unavailable, "net.closed");
}

TEST_F(Sessions, a_person_who_gives_up_signs_nothing_and_the_platform_is_told) {
  site.enrol();
  auto card = site.reach();
  EXPECT_REFUSED(site.terminal(card, "").pay(request), Code::refused, "test.gave_up");
  EXPECT_TRUE(site.told_removed);
  EXPECT_EQ(site.payments_on_card(), 0U);
}

TEST_F(Sessions, a_card_pulled_out_in_the_middle_ends_it_and_the_platform_is_told) {
  site.enrol();
  auto card = site.reach();
  site.pcsc.sent.clear();
  site.pcsc.before_transmit = [this](int nth) {
    if (nth == 3) site.pcsc.pull_card(kReader);
  };
  EXPECT_REFUSED(site.terminal(card).pay(request), Code::unavailable, "pcsc.removed");
  EXPECT_TRUE(site.told_removed);
}

TEST_F(Sessions, a_platform_that_shows_one_amount_and_asks_the_card_for_another_gets_no_signature) {
  site.enrol();
  auto card = site.reach();
  site.command_lie = [](std::vector<Bytes>& commands) {
    // SIGN PAYMENT comes in pieces; the amount (C3, eight octets) is in the first of them.
    for (Bytes& octets : commands) {
      for (std::size_t i = 0; i + 10 < octets.size(); ++i)
        if (octets[i] == 0xC3 && octets[i + 1] == 0x08) octets[i + 9] ^= 0x01;
    }
  };
  EXPECT_REFUSED(site.terminal(card).pay(request), Code::refused, "cardsign.refused_signature");
  EXPECT_EQ(site.payments_on_card(), 0U);
}

TEST_F(Sessions, a_payment_that_was_signed_before_gives_its_result_again_and_nothing_is_shown) {
  site.enrol();
  auto card = site.reach();
  site.earlier = cardsign::ResultClaim{.platform = kPlatform, .user = "anna", .serial = site.row.serial, .transaction = "T0", .outcome = cardsign::Outcome::approved,
                                       .amount = 1250, .currency = "EUR", .time_ms = site.clock.now_ms()};
  const auto paid = site.terminal(card).pay(request);
  ASSERT_OK(paid);
  EXPECT_EQ(paid->transaction, "T0");
  EXPECT_TRUE(site.shown.empty());
  site.earlier->serial = "OTHER";
  EXPECT_REFUSED(site.terminal(card).pay({.payment = kPayment, .instrument = "x"}), Code::refused, "cardsign.other_result");
}

TEST_F(Sessions, a_result_of_another_payment_is_not_believed) {
  site.enrol();
  const std::function<void(cardsign::ResultClaim&)> lies[] = {
      [](cardsign::ResultClaim& claim) { claim.amount = 1; }, [](cardsign::ResultClaim& claim) { claim.currency = "USD"; },
      [](cardsign::ResultClaim& claim) { claim.serial = "OTHER"; }, [](cardsign::ResultClaim& claim) { claim.user = "bob"; },
      [](cardsign::ResultClaim& claim) { claim.digest[0] ^= 1; }};
  int nth = 0;
  for (const auto& lie : lies) {
    site.result_lie = lie;
    auto card = site.reach();
    EXPECT_REFUSED(site.terminal(card).pay({.payment = kPayment, .instrument = std::to_string(++nth)}), Code::refused, "cardsign.other_result");
  }
}

}  // namespace
}  // namespace tf::terminal::test
