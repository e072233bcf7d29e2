// What is to be shown is believed only whole: platform, card and payment.
#include "crypto/digest.hpp"
#include "pki/issue.hpp"
#include "tests/support/expect.hpp"
#include "tests/terminal_cardsign/site.hpp"

namespace tf::terminal::test {
namespace {

struct Displays : testing::Test {
  Site site;
  [[nodiscard]] Result<Shown> verify(const cardsign::Display& display) { return verify_display(display, site.keys, *site.trust, site.clock.now_ms()); }
};

TEST_F(Displays, believes_what_the_platform_signed_for_this_card) {
  const auto shown = verify(site.display(site.claim()));
  ASSERT_OK(shown);
  EXPECT_EQ(shown->payment.amount, 1250U);
  EXPECT_EQ(shown->claim.serial, card::test::kSerial);
}

TEST_F(Displays, refuses_a_signature_that_is_not_the_platforms) {
  auto display = site.display(site.claim());
  display.jws.back() = display.jws.back() == 'A' ? 'Q' : 'A';
  EXPECT_REFUSED(verify(display), Code::refused, "crypto.jws");
}

TEST_F(Displays, refuses_a_text_signed_for_another_use) {
  cardsign::Display display = site.display(site.claim());
  display.jws = site.sign(cardsign::typ::result, encode(site.claim()));
  EXPECT_FALSE(verify(display).has_value());
  // The label inside says so too.
  std::string other = encode(site.claim());
  other.replace(other.find("cardsign display"), 16, "cardsign result");
  display.jws = site.sign(cardsign::typ::display, other);
  EXPECT_REFUSED(verify(display), Code::malformed, "cardsign.label");
}

TEST_F(Displays, refuses_a_platform_under_another_root_or_of_another_name) {
  const auto display = site.display(site.claim());
  Site other;
  EXPECT_REFUSED(verify_display(display, other.keys, *other.trust, site.clock.now_ms()), Code::refused, "crypto.jws");
  EXPECT_REFUSED(verify_display(display, site.keys, *other.trust, site.clock.now_ms()), Code::refused, "pki.untrusted");
  auto trust = *site.trust;
  trust.platform = "other";
  EXPECT_REFUSED(verify_display(display, site.keys, trust, site.clock.now_ms()), Code::refused, "cardsign.other_platform");
  auto keys = site.keys;
  keys.platform = "other";
  EXPECT_REFUSED(verify_display(display, keys, trust, site.clock.now_ms()), Code::refused, "cardsign.other_platform");
}

TEST_F(Displays, refuses_a_payment_of_another_platform) {
  auto claim = site.claim();
  claim.platform = "other";
  EXPECT_REFUSED(verify(site.display(claim)), Code::refused, "cardsign.other_platform");
  claim = site.claim();
  auto payment = apdu::PaymentStructure::parse(claim.payment).value();
  payment.domain = "other";
  claim.payment = payment.encode().value();
  EXPECT_REFUSED(verify(site.display(claim)), Code::refused, "cardsign.other_platform");
}

TEST_F(Displays, refuses_a_payment_whose_time_is_over_and_a_certificate_too) {
  const auto display = site.display(site.claim());
  site.clock.set(site.order.expires_ms);
  EXPECT_REFUSED(verify(display), Code::refused, "cardsign.expired");
  site.clock.advance_days(400);
  EXPECT_REFUSED(verify(display), Code::refused, "pki.expired");
}

TEST_F(Displays, refuses_another_serial_than_that_of_the_channel_key) {
  auto claim = site.claim();
  claim.serial = "CARD-0002";
  EXPECT_REFUSED(verify(site.display(claim)), Code::refused, "cardsign.channel");
}

TEST_F(Displays, refuses_a_channel_key_of_another_manufacturer_or_without_its_factory) {
  const auto display = site.display(site.claim());
  auto trust = *site.trust;
  const auto key = crypto::PrivateKey::generate_p256();
  trust.manufacturers = {pki::make_root("another", key, {site.clock.now_ms(), 100}, site.random).value()};
  EXPECT_REFUSED(verify_display(display, site.keys, trust, site.clock.now_ms()), Code::refused, "cardsign.channel");
  trust.manufacturers.clear();
  EXPECT_REFUSED(verify_display(display, site.keys, trust, site.clock.now_ms()), Code::refused, "cardsign.channel");
  auto short_chain = display;
  short_chain.channel.resize(1);
  EXPECT_REFUSED(verify(short_chain), Code::refused, "cardsign.channel");
  // The factory's certificate itself, in the place of the channel's.
  auto wrong = display;
  wrong.channel[0] = wrong.channel[1];
  EXPECT_REFUSED(verify(wrong), Code::refused, "cardsign.channel");
}

TEST_F(Displays, refuses_a_payment_structure_altered_in_any_octet_of_its_frame) {
  const auto claim = site.claim();
  for (const std::size_t at : {std::size_t{0}, std::size_t{1}, claim.payment.size() - 10}) {
    auto altered = claim;
    altered.payment[at] ^= 0x40;
    EXPECT_FALSE(verify(site.display(altered)).has_value()) << at;
  }
  auto cut = claim;
  cut.payment.pop_back();
  EXPECT_FALSE(verify(site.display(cut)).has_value());
}

TEST_F(Displays, seals_a_pin_of_four_to_eight_characters_and_nothing_else) {
  const auto shown = verify(site.display(site.claim())).value();
  EXPECT_OK(seal_pin_for(shown, SecretBytes(as_bytes("123456"))));
  for (const char* pin : {"", "123", "123456789", "12 45\n"}) EXPECT_REFUSED(seal_pin_for(shown, SecretBytes(as_bytes(pin))), Code::invalid, "cardsign.pin");
}

}  // namespace
}  // namespace tf::terminal::test
