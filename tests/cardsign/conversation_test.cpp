// What honest cards and terminals see, and what is refused to others.
#include "apdu/response.hpp"
#include "pki/device/attestation.hpp"
#include "protocols/cardsign/new_key.hpp"
#include "tests/cardsign/world.hpp"

namespace tf::cardsign::test {
namespace {

Policy rsa() {
  Policy out;
  out.rsa = true;
  out.slots = {Slot::payment};
  return out;
}
Policy sealed() {
  Policy out;
  out.sealed = true;
  return out;
}
Policy all_slots() {
  Policy out;
  out.slots = {Slot::payment, Slot::authentication, Slot::card, Slot::signature, Slot::encryption};
  return out;
}

TEST(Cardsign, makes_keys_on_the_card_certifies_them_and_stores_the_certificates) {
  World world("enrol", all_slots());
  const auto card = world.make_card("TF-000001");
  world.add(*card, "anna");
  const auto enrolled = must(world.enrol(*card));
  ASSERT_EQ(enrolled.certificates.size(), 5U);
  for (const StoredCertificate& each : enrolled.certificates) {
    const auto certificate = must(pki::Certificate::from_der(each.certificate));
    EXPECT_EQ(certificate.common_name(), "anna");
    EXPECT_EQ(certificate.subject_serial_number(), "TF-000001");
  }
}

TEST(Cardsign, pays_what_the_person_saw) {
  World world("pay");
  const auto card = world.enrolled("TF-000001", "anna");
  for (const char* number : {"A-1", "A-2"}) {
    const auto result = must(world.pay(*card, world.order(number)));
    EXPECT_EQ(result.outcome, Outcome::approved);
    EXPECT_EQ(result.amount, 1250);
  }
  EXPECT_EQ(world.rows.at("TF-000001").counter, 2U);
  card->restart(world.random);
  EXPECT_OK(world.pay(*card, world.order("A-3")));
}

TEST(Cardsign, pays_with_an_rsa_key) {
  World world("rsa", rsa());
  const auto card = world.enrolled("TF-000001", "anna");
  EXPECT_OK(world.pay(*card, world.order("A-1")));
}

TEST(Cardsign, the_relay_sees_no_signature_where_it_is_sealed) {
  World world("sealed", sealed());
  const auto card = world.enrolled("TF-000001", "anna");
  std::vector<Bytes> seen;
  const Relay honest = world.relay_of(*card);
  const auto payment = world.order("A-1");
  EXPECT_OK(world.pay(*card, payment, [&](int exchange, const Commands& commands) {
    auto answers = honest(exchange, commands);
    seen.insert(seen.end(), answers.begin(), answers.end());
    return answers;
  }));
  const Bytes& signature = world.signed_payments.at(payment).signature;
  for (const Bytes& each : seen) EXPECT_EQ(std::ranges::search(each, signature).begin(), each.end());
}

TEST(Cardsign, asks_again_after_a_wrong_pin_and_ends_at_the_last_try) {
  World world("pin");
  const auto card = world.enrolled("TF-000001", "anna");
  std::vector<std::optional<int>> tries;
  int shown = 0;
  EXPECT_OK(world.pay(*card, world.order("A-1"), {}, [&](const Display& display) {
    tries.push_back(display.tries);
    return world.pad_of(++shown < 3 ? "654321" : "123456")(display);
  }));
  EXPECT_EQ(tries, (std::vector<std::optional<int>>{std::nullopt, 2, 1}));
  EXPECT_REFUSED(world.pay(*card, world.order("A-2"), {}, world.pad_of("654321")), Code::refused, "cardsign.pin_blocked");
  EXPECT_REFUSED(world.pay(*card, world.order("A-3")), Code::refused, "cardsign.pin_blocked");
}

TEST(Cardsign, a_certificate_that_waits_goes_over_the_air) {
  World world("ota");
  const auto card = world.enrolled("TF-000001", "anna");
  const auto before = must(pki::Certificate::from_der(world.stored["TF-000001"][Slot::payment]));
  const auto renewed = world.issue(Slot::payment, "anna", "TF-000001", must(before.public_key()));
  world.updates = {{.id = "u-1", .container = 0, .slot = Slot::payment, .certificate = renewed.der()}};
  EXPECT_EQ(must(world.update(*card)), std::vector<std::string>{"u-1"});
  world.revoked = {before.serial_hex()};
  EXPECT_OK(world.pay(*card, world.order("A-1")));
}

TEST(Cardsign, a_packet_that_comes_again_changes_nothing) {
  World world("ota twice");
  const auto card = world.enrolled("TF-000001", "anna");
  const auto before = must(pki::Certificate::from_der(world.stored["TF-000001"][Slot::payment]));
  world.updates = {{.id = "u-1", .container = 0, .slot = Slot::payment, .certificate = world.issue(Slot::payment, "anna", "TF-000001", must(before.public_key())).der()}};
  Commands first;
  const Relay honest = world.relay_of(*card);
  must(world.update(*card, [&](int exchange, const Commands& commands) {
    first = commands;
    return honest(exchange, commands);
  }));
  world.updates = {{.id = "u-2", .container = 0, .slot = Slot::payment, .certificate = before.der()}};
  EXPECT_FALSE(world.update(*card, [&](int exchange, const Commands&) { return honest(exchange, first); }).has_value());
  EXPECT_EQ(world.updates.size(), 1U) << "nothing proves that it was carried out";
  EXPECT_OK(world.update(*card));
}

// --- whose card, whose certificate ------------------------------------------------------------------------------------

TEST(Cardsign, refuses_a_card_that_claims_anothers_certificate) {
  World world("claim");
  const auto anna = world.enrolled("TF-000001", "anna");
  const auto berta = world.enrolled("TF-000002", "berta");
  std::vector<Bytes> annas;
  const Relay of_anna = world.relay_of(*anna), of_berta = world.relay_of(*berta);
  EXPECT_REFUSED(world.pay(*anna, world.order("A-1"), [&](int exchange, const Commands& commands) { return annas = of_anna(exchange, commands); }, [](const Display&) { return Bytes(); }),
                 Code::refused, "cardsign.card_removed");
  EXPECT_REFUSED(world.pay(*berta, world.order("A-2"), [&](int exchange, const Commands& commands) {
    auto answers = of_berta(exchange, commands);
    answers[4] = annas[4];  // READ CERTIFICATE
    return answers;
  }), Code::refused, "cardsign.certificate_of_another");
  // All of anna's first answers: then the signature is not anna's key's.
  EXPECT_REFUSED(world.pay(*berta, world.order("A-3"), [&](int exchange, const Commands& commands) { return exchange == 0 ? annas : of_berta(exchange, commands); }), Code::refused,
                 "cardsign.card_disagrees");
}

TEST(Cardsign, refuses_cards_of_other_manufacturers_withdrawn_and_nobodys_cards) {
  World world("whose");
  const auto key = crypto::PrivateKey::generate_p256();
  const pki::Issuer other{must(pki::make_root("Other cards", key, {world.clock.now_ms(), pki::kRootDays}, world.random)), key};
  const auto foreign = world.make_card("TF-000009", &other);
  world.add(*foreign, "anna");
  EXPECT_REFUSED(world.enrol(*foreign), Code::refused, "cardsign.attestation");

  const auto card = world.make_card("TF-000001");
  EXPECT_REFUSED(world.enrol(*card), Code::refused, "cardsign.no_card");
  world.add(*card, "");
  EXPECT_REFUSED(world.enrol(*card), Code::refused, "cardsign.not_assigned");
  world.add(*card, "anna");
  world.rows.at("TF-000001").withdrawn = true;
  EXPECT_REFUSED(world.enrol(*card), Code::refused, "cardsign.withdrawn");
}

TEST(Cardsign, refuses_a_card_that_shows_other_certificates_than_its_record) {
  World world("record");
  const auto card = world.make_card("TF-000001");
  world.add(*card, "anna");
  const auto twin = world.make_card("TF-000001");  // the same number, other keys
  EXPECT_REFUSED(world.enrol(*twin), Code::refused, "cardsign.factory_differs");
  world.rows.at("TF-000001").factory = {twin->file(card::kFactoryCertificate)};
  EXPECT_REFUSED(world.enrol(*twin), Code::refused, "cardsign.channel_differs");
}

TEST(Cardsign, refuses_a_card_without_the_keys_of_its_record) {
  World world("keys");
  const auto card = world.make_card("TF-000001");
  const auto other = world.make_card("TF-000002");
  world.add(*card, "anna");
  world.keys_of["TF-000001"] = other.get();
  EXPECT_REFUSED(world.enrol(*card), Code::refused, "cardsign.secure_channel");
}

TEST(Cardsign, refuses_a_certificate_that_is_revoked_between_request_and_signature) {
  World world("revoked");
  const auto card = world.enrolled("TF-000001", "anna");
  world.before_booking = [&](const SignedPayment& made) { world.revoked.insert(must(pki::Certificate::from_der(made.certificate)).serial_hex()); };
  EXPECT_REFUSED(world.pay(*card, world.order("A-1")), Code::refused, "cardsign.certificate_revoked");
  EXPECT_TRUE(world.signed_payments.empty());
  world.before_booking = {};
  EXPECT_REFUSED(world.pay(*card, world.order("A-2")), Code::refused, "cardsign.certificate_revoked");
}

TEST(Cardsign, refuses_expired_orders_orders_of_others_and_paid_ones) {
  World world("orders");
  const auto card = world.enrolled("TF-000001", "anna");
  const auto paid = world.order("A-1");
  must(world.pay(*card, paid));
  EXPECT_REFUSED(world.pay(*card, paid), Code::refused, "cardsign.payment_signed");
  const auto bertas = world.order("A-2");
  world.orders[bertas].user = "berta";
  EXPECT_REFUSED(world.pay(*card, bertas), Code::refused, "cardsign.payment_of_another");
  const auto late = world.order("A-3");
  world.orders[late].expires_ms = world.clock.now_ms();
  EXPECT_REFUSED(world.pay(*card, late), Code::refused, "cardsign.payment_expired");
}

Policy classic() {
  Policy out;
  out.slots = {Slot::payment};
  out.classic = true;
  return out;
}

TEST(Cardsign, signs_a_hash_with_a_key_of_its_own_where_policy_and_card_allow_it) {
  World world("classic", classic());
  const auto card = world.enrolled("TF-000001", "anna");
  const auto payment = world.order("A-1");
  EXPECT_OK(world.pay(*card, payment));
  const SignedPayment& made = world.signed_payments.at(payment);
  EXPECT_EQ(made.suite, Suite::classic);
  EXPECT_TRUE(must(pki::Certificate::from_der(made.certificate)).has_usage(pki::Usage::cardsign_hash));
  EXPECT_NE(made.octets, apdu::signed_payment(made.serial, made.structure, {}, made.counter));
}

TEST(Cardsign, never_takes_a_hash_keys_certificate_for_one_of_payments) {
  World world("mixed", classic());
  const auto card = world.enrolled("TF-000001", "anna");
  world.policy.classic = false;
  const Relay honest = world.relay_of(*card);
  EXPECT_REFUSED(world.pay(*card, world.order("A-1"), [&](int exchange, const Commands& commands) {
    auto answers = honest(exchange, commands);
    if (exchange == 0) answers[4] = apdu::ResponseApdu(Bytes(world.stored["TF-000001"][Slot::hash])).encode();
    return answers;
  }), Code::refused, "cardsign.certificate_unknown");
}

TEST(Cardsign, never_takes_an_encryption_keys_certificate_for_one_of_payments) {
  Policy policy;
  policy.slots = {Slot::payment, Slot::encryption};
  World world("mixed uses", policy);
  const auto card = world.enrolled("TF-000001", "anna");
  const Relay honest = world.relay_of(*card);
  EXPECT_REFUSED(world.pay(*card, world.order("A-1"), [&](int exchange, const Commands& commands) {
    auto answers = honest(exchange, commands);
    if (exchange == 0) answers[4] = apdu::ResponseApdu(Bytes(world.stored["TF-000001"][Slot::encryption])).encode();
    return answers;
  }), Code::refused, "cardsign.certificate_unknown");
}

TEST(Cardsign, certifies_a_key_only_for_the_use_that_its_card_attests) {
  World world("uses");
  const auto key = crypto::PrivateKey::generate_p256(), factory_key = crypto::PrivateKey::generate_p256();
  const pki::Issuer factory{must(pki::issue_factory_certificate(world.manufacturer, "TF-000001", factory_key.public_key(), {world.clock.now_ms(), pki::kFactoryDays}, world.random)), factory_key};
  const CardRow row{.serial = "TF-000001", .user = "anna", .factory = {factory.certificate.der()}, .channel = {}};
  const apdu::shield::EnrolmentNonce nonce{7};
  const Bytes request = must(pki::make_card_request(row.serial, nonce, key)).der();
  for (const Slot slot : {Slot::encryption, Slot::payment, Slot::signature}) {
    for (const auto use : {pki::AttestedUse::sign, pki::AttestedUse::decipher}) {
      const pki::Attestation statement{.serial = row.serial, .nonce = nonce, .slot = static_cast<std::uint8_t>(slot), .container = 0};
      const Bytes attestation = must(pki::attest(factory, statement, use, key.public_key(), world.random)).der();
      const auto checked = check_new_key({.card = row, .slot = slot, .nonce = nonce, .request = request, .attestation = attestation, .kind = crypto::KeyKind::p256}, world.clock.now_ms());
      EXPECT_EQ(checked.has_value(), (slot == Slot::encryption) == (use == pki::AttestedUse::decipher)) << name_of(slot);
      if (!checked) EXPECT_STREQ(checked.error().reason, "cardsign.attestation");
    }
  }
}

TEST(Cardsign, a_card_that_was_not_made_for_hashes_signs_none) {
  World world("no hashes", classic());
  world.policy.classic = false;
  const auto card = world.make_card("TF-000001");
  world.policy.classic = true;
  world.add(*card, "anna");
  must(world.enrol(*card));
  EXPECT_REFUSED(world.pay(*card, world.order("A-1")), Code::refused, "cardsign.card_disagrees");
}

TEST(Cardsign, takes_signatures_of_hashes_only_where_the_policy_does) {
  EXPECT_REFUSED(PaymentSession::make({}, {.payment = "x", .suite = Suite::classic}), Code::refused, "cardsign.suite");
}

}  // namespace
}  // namespace tf::cardsign::test
