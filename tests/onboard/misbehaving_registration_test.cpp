// Registration servers that misbehave, and operators that register what is not theirs.
#include <limits>

#include "crypto/digest.hpp"
#include "tests/onboard/world.hpp"

namespace tf::onboard::test {
namespace {

class OnboardMisbehavingRegistration : public testing::Test, protected World {
 protected:
  // The referral that rs1 gives from now on: to this operator, with this nonce.
  void refers_to(const std::string& operator_id, RegistrationNonce nonce) {
    auto& server = registration_servers.at("rs1");
    server.rows.clear();
    server.rows.emplace(kId, RegisteredDevice{kId, operator_id, {"https://" + operator_id + ".operator.test"}, std::move(nonce), clock.now_ms() + 1'000'000});
  }
  RegistrationNonce invented() { return RegistrationNonce(random.array<32>()); }
  // A referral as this signer makes it, with the JWE sealed to this module and the claim altered.
  Result<DeviceState> referral_by(const Signer& signer, const std::function<void(ReferralClaim&)>& alter = {}, const std::string& sealed_to = kId) {
    const auto sent = must(begin_referral(device.state(), device.ports()));
    FactoryModule other = module_of(sealed_to);
    const auto key = must(other.module->certificates(module::Key::decrypt).front().public_key());
    const SecretBytes content = encode(ReferralContent{"a", {"https://a.operator.test"}, invented(), clock.now_ms() + 1000});
    const std::string sealed = must(crypto::jwe_seal_to(key, kId, random, typ::referral, content.reveal()));
    ReferralClaim claim{kId, sent.nonce_a, crypto::sha256(as_bytes(sealed))};
    if (alter) alter(claim);
    const std::string jws = must(crypto::jws_sign_es256(signer.sign, typ::referral, encode(claim), signer.chain));
    return finish_referral(sent, encode(ReferralAnswer{sealed, jws}), device.ports());
  }
  Operator& a = operators.at("a");
  Operator& b = operators.at("b");
  const Signer rs1 = estate().signer("onboard-registration", "rs1");
  Device device{*this};
};

TEST_F(OnboardMisbehavingRegistration, referral_to_an_honest_operator_that_did_not_register_gets_nothing) {
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  refers_to("b", invented());
  EXPECT_REFUSED(device.run(), Code::refused, "onboard.unregistered");
  EXPECT_TRUE(a.made.empty());
  EXPECT_TRUE(b.made.empty());
}

TEST_F(OnboardMisbehavingRegistration, referral_with_an_invented_nonce_gets_nothing_and_raises_an_alarm) {
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  refers_to("a", invented());
  EXPECT_REFUSED(device.run(), Code::refused, "onboard.session_nonce");
  EXPECT_TRUE(a.has_alarm(AlarmKind::nonce_wrong));
  EXPECT_TRUE(a.made.empty());
}

TEST_F(OnboardMisbehavingRegistration, device_recovers_by_an_honest_server_after_a_false_referral) {
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  refers_to("a", invented());
  EXPECT_REFUSED(device.run(), Code::refused, "onboard.session_nonce");
  device.servers = {"rs2"};
  EXPECT_OK(device.run());
}

// The model's limit (queries 3, 3b): who controls a registration server and a certified operator gives a device a credential of that
// operator's, unless the owner says which operators may be; it never gets hold of an honest operator's.
TEST_F(OnboardMisbehavingRegistration, referral_to_an_operator_of_the_attacker_is_refused_where_the_owner_names_his) {
  add_operator("evil");
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  refers_to("evil", invented());
  device.allowed_operators = {"a", "b"};
  EXPECT_REFUSED(device.run(), Code::refused, "onboard.operator_not_allowed");
  EXPECT_EQ(device.state().stage, Stage::preliminary);
}

TEST_F(OnboardMisbehavingRegistration, referral_to_an_operator_of_the_attacker_takes_no_honest_credential) {
  add_operator("evil");
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  const RegistrationNonce nonce = registration_servers.at("rs1").rows.at(kId).nonce.clone();
  EXPECT_REFUSED(operators.at("evil").contract({kId, "Eve", "plan-1", {}, {}}), Code::unavailable, "test.not_registered");
  operators.at("evil").registration_of(kId).nonce = nonce.clone();  // the server told it
  refers_to("evil", nonce.clone());
  EXPECT_OK(device.run());
  EXPECT_TRUE(a.made.empty());
  EXPECT_EQ(a.registration_of(kId).state, RegistrationState::registered);
}

TEST_F(OnboardMisbehavingRegistration, server_that_the_device_does_not_know_is_refused) {
  EXPECT_REFUSED(referral_by(estate().signer("onboard-registration", "rs9")), Code::refused, "onboard.registration_server");
}

TEST_F(OnboardMisbehavingRegistration, referral_signed_with_another_usage_is_refused) {
  EXPECT_REFUSED(referral_by(estate().signer("onboard-operator", "rs1")), Code::refused, "pki.wrong_usage");
}

TEST_F(OnboardMisbehavingRegistration, referral_of_another_pki_is_refused) {
  EXPECT_REFUSED(referral_by(foreign_estate().signer("onboard-registration", "rs1")), Code::refused, "pki.untrusted");
}

TEST_F(OnboardMisbehavingRegistration, referral_with_an_expired_certificate_is_refused) {
  const Signer short_lived = estate().signer("onboard-registration", "rs1", 1);
  clock.advance_days(2);
  EXPECT_REFUSED(referral_by(short_lived), Code::refused, "pki.expired");
}

TEST_F(OnboardMisbehavingRegistration, referral_signed_by_another_key_than_its_chain_says_is_refused) {
  Signer mixed = rs1;
  mixed.sign = estate().signer("onboard-registration", "rs2").sign;
  EXPECT_REFUSED(referral_by(mixed), Code::refused, "onboard.referral");
}

TEST_F(OnboardMisbehavingRegistration, old_referral_is_refused) {
  EXPECT_REFUSED(referral_by(rs1, [](ReferralClaim& claim) { claim.nonce_a[0] ^= 1; }), Code::refused, "onboard.referral");
}

TEST_F(OnboardMisbehavingRegistration, referral_for_another_module_is_refused) {
  EXPECT_REFUSED(referral_by(rs1, [](ReferralClaim& claim) { claim.dsim_id = kOtherId; }), Code::refused, "onboard.referral");
}

TEST_F(OnboardMisbehavingRegistration, referral_whose_content_was_swapped_is_refused) {
  EXPECT_REFUSED(referral_by(rs1, [](ReferralClaim& claim) { claim.sealed_hash[0] ^= 1; }), Code::refused, "onboard.referral");
}

TEST_F(OnboardMisbehavingRegistration, content_sealed_to_another_module_is_refused_by_the_module) {
  EXPECT_REFUSED(referral_by(rs1, {}, kOtherId), Code::refused, "module.unwrap");
}

TEST_F(OnboardMisbehavingRegistration, operator_cannot_register_in_the_name_of_another) {
  const RegistrationRow row{kId, "a", {"https://evil.test"}, invented(), clock.now_ms() + 1000};
  EXPECT_REFUSED(put_registration(row, "b", std::nullopt, clock.now_ms()), Code::refused, "onboard.other_operator");
}

TEST_F(OnboardMisbehavingRegistration, operator_cannot_take_over_or_remove_a_device_of_another) {
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  const auto& there = registration_servers.at("rs1").rows.at(kId);
  const RegistrationRow row{kId, "b", {"https://b.operator.test"}, invented(), clock.now_ms() + 1000};
  EXPECT_REFUSED(put_registration(row, "b", there.clone(), clock.now_ms()), Code::refused, "onboard.registered_otherwise");
  EXPECT_REFUSED(remove_registration({kId, nonce_hash(there.nonce)}, "b", there.clone()), Code::refused, "onboard.other_operator");
  RegisteredDevice expired = there.clone();
  expired.expires_ms = clock.now_ms();
  EXPECT_OK(put_registration(row, "b", expired.clone(), clock.now_ms()));
}

TEST_F(OnboardMisbehavingRegistration, removal_of_an_older_registration_leaves_the_newer_one) {
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  const auto removed = remove_registration({kId, nonce_hash(invented())}, "a", registration_servers.at("rs1").rows.at(kId).clone());
  ASSERT_OK(removed);
  EXPECT_FALSE(*removed);
}

TEST_F(OnboardMisbehavingRegistration, operator_cannot_hold_a_device_for_ever) {
  RegistrationRow row{kId, "a", {"https://a.operator.test"}, invented(), clock.now_ms() + kMaxRegistrationMs + 1};
  EXPECT_REFUSED(put_registration(row, "a", std::nullopt, clock.now_ms()), Code::refused, "onboard.expires_too_late");
  row.expires_ms = std::numeric_limits<std::int64_t>::max();
  EXPECT_REFUSED(put_registration(row, "a", std::nullopt, clock.now_ms()), Code::refused, "onboard.expires_too_late");
  row.expires_ms = clock.now_ms() + 400LL * 24 * 3600 * 1000;
  EXPECT_OK(put_registration(row, "a", std::nullopt, clock.now_ms()));
}

TEST_F(OnboardMisbehavingRegistration, expired_registration_is_not_taken_and_not_given) {
  const RegistrationRow row{kId, "a", {"https://a.operator.test"}, invented(), clock.now_ms()};
  EXPECT_REFUSED(put_registration(row, "a", std::nullopt, clock.now_ms()), Code::refused, "onboard.expired");
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  clock.advance_days(91);
  EXPECT_REFUSED(device.run(), Code::refused, "onboard.expired");
}

}  // namespace
}  // namespace tf::onboard::test
