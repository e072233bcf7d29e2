// What payments, queries and refunds that are not as they should be get. Money moves for none of them.
#include "crypto/digest.hpp"
#include "protocols/wallet/user_key.hpp"
#include "tests/wallet/world.hpp"

namespace tf::wallet::test {
namespace {

class MisbehavingPayment : public testing::TestWithParam<Suite> {
 protected:
  void SetUp() override {
    phone.options.suite = GetParam();
    ASSERT_OK(phone.enrol());
    ASSERT_OK(phone.login_now());
  }
  [[nodiscard]] bool modern() const { return GetParam() == Suite::modern; }
  PayRequest request(const Purchase& purchase) { return must(decode_pay_request(must(phone.payment(purchase)).body)); }
  Result<std::string> send(const PayRequest& request) { return world.handle("pay", encode(request)); }
  // The JWS signed anew with altered terms, MAC and all: what only the phone itself can do.
  Result<std::string> claimed(const std::function<void(PayClaim&)>& alter) {
    PayRequest out = request(phone.purchase("A-1"));
    PayClaim claim = must(decode_pay_claim(must(unverified_payload(out.jws))));
    alter(claim);
    out.jws = must(sign_jws(must(phone.user()).key, typ::pay, encode(claim)));
    out.mac = crypto::hmac_sha256(derive(phone.session->message_key, phone.session->id, label::pay_mac).reveal(), as_bytes(out.jws));
    return send(out);
  }

