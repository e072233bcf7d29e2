// What the service refuses, what it writes of it, and what a lost answer, a second terminal and a second signature get.
#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "platform/rewrap.hpp"
#include "tests/platform/cardsign/desk.hpp"

namespace tf::platform::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

cardsign::RelayRequest answered(CardsignDesk&, HeldCard& card, const cardsign::SessionReply& reply) {
  return {.session = reply.session, .step = reply.step, .answers = must(terminal::carry_out(card.in_reach, std::get<cardsign::Commands>(reply.next).apdus)).answers};
}

struct CardsignRefusals : testing::Test {
  CardsignDesk desk;
  net::HttpResponse relay(const cardsign::RelayRequest& request) { return desk.serve("POST", "/cardsign/v1/relay", encode(request)); }
  // Up to the display.
  cardsign::SessionReply shown(HeldCard& card, const std::string& payment) {
    const auto begun = desk.ask("pay", encode(cardsign::PayRequest{.payment = payment}));
    return must(cardsign::decode_session_reply(relay(answered(desk, card, begun)).body));
  }
  Bytes envelope(const cardsign::SessionReply& reply) {
    const auto keys = must(cardsign::decode_platform_keys(must(desk.service->published())));
    const terminal::CardsignTrust trust{desk.settings.name, must(desk.opened->certificates->current(kind::root)).certificate, {desk.manufacturer.certificate}};
    const auto shown = must(terminal::verify_display(std::get<cardsign::Display>(reply.next), keys, trust, desk.now.now_ms()));
    return must(terminal::seal_pin_for(shown, SecretBytes(as_bytes(kPin))));
  }
};

TEST_F(CardsignRefusals, the_same_relay_request_gets_the_same_answer_also_when_the_money_moved) {
  const auto card = desk.paying("TF-000001", "anna");
  const auto display = shown(*card, desk.order("A-1"));
  const cardsign::RelayRequest pin{.session = display.session, .step = display.step, .pin_envelope = envelope(display)};
  const auto sign = must(cardsign::decode_session_reply(relay(pin).body));
  const auto signature = answered(desk, *card, sign);
  const auto first = relay(signature);
  ASSERT_EQ(first.status, 200);
  EXPECT_EQ(relay(signature).body, first.body);
  EXPECT_EQ(desk.bank.paid, 1);
  EXPECT_EQ(desk.reason_of(relay(pin)), "session") << "an earlier one is another request by now";
}

TEST_F(CardsignRefusals, a_later_session_takes_the_card_over) {
  const auto card = desk.paying("TF-000001", "anna");
  const auto first = shown(*card, desk.order("A-1"));
  const auto second = shown(*card, desk.order("A-2"));
  EXPECT_EQ(desk.reason_of(relay({.session = first.session, .step = first.step, .pin_envelope = envelope(first)})), "superseded");
  EXPECT_EQ(relay({.session = second.session, .step = second.step, .pin_envelope = envelope(second)}).status, 200);
}

TEST_F(CardsignRefusals, sessions_end_after_two_minutes_or_when_the_card_is_pulled_out) {
  const auto card = desk.paying("TF-000001", "anna");
  const auto late = shown(*card, desk.order("A-1"));
  desk.now.advance(std::chrono::minutes(2));
  EXPECT_EQ(desk.reason_of(relay({.session = late.session, .step = late.step, .pin_envelope = envelope(late)})), "session");
  const auto pulled = shown(*card, desk.order("A-2"));
  EXPECT_EQ(desk.reason_of(relay({.session = pulled.session, .step = pulled.step, .removed = true})), "session");
  EXPECT_EQ(desk.reason_of(relay({.session = pulled.session, .step = pulled.step, .pin_envelope = envelope(pulled)})), "session");
  EXPECT_EQ(desk.reason_of(relay({.session = "AAAAAAAAAAAAAAAAAAAAAA", .step = 1})), "session");
}

TEST_F(CardsignRefusals, a_certificate_revoked_between_request_and_signature_pays_nothing) {
  const auto card = desk.paying("TF-000001", "anna");
  const auto payment = desk.order("A-1");
  const auto display = shown(*card, payment);
  const auto sign = must(cardsign::decode_session_reply(relay({.session = display.session, .step = display.step, .pin_envelope = envelope(display)}).body));
  const auto signature = answered(desk, *card, sign);
  for (const SlotRow& slot : must(desk.service->cards().show("TF-000001")).slots) must(desk.authority->revoke(slot.certificate_serial, pki::RevocationReason::key_compromise, "test"));
  desk.mark();
  EXPECT_EQ(desk.reason_of(relay(signature)), "certificate");
  EXPECT_THAT(desk.reasons(), ElementsAre("cardsign.certificate_revoked"));
  EXPECT_EQ(desk.bank.paid, 0);
  EXPECT_EQ(desk.count("SELECT COUNT(*) FROM payment_orders"), 0);
  EXPECT_EQ(desk.count("SELECT COUNT(*) FROM cardsign_payments WHERE state = 'open'"), 1);
  EXPECT_EQ(must(desk.service->cards().show("TF-000001")).card.counter, 0U);
  EXPECT_EQ(desk.reason_of(desk.serve("POST", "/cardsign/v1/pay", encode(cardsign::PayRequest{.payment = payment}))), "");
}

