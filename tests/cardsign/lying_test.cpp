// Relays and terminals that lie: what is shown and what is signed differ, signatures come again, cards are copied.
#include "apdu/shield.hpp"
#include "tests/cardsign/world.hpp"

namespace tf::cardsign::test {
namespace {

namespace shield = apdu::shield;

// The same payment with another amount.
Bytes richer(ByteView structure) {
  auto payment = must(apdu::PaymentStructure::parse(structure));
  payment.amount *= 100;
  return must(payment.encode());
}

bool is_sign(const Bytes& command) { return must(apdu::CommandApdu::parse(command)).ins == static_cast<std::uint8_t>(shield::Ins::sign_payment); }

Bytes with_structure(const Bytes& command, const Bytes& structure) {
  const auto parsed = must(apdu::CommandApdu::parse(command));
  return must(shield::sign_payment(structure, must(shield::parse_sign_payment(parsed.data)).envelope).encode());
}

struct Lying : testing::Test {
  World world{"lying"};
  std::unique_ptr<CardUnderTest> card = world.enrolled("TF-000001", "anna");
  Relay honest = world.relay_of(*card);
  Bytes structure = {};

  // Asks the card for another payment than the platform does.
  Relay asking_for_more() {
    return [this](int exchange, const Commands& commands) {
      Commands altered = commands;
      for (Bytes& each : altered.apdus)
        if (is_sign(each)) each = with_structure(each, richer(must(shield::parse_sign_payment(must(apdu::CommandApdu::parse(each)).data)).content));
      return honest(exchange, altered);
    };
  }
};

TEST_F(Lying, a_relay_that_asks_for_another_amount_gets_no_signature_for_an_honest_pin) {
  EXPECT_REFUSED(world.pay(*card, world.order("A-1"), asking_for_more()), Code::refused, "cardsign.card_disagrees");
  EXPECT_TRUE(world.signed_payments.empty());
  EXPECT_OK(world.pay(*card, world.order("A-1")));  // and no try of the PIN is lost
}

TEST_F(Lying, a_terminal_that_shows_one_amount_and_has_another_signed_is_found_out_by_platform_and_card) {
  const Pad lying = [this](const Display& display) {
    auto shown = must(terminal::verify_display(display, world.keys(), world.trust(), world.clock.now_ms()));
    shown.claim.payment = richer(shown.claim.payment);
    return must(terminal::seal_pin_for(shown, SecretBytes(as_bytes(kPin))));
  };
  EXPECT_REFUSED(world.pay(*card, world.order("A-1"), asking_for_more(), lying), Code::refused, "cardsign.wrong_signature");
  EXPECT_TRUE(world.signed_payments.empty());
}

TEST_F(Lying, a_pin_sealed_for_one_payment_is_worth_nothing_for_the_next) {
  Bytes kept;
  EXPECT_REFUSED(world.pay(*card, world.order("A-1"), {}, [&](const Display& display) {
    kept = world.pad_of()(display);
    return Bytes();
  }), Code::refused, "cardsign.card_removed");
  EXPECT_REFUSED(world.pay(*card, world.order("A-2"), {}, [&](const Display&) { return kept; }), Code::refused, "cardsign.card_disagrees");
}

TEST_F(Lying, a_signature_is_good_once) {
  std::vector<std::vector<Bytes>> heard;
  must(world.pay(*card, world.order("A-1"), [&](int exchange, const Commands& commands) { return heard.emplace_back(honest(exchange, commands)); }));
  // The same answers for another order: nonce and structure are others.
  const auto again = world.pay(*card, world.order("A-2"), [&](int exchange, const Commands&) { return heard[static_cast<std::size_t>(exchange)]; });
  ASSERT_FALSE(again.has_value());
  EXPECT_STREQ(again.error().reason, "cardsign.counter");
  // Only the signature again, over fresh nonces.
  const auto signature = world.pay(*card, world.order("A-3"), [&](int exchange, const Commands& commands) { return exchange == 0 ? honest(exchange, commands) : heard.back(); });
  ASSERT_FALSE(signature.has_value());
  EXPECT_EQ(world.signed_payments.size(), 1U);
}

TEST_F(Lying, a_copy_of_a_card_is_noticed_by_its_counter) {
  must(world.pay(*card, world.order("A-1")));
  world.rows.at("TF-000001").counter = 7;  // the other copy paid
  EXPECT_REFUSED(world.pay(*card, world.order("A-2")), Code::refused, "cardsign.counter");
}

TEST_F(Lying, a_display_of_another_platform_or_card_gets_no_pin) {
  World other{"other"};
  const auto theirs = other.enrolled("TF-000001", "anna");
  const auto foreign = other.pay(*theirs, other.order("A-1"), {}, [this](const Display& display) {
    EXPECT_FALSE(terminal::verify_display(display, world.keys(), world.trust(), world.clock.now_ms()).has_value());
    return Bytes();
  });
  EXPECT_FALSE(foreign.has_value());
  const auto second = world.enrolled("TF-000002", "berta");
  std::optional<Display> altered;
  const auto end = world.pay(*card, world.order("A-2"), {}, [&](const Display& display) -> Bytes {
    altered = display;
    return {};
  });
  ASSERT_TRUE(altered.has_value());
  altered->channel = {second->file(card::kChannelCertificate), second->file(card::kFactoryCertificate)};
  EXPECT_REFUSED(terminal::verify_display(*altered, world.keys(), world.trust(), world.clock.now_ms()), Code::refused, "cardsign.channel");
  EXPECT_REFUSED(end, Code::refused, "cardsign.card_removed");
}

}  // namespace
}  // namespace tf::cardsign::test