  World world;
  Phone phone = Phone::of(world);
};
INSTANTIATE_TEST_SUITE_P(Suites, MisbehavingPayment, testing::Values(Suite::modern, Suite::classic),
                         [](const auto& info) { return std::string(name_of(info.param)); });

TEST_P(MisbehavingPayment, the_same_again_moves_money_once_and_gets_the_same_answer) {
  const auto sent = must(phone.payment(phone.purchase("A-1")));
  const auto first = must(finish_result(phone.platform(), sent, must(world.handle("pay", sent.body))));
  world.clock.set(world.clock.now_ms() + 120'000);  // its nonce is too old as well
  const auto second = must(finish_result(phone.platform(), sent, must(world.handle("pay", sent.body))));
  EXPECT_EQ(first.transaction, second.transaction);
  EXPECT_EQ(second.outcome, Outcome::approved);
  EXPECT_EQ(world.executed, 1);
}

TEST_P(MisbehavingPayment, other_content_under_the_same_number_is_refused_and_alarmed) {
  ASSERT_OK(phone.pay(phone.purchase("A-1")));
  EXPECT_REFUSED(phone.pay(phone.purchase("A-1", 2000)), Code::refused, "wallet.order_differs");
  ASSERT_EQ(world.alarms.size(), 1U);
  EXPECT_EQ(world.alarms[0].kind, AlarmKind::order_differs);
  EXPECT_EQ(world.executed, 1);
}

TEST_P(MisbehavingPayment, a_pin_block_of_another_order_is_refused) {
  const PayRequest first = request(phone.purchase("A-1"));
  PayRequest second = request(phone.purchase("A-2"));
  second.open.pin_block = first.open.pin_block;
  second.classic.pin_block = first.classic.pin_block;
  EXPECT_REFUSED(send(second), Code::refused, modern() ? "wallet.other_pin_block" : "wallet.wrong_signature");
  second.open.pin_block.reset();
  second.classic.pin_block.reset();
  EXPECT_REFUSED(send(second), Code::refused, modern() ? "wallet.other_pin_block" : "wallet.wrong_signature");
  EXPECT_EQ(world.executed, 0);
}

TEST_P(MisbehavingPayment, altered_content_is_refused) {
  PayRequest altered = request(phone.purchase("A-1"));
  altered.open.content = "two cars";
  altered.classic.content.replace(altered.classic.content.size() > 20 ? 12 : 0, 1, "x");
  EXPECT_REFUSED(send(altered), Code::refused, modern() ? "wallet.other_content" : "wallet.wrong_signature");
  altered = request(phone.purchase("A-1"));
  altered.classic.order = "A-2";
  if (modern()) altered.jws[altered.jws.size() / 2] ^= 1;
  EXPECT_FALSE(send(altered).has_value());
  EXPECT_EQ(world.executed, 0);
}

TEST_P(MisbehavingPayment, a_seal_of_another_payment_is_refused) {
  const PayRequest first = request(phone.purchase("A-1", 10, true));
  PayRequest second = request(phone.purchase("A-2", 20, true));
  second.sealed = first.sealed;
  EXPECT_REFUSED(send(second), Code::refused, modern() ? "crypto.aead" : "wallet.wrong_signature");
  second.sealed[second.sealed.size() - 2] = second.sealed[second.sealed.size() - 2] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(send(second).has_value());
  EXPECT_EQ(world.executed, 0);
}

// Whoever has the user's key and sees what the phone sends, but never logged in. classic has the source's own signatures only.
class StolenKey : public MisbehavingPayment {};
INSTANTIATE_TEST_SUITE_P(Suites, StolenKey, testing::Values(Suite::modern), [](const auto& info) { return std::string(name_of(info.param)); });

TEST_P(StolenKey, pays_nothing_with_the_phones_own_seal) {
  PayRequest taken = request(phone.purchase("A-1", 10, true));
  PayClaim claim = must(decode_pay_claim(must(unverified_payload(taken.jws))));
  claim.terms.order = "A-2";
  claim.terms.payee = "the-thief";
  claim.binding.nonce_p = must(decode_challenge(must(world.handle("challenge", encode_challenge_request(ChallengePurpose::pay))))).nonce;
  taken.jws = must(sign_jws(must(phone.user()).key, typ::pay, encode(claim)));
  EXPECT_REFUSED(send(taken), Code::refused, "crypto.aead");
  EXPECT_EQ(world.executed, 0);
}

TEST_P(StolenKey, asks_and_gives_back_nothing) {
  ASSERT_OK(phone.pay(phone.purchase("A-1")));
  for (const char* route : {"query", "refund"}) {
    const bool query = std::string_view(route) == "query";
    const auto challenge = must(decode_challenge(must(world.handle("challenge", encode_challenge_request(query ? ChallengePurpose::query : ChallengePurpose::refund)))));
    const auto user = must(phone.user());
    const auto sent = query ? must(begin_query(phone.platform(), *phone.session, user, "A-1", challenge, world.clock.now_ms(), world.random))
                            : must(begin_refund(phone.platform(), *phone.session, user, "A-1", "R-1", 1, challenge, world.clock.now_ms(), world.random));
    InquiryRequest request = must(query ? decode_query_request(sent.body) : decode_refund_request(sent.body));
    request.mac[0] ^= 1;
    EXPECT_REFUSED(world.handle(route, encode(request)), Code::refused, "wallet.wrong_mac");
  }
}

TEST_P(MisbehavingPayment, high_amounts_are_sealed) {
  EXPECT_REFUSED(phone.pay(phone.purchase("A-1", 1'000'000)), Code::refused, "wallet.not_sealed");
  EXPECT_OK(phone.pay(phone.purchase("A-1", 999'999)));
  EXPECT_OK(phone.pay(phone.purchase("A-2", 1'000'000, true)));
}

TEST_P(MisbehavingPayment, sessions_end_with_their_time_the_process_the_certificate_and_the_registration) {
  const auto sent = must(phone.payment(phone.purchase("A-1")));
  world.revoked.insert(must(phone.user()).certificate.serial_hex());
  EXPECT_REFUSED(world.handle("pay", sent.body), Code::refused, "wallet.certificate_revoked");
  world.revoked.clear();
  Registration& user = world.user_of(phone.subscriber.number);
  user.state = RegistrationState::closed;
  EXPECT_REFUSED(world.handle("pay", sent.body), Code::refused, "wallet.session");
  user.state = RegistrationState::active;
  world.clock.set(world.clock.now_ms() + 15 * 60'000);
  EXPECT_REFUSED(world.handle("pay", sent.body), Code::refused, "wallet.session");
  ASSERT_OK(phone.login_now());
  world.restart();
  EXPECT_REFUSED(phone.pay(phone.purchase("A-1")), Code::refused, "wallet.session");
  EXPECT_EQ(world.executed, 0);
}

TEST_P(MisbehavingPayment, pays_with_its_own_instruments_and_their_pin) {
  auto purchase = phone.purchase("A-1");
  purchase.terms.instrument = "card-9";
  EXPECT_REFUSED(phone.pay(purchase), Code::refused, "wallet.no_instrument");
  purchase = phone.purchase("A-1");
  purchase.pin.clear();
  EXPECT_REFUSED(phone.pay(purchase), Code::refused, "wallet.pin_missing");
  purchase = phone.purchase("A-1");
  purchase.terms.instrument = "purse-1";
  EXPECT_REFUSED(phone.pay(purchase), Code::refused, "wallet.pin_missing");
  purchase.pin.clear();
  EXPECT_OK(phone.pay(purchase));
}

TEST_P(MisbehavingPayment, a_payment_is_of_its_own_session_and_user) {
  Phone other = Phone::of(world, "8613800000002");
  other.options.suite = GetParam();
  ASSERT_OK(other.enrol());
  ASSERT_OK(other.login_now());
  PayRequest mine = request(phone.purchase("A-1"));
  mine.session = other.session->id;
  mine.classic.session = other.session->id;
  EXPECT_REFUSED(send(mine), Code::refused, modern() ? "wallet.other_session" : "wallet.wrong_signature");
  const auto old = must(phone.payment(phone.purchase("A-1")));
  ASSERT_OK(phone.login_now());
  if (modern()) {
    PayRequest moved = must(decode_pay_request(old.body));
    moved.session = phone.session->id;
    EXPECT_REFUSED(send(moved), Code::refused, "wallet.other_session");
  }
  EXPECT_EQ(world.executed, 0);
}

TEST_P(MisbehavingPayment, refunds_give_back_what_was_paid_and_no_more) {
  EXPECT_REFUSED(phone.refund("A-1", "R-1", 100), Code::refused, "wallet.not_paid");
  ASSERT_OK(phone.pay(phone.purchase("A-1", 1000)));
  EXPECT_REFUSED(phone.refund("A-1", "R-1", 1001), Code::refused, "wallet.refund_too_high");
  ASSERT_OK(phone.refund("A-1", "R-1", 600));
  EXPECT_REFUSED(phone.refund("A-1", "R-1", 100), Code::refused, "wallet.order_differs");
  EXPECT_REFUSED(phone.refund("A-1", "R-2", 401), Code::refused, "wallet.refund_too_high");
  ASSERT_OK(phone.refund("A-1", "R-2", 400));
  EXPECT_EQ(world.refunds.size(), 2U);
}

TEST_P(MisbehavingPayment, a_refund_sent_again_gets_the_same_answer) {
  ASSERT_OK(phone.pay(phone.purchase("A-1", 1000)));
  const auto sent = must(begin_refund(phone.platform(), *phone.session, must(phone.user()), "A-1", "R-1", 600,
                                      must(phone.challenge(ChallengePurpose::refund)), world.clock.now_ms(), world.random));
  const auto first = must(finish_result(phone.platform(), sent, must(world.handle("refund", sent.body))));
  world.clock.set(world.clock.now_ms() + 600'000);
  const auto second = must(finish_result(phone.platform(), sent, must(world.handle("refund", sent.body))));
  EXPECT_EQ(first.transaction, second.transaction);
  EXPECT_EQ(world.refunds.size(), 1U);
}

TEST_P(MisbehavingPayment, a_query_is_asked_once) {
  ASSERT_OK(phone.pay(phone.purchase("A-1")));
  const auto sent = must(begin_query(phone.platform(), *phone.session, must(phone.user()), "A-1", must(phone.challenge(ChallengePurpose::query)),
                                     world.clock.now_ms(), world.random));
  EXPECT_OK(world.handle("query", sent.body));
  EXPECT_REFUSED(world.handle("query", sent.body), Code::refused, modern() ? "wallet.challenge_used" : "wallet.nonce_used");
}

TEST_P(MisbehavingPayment, declined_and_unresolved_payments_are_told_so) {
  world.front_end = Outcome::declined;
  EXPECT_EQ(must(phone.pay(phone.purchase("A-1"))).outcome, Outcome::declined);
  EXPECT_REFUSED(phone.refund("A-1", "R-1", 1), Code::refused, "wallet.not_paid");
  world.front_end = Outcome::pending;
  EXPECT_EQ(must(phone.pay(phone.purchase("A-2"))).outcome, Outcome::pending);
  EXPECT_EQ(must(phone.query("A-2")).outcome, Outcome::pending);
  EXPECT_EQ(world.executed, 0);
}

class MisbehavingModernPayment : public MisbehavingPayment {};
INSTANTIATE_TEST_SUITE_P(Only, MisbehavingModernPayment, testing::Values(Suite::modern));

TEST_P(MisbehavingModernPayment, what_is_signed_must_be_right_too) {
  const std::int64_t now = world.clock.now_ms();
  EXPECT_REFUSED(claimed([](PayClaim& claim) { claim.binding.platform = "another.test"; }), Code::refused, "wallet.other_platform");
  EXPECT_REFUSED(claimed([](PayClaim& claim) { claim.binding.certificate[0] ^= 1; }), Code::refused, "wallet.other_certificate");
  EXPECT_REFUSED(claimed([](PayClaim& claim) { claim.binding.session = "AAAAAAAAAAAAAAAAAAAAAA"; }), Code::refused, "wallet.other_session");
  EXPECT_REFUSED(claimed([&](PayClaim& claim) { claim.binding.nonce_p = must(phone.challenge(ChallengePurpose::query)).nonce; }), Code::refused,
                 "wallet.challenge");
  EXPECT_REFUSED(claimed([&](PayClaim& claim) { claim.expires_ms = now; }), Code::refused, "wallet.order_expired");
  EXPECT_REFUSED(claimed([&](PayClaim& claim) { claim.expires_ms = now + 31 * 60'000; }), Code::refused, "wallet.order_expiry");
  EXPECT_REFUSED(claimed([](PayClaim& claim) { claim.content_hash[3] ^= 1; }), Code::refused, "wallet.other_content");
  EXPECT_REFUSED(claimed([](PayClaim& claim) { (*claim.pin_hash)[3] ^= 1; }), Code::refused, "wallet.other_pin_block");
  EXPECT_FALSE(claimed([](PayClaim& claim) { claim.terms.amount = 0; }).has_value());
  EXPECT_FALSE(claimed([](PayClaim& claim) { claim.terms.amount = -5; }).has_value());
  EXPECT_EQ(world.executed, 0);
  EXPECT_OK(claimed([](PayClaim&) {}));
}

TEST_P(MisbehavingModernPayment, a_nonce_pays_one_order) {
  const std::string nonce = must(phone.challenge(ChallengePurpose::pay)).nonce;
  EXPECT_OK(claimed([&](PayClaim& claim) { claim.binding.nonce_p = nonce; }));
  EXPECT_REFUSED(claimed([&](PayClaim& claim) {
                   claim.binding.nonce_p = nonce;
                   claim.terms.order = "A-2";
                 }),
                 Code::refused, "wallet.challenge_used");
  EXPECT_EQ(world.executed, 1);
}

TEST_P(MisbehavingModernPayment, a_stolen_key_without_the_sessions_keys_pays_nothing) {
  PayRequest forged = request(phone.purchase("A-1"));
  forged.mac[7] ^= 1;
  EXPECT_REFUSED(send(forged), Code::refused, "wallet.wrong_mac");
  EXPECT_EQ(world.executed, 0);
}

}  // namespace
}  // namespace tf::wallet::test