TEST_F(CardsignRefusals, a_card_withdrawn_between_request_and_signature_pays_nothing) {
  const auto card = desk.paying("TF-000001", "anna");
  const auto display = shown(*card, desk.order("A-1"));
  const auto sign = must(cardsign::decode_session_reply(relay({.session = display.session, .step = display.step, .pin_envelope = envelope(display)}).body));
  const auto signature = answered(desk, *card, sign);
  EXPECT_EQ(must(desk.service->cards().withdraw("test", "TF-000001")), 3);
  EXPECT_EQ(desk.reason_of(relay(signature)), "card");
  EXPECT_EQ(desk.bank.paid, 0);
}

TEST_F(CardsignRefusals, an_account_closed_between_request_and_signature_pays_nothing) {
  const auto card = desk.paying("TF-000001", "anna");
  const auto display = shown(*card, desk.order("A-1"));
  const auto sign = must(cardsign::decode_session_reply(relay({.session = display.session, .step = display.step, .pin_envelope = envelope(display)}).body));
  const auto signature = answered(desk, *card, sign);
  for (const InstrumentRow& each : must(desk.instruments->list(payer_of("anna")))) ASSERT_OK(desk.instruments->close("test", payer_of("anna"), each.token));
  EXPECT_EQ(desk.reason_of(relay(signature)), "instrument");
  EXPECT_EQ(desk.bank.paid, 0);
  EXPECT_EQ(desk.count("SELECT COUNT(*) FROM payment_orders"), 0);
  EXPECT_EQ(must(desk.service->cards().show("TF-000001")).card.counter, 0U);
}

// What a card showed before is not parsed again; what makes it good is asked each time.
TEST_F(CardsignRefusals, a_card_that_paid_before_pays_no_more_once_its_certificate_is_revoked) {
  const auto card = desk.paying("TF-000001", "anna");
  auto terminal = desk.terminal_of(*card);
  EXPECT_EQ(must(terminal.pay({.payment = desk.order("A-1")})).outcome, cardsign::Outcome::approved);
  EXPECT_EQ(must(terminal.pay({.payment = desk.order("A-2")})).outcome, cardsign::Outcome::approved);
  for (const SlotRow& slot : must(desk.service->cards().show("TF-000001")).slots) must(desk.authority->revoke(slot.certificate_serial, pki::RevocationReason::key_compromise, "test"));
  EXPECT_FALSE(terminal.pay({.payment = desk.order("A-3")}).has_value());
  EXPECT_THAT(desk.reasons(), testing::Contains("cardsign.certificate_revoked"));
  EXPECT_EQ(desk.bank.paid, 2);
}

TEST_F(CardsignRefusals, one_order_is_paid_once_however_many_cards_sign_it) {
  const auto anna = desk.paying("TF-000001", "anna");
  const auto berta = desk.paying("TF-000002", "berta");
  const auto payment = desk.order("A-1");
  const auto first = shown(*anna, payment);
  const auto second = shown(*berta, payment);
  const auto pin = [&](const cardsign::SessionReply& reply) {
    return must(cardsign::decode_session_reply(relay({.session = reply.session, .step = reply.step, .pin_envelope = envelope(reply)}).body));
  };
  const auto one = answered(desk, *anna, pin(first));
  const auto two = answered(desk, *berta, pin(second));
  EXPECT_EQ(relay(one).status, 200);
  EXPECT_EQ(desk.reason_of(relay(two)), "payment");
  EXPECT_EQ(desk.bank.paid, 1);
  // The card that paid is told so again, after a restart too; the other one is not.
  desk.restart();
  const auto again = desk.ask("pay", encode(cardsign::PayRequest{.payment = payment}));
  const auto told = must(cardsign::decode_session_reply(relay(answered(desk, *anna, again)).body));
  EXPECT_TRUE(std::holds_alternative<cardsign::Paid>(std::get<cardsign::Done>(told.next)));
  EXPECT_EQ(desk.reason_of(relay(answered(desk, *berta, desk.ask("pay", encode(cardsign::PayRequest{.payment = payment}))))), "payment");
}

TEST_F(CardsignRefusals, a_wrong_signature_is_alarmed_once_and_told_coarsely) {
  const auto card = desk.paying("TF-000001", "anna");
  for (int i = 0; i < 2; ++i) {
    const auto payment = i == 0 ? desk.order("A-1") : must(cardsign::decode_order_reply(desk.order(desk.terms("A-1"), "").body)).payment;
    const auto display = shown(*card, payment);
    const auto sign = must(cardsign::decode_session_reply(relay({.session = display.session, .step = display.step, .pin_envelope = envelope(display)}).body));
    auto signature = answered(desk, *card, sign);
    signature.answers[0][signature.answers[0].size() - 5] ^= 1;  // in the signature
    desk.mark();
    EXPECT_EQ(desk.reason_of(relay(signature)), "signature");
    EXPECT_THAT(desk.reasons(), ElementsAre("cardsign.wrong_signature"));
  }
  EXPECT_THAT(desk.alarms(), ElementsAre("wrong_signature"));
  EXPECT_EQ(desk.bank.paid, 0);
}

TEST_F(CardsignRefusals, codes_are_for_one_card_and_one_enrolment_and_wrong_ones_are_counted) {
  const auto card = desk.make_card("TF-000001");
  const std::string code = desk.assigned(*card, "anna");
  const auto enrol = [&](const std::string& with, const std::string& serial) { return desk.reason_of(desk.serve("POST", "/cardsign/v1/enrol", encode(cardsign::EnrolRequest{with, serial}))); };
  for (int i = 0; i < 5; ++i) EXPECT_EQ(enrol(std::string(26, 'A'), "TF-000001"), "code");
  EXPECT_EQ(enrol(code, "TF-000002"), "code");
  EXPECT_THAT(desk.alarms(), ElementsAre("too_many_codes"));
  const auto other = desk.make_card("TF-000002");
  EXPECT_FALSE(desk.terminal_of(*other).enrol(code).has_value()) << "the code is not for this card";
  EXPECT_THAT(desk.alarms(), Contains("other_card"));
  EXPECT_OK(desk.terminal_of(*card).enrol(code));
  EXPECT_EQ(enrol(code, ""), "code") << "used up";
  EXPECT_REFUSED(desk.service->cards().assign("test", "TF-000001", 0, "berta"), Code::conflict, "cardsign.assigned");
  const auto second = must(desk.service->cards().assign("test", "TF-000001", 0, "anna"));
  desk.now.advance(std::chrono::hours(72));
  EXPECT_EQ(enrol(std::string(as_text(second.code.reveal())), ""), "code");
}

TEST_F(CardsignRefusals, a_lost_connection_begins_again_with_the_same_code_and_keeps_what_was_stored) {
  const auto card = desk.make_card("TF-000001");
  const std::string code = desk.assigned(*card, "anna");
  int messages = 0;
  desk.line = [&](const std::string& method, const std::string& target, const std::string& body) -> Result<net::HttpResponse> {
    if (++messages > 7) return Error{Code::unavailable, "test.cut", "the line is cut"};  // in the middle of the second key
    return desk.serve(method, target, body);
  };
  EXPECT_FALSE(desk.terminal_of(*card).enrol(code).has_value());
  const auto first = must(desk.service->cards().show("TF-000001")).slots;
  ASSERT_FALSE(first.empty());
  desk.line = [&](const std::string& method, const std::string& target, const std::string& body) { return desk.serve(method, target, body); };
  const auto enrolled = must(desk.terminal_of(*card).enrol(code));
  EXPECT_EQ(enrolled.certificates.size(), 3U);
  const auto after = must(desk.service->cards().show("TF-000001")).slots;
  for (const SlotRow& slot : first)
    if (slot.stored) EXPECT_THAT(after, Contains(testing::Field(&SlotRow::certificate_serial, slot.certificate_serial)));
  for (const SlotRow& slot : after) EXPECT_TRUE(slot.stored);
}

TEST_F(CardsignRefusals, orders_are_a_merchants_and_a_number_is_one_order) {
  const auto terms = desk.terms("A-1");
  const auto first = desk.order(terms, "");
  ASSERT_EQ(first.status, 200);
  EXPECT_EQ(desk.order(terms, "").body, first.body);
  auto other = terms;
  other.amount = 1;
  EXPECT_EQ(desk.reason_of(desk.order(other, "")), "payment");
  EXPECT_EQ(desk.reason_of(desk.order(terms, std::string(64, '0'))), "refused");
  other = desk.terms("A-2");
  other.merchant = "NOBODY";
  EXPECT_EQ(desk.reason_of(desk.order(other, "")), "refused");
  other = desk.terms("A-3");
  other.expires_ms = desk.now.now_ms();
  EXPECT_EQ(desk.reason_of(desk.order(other, "")), "refused");
}

TEST_F(CardsignRefusals, records_come_sealed_from_a_known_manufacturer_and_once) {
  const auto card = desk.make_card("TF-000001");
  const std::string record = desk.record_of(*card);
  EXPECT_OK(desk.service->cards().import("test", record));
  EXPECT_REFUSED(desk.service->cards().import("test", record), Code::conflict, "cardsign.card_known");
  EXPECT_REFUSED(desk.service->cards().import("test", "a.b.c.d.e"), Code::refused, "cardsign.record");
  const auto key = crypto::PrivateKey::generate_p256();
  const pki::Issuer ours = desk.manufacturer;
  desk.manufacturer = {must(pki::make_root("another", key, {desk.now.now_ms(), pki::kRootDays}, desk.opened->random)), key};
  const auto foreign = desk.make_card("TF-000002");
  EXPECT_REFUSED(desk.service->cards().import("test", desk.record_of(*foreign)), Code::refused, "cardsign.attestation");
  desk.manufacturer = ours;
}

TEST_F(CardsignRefusals, a_users_instrument_pays_and_nobody_elses) {
  const auto card = desk.enrolled("TF-000001", "anna");
  EXPECT_EQ(desk.reason_of(relay(answered(desk, *card, desk.ask("pay", encode(cardsign::PayRequest{.payment = desk.order("A-1")}))))), "instrument");
  const auto bertas = must(desk.instruments->enrol("test", payer_of("berta"), {.wallet = "alipay", .number = SecretBytes(as_bytes("b")), .expiry = {}, .has_pin = false}));
  EXPECT_EQ(desk.reason_of(relay(answered(desk, *card, desk.ask("pay", encode(cardsign::PayRequest{.payment = desk.order("A-2"), .instrument = bertas.token}))))), "instrument");
}

TEST_F(CardsignRefusals, renewal_goes_over_the_air_and_the_old_certificate_is_revoked) {
  const auto card = desk.paying("TF-000001", "anna");
  const auto before = must(desk.service->cards().show("TF-000001")).slots;
  desk.now.advance(std::chrono::hours(24));
  EXPECT_EQ(must(desk.service->cards().renew("test", "TF-000001")), 3);
  EXPECT_EQ(must(desk.terminal_of(*card).update("TF-000001")).count, 3);
  EXPECT_EQ(must(desk.terminal_of(*card).update("TF-000001")).count, 0);
  const auto after = must(desk.service->cards().show("TF-000001"));
  EXPECT_EQ(after.updates, 0);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NE(after.slots[i].certificate_serial, before[i].certificate_serial);
  const auto state = [&] { return must(desk.authority->show(before[0].certificate_serial)).state; };
  for (int tries = 0; tries < 200 && state() != ca::State::revoked; ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(50));  // behind the answer
  EXPECT_EQ(state(), ca::State::revoked);
  EXPECT_OK(desk.terminal_of(*card).pay({.payment = desk.order("A-1")}));
}

TEST_F(CardsignRefusals, keys_of_cards_are_sealed_anew_with_the_rest) {
  const auto card = desk.make_card("TF-000001");
  const std::string code = desk.assigned(*card, "anna");
  must(rewrap_all(desk.at, "test", [](std::int64_t) {}));
  EXPECT_EQ(desk.count("SELECT COUNT(DISTINCT scp03_kek) FROM cardsign_cards WHERE scp03_kek = ota_kek"), 1);
  EXPECT_OK(desk.terminal_of(*card).enrol(code));
}

TEST_F(CardsignRefusals, tls_knows_a_card_by_its_certificate_while_it_is_good) {
  const auto card = desk.enrolled("TF-000001", "anna");
  const auto slots = must(desk.service->cards().show("TF-000001")).slots;
  const auto found = std::ranges::find(slots, cardsign::Slot::card, &SlotRow::slot);
  ASSERT_NE(found, slots.end());
  EXPECT_THAT(must(desk.service->account(found->der)), testing::HasSubstr("\"user\":\"anna\""));
  EXPECT_EQ(desk.service->account({}).error().code, Code::denied);
  const auto payment = std::ranges::find(slots, cardsign::Slot::payment, &SlotRow::slot);
  EXPECT_REFUSED(desk.service->account(payment->der), Code::refused, "cardsign.certificate_usage");
  must(desk.service->cards().withdraw("test", "TF-000001"));
  EXPECT_REFUSED(desk.service->account(found->der), Code::refused, "cardsign.certificate_revoked");
}

}  // namespace
}  // namespace tf::platform::test
