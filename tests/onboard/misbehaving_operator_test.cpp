// Operators and their HSS that misbehave, towards devices of others.
#include "tests/onboard/world.hpp"

namespace tf::onboard::test {
namespace {

class OnboardMisbehavingOperator : public testing::Test, protected World {
 protected:
  OnboardMisbehavingOperator() { must(a.contract({kId, "Anna", "plan-1", {}, {}})); }
  // Hello's answer with the operator's certificate exchanged.
  Result<RequestUnderWay> answered_with(const Signer& signer, const std::string& operator_id) {
    const DeviceState state = must(device.refer());
    const auto hello = must(begin_hello(state, device.ports()));
    auto answer = must(decode_hello_answer(must(send({a.host, "hello", hello.body}))));
    answer.certificate = signer.chain;
    answer.operator_id = operator_id;
    return begin_request(state, hello, encode(answer), device.ports());
  }
  struct Asked {
    DeviceState state;
    RequestUnderWay request;
    std::string ready;  // JWS
  };
  Asked asked() {
    DeviceState state = must(device.refer());
    const auto hello = must(begin_hello(state, device.ports()));
    auto request = must(begin_request(state, hello, must(send({a.host, "hello", hello.body})), device.ports()));
    const std::string body = must(send({a.host, "request", request.body}));
    return {std::move(state), std::move(request), must(decode_ready(body))};
  }
  static ReadyClaim claim_of(const Asked& at) { return must(decode_ready_claim(as_text(must(crypto::jws_parse_es256(at.ready, typ::ready)).payload))); }
  std::vector<Account> accounts_of(const std::vector<const char*>& servers) {
    std::vector<Account> out;
    for (const char* server : servers) out.push_back(new_account(a.registration_of(kId).id, server, random));
    return out;
  }
  // READY as the operator signed it, but with these accounts, sealed to this module.
  Result<Ready> finish(const Asked& at, const std::vector<Account>& accounts, const module::SecureModule& to) {
    auto claim = claim_of(at);
    const auto key = must(to.certificates(module::Key::decrypt).front().public_key());
    claim.accounts = must(crypto::jwe_seal_to(key, kId, random, typ::accounts, encode(accounts).reveal()));
    const auto jws = must(crypto::jws_sign_es256(a.ports.signer.sign, typ::ready, encode(claim)));
    return finish_request(at.state, at.request, encode_ready(jws), device.ports());
  }
  Operator& a = operators.at("a");
  Device device{*this};
};

TEST_F(OnboardMisbehavingOperator, with_a_valid_certificate_but_not_the_referrals_is_refused) {
  EXPECT_REFUSED(answered_with(estate().signer("onboard-operator", "evil"), "evil"), Code::refused, "onboard.other_operator");
}

TEST_F(OnboardMisbehavingOperator, that_claims_anothers_name_is_refused) {
  EXPECT_REFUSED(answered_with(estate().signer("onboard-operator", "evil"), "a"), Code::refused, "onboard.other_name");
}

TEST_F(OnboardMisbehavingOperator, of_another_pki_is_refused) {
  EXPECT_REFUSED(answered_with(foreign_estate().signer("onboard-operator", "a"), "a"), Code::refused, "pki.untrusted");
}

TEST_F(OnboardMisbehavingOperator, with_a_certificate_for_envelopes_alone_is_refused) {
  EXPECT_REFUSED(answered_with(estate().signer("onboard-issuer", "a"), "a"), Code::refused, "pki.wrong_usage");
}

TEST_F(OnboardMisbehavingOperator, with_an_expired_certificate_is_refused) {
  const Signer old = estate().signer("onboard-operator", "a", 10);
  clock.advance_days(11);
  EXPECT_REFUSED(answered_with(old, "a"), Code::refused, "pki.expired");
}

// The device's request is for the certificate that it saw; another certificate of the same operator makes another transcript.
TEST_F(OnboardMisbehavingOperator, certificate_exchanged_on_the_way_is_noticed_by_the_operator) {
  const auto request = answered_with(estate().signer("onboard-operator", "a", 100), "a");
  ASSERT_OK(request);
  EXPECT_REFUSED(send({a.host, "request", request->body}), Code::refused, "onboard.session_nonce");
}

TEST_F(OnboardMisbehavingOperator, ready_signed_by_another_is_refused) {
  const auto at = asked();
  const auto payload = must(crypto::jws_parse_es256(at.ready, typ::ready)).payload;
  for (const char* profile : {"onboard-operator", "onboard-issuer"}) {
    const Signer other = estate().signer(profile, "b");
    const auto jws = must(crypto::jws_sign_es256(other.sign, typ::ready, as_text(payload), other.chain));
    EXPECT_REFUSED(finish_request(at.state, at.request, encode_ready(jws), device.ports()), Code::refused, "onboard.ready");
  }
}

TEST_F(OnboardMisbehavingOperator, old_ready_is_refused) {
  const auto first = asked();
  const auto second = asked();
  EXPECT_REFUSED(finish_request(second.state, second.request, encode_ready(first.ready), device.ports()), Code::refused, "onboard.ready");
  EXPECT_OK(finish_request(second.state, second.request, encode_ready(second.ready), device.ports()));
}

TEST_F(OnboardMisbehavingOperator, ready_with_accounts_for_another_module_is_refused) {
  FactoryModule other = module_of(kOtherId);
  EXPECT_REFUSED(finish(asked(), accounts_of({"dm1", "dm2"}), *other.module), Code::refused, "module.unwrap");
}

TEST_F(OnboardMisbehavingOperator, ready_without_an_account_for_each_server_in_their_order_is_refused) {
  using Servers = std::vector<const char*>;
  for (const Servers& servers : {Servers{}, Servers{"dm1"}, Servers{"dm2", "dm1"}, Servers{"dm1", "dm1"}, Servers{"dm1", "dm2", "dm2"}, Servers{"dm1", "dm3"}})
    EXPECT_REFUSED(finish(asked(), accounts_of(servers), device.module()), Code::refused, "onboard.accounts");
  auto of_another_delivery = accounts_of({"dm1", "dm2"});
  of_another_delivery[1].user = account_user("another", "dm2");
  EXPECT_REFUSED(finish(asked(), of_another_delivery, device.module()), Code::refused, "onboard.accounts");
  EXPECT_OK(finish(asked(), accounts_of({"dm1", "dm2"}), device.module()));
}

TEST_F(OnboardMisbehavingOperator, ready_that_names_a_server_twice_is_refused) {
  const auto at = asked();
  auto claim = claim_of(at);
  claim.provisioning[1].server_id = claim.provisioning[0].server_id;
  const auto jws = must(crypto::jws_sign_es256(a.ports.signer.sign, typ::ready, encode(claim)));
  EXPECT_REFUSED(finish_request(at.state, at.request, encode_ready(jws), device.ports()), Code::malformed, "onboard.provisioning");
}

TEST_F(OnboardMisbehavingOperator, envelope_of_the_hss_for_another_device_uses_nothing_up) {
  a.hss_does = [](SubscriberCredential&, CredentialsRequest& request) { request.dsim_id = kOtherId; };
  EXPECT_REFUSED(device.run(), Code::refused, "onboard.envelope_device");
  EXPECT_EQ(a.registration_of(kId).state, RegistrationState::registered);
}

TEST_F(OnboardMisbehavingOperator, envelope_of_the_hss_for_another_registration_uses_nothing_up) {
  a.hss_does = [](SubscriberCredential&, CredentialsRequest& request) { request.nonce_hash[0] ^= 1; };
  EXPECT_REFUSED(device.run(), Code::refused, "onboard.envelope_nonce");
  EXPECT_EQ(a.registration_of(kId).state, RegistrationState::registered);
}

TEST_F(OnboardMisbehavingOperator, envelope_of_the_hss_with_another_imsi_than_said_uses_nothing_up) {
  a.hss_does = [](SubscriberCredential& credential, CredentialsRequest&) { credential.imsi = "999701000000099"; };
  EXPECT_REFUSED(device.run(), Code::refused, "onboard.other_envelope");
  EXPECT_EQ(a.registration_of(kId).state, RegistrationState::registered);
}

TEST_F(OnboardMisbehavingOperator, envelope_signed_by_another_operators_issuer_uses_nothing_up) {
  a.issuer = estate().signer("onboard-issuer", "b");
  EXPECT_REFUSED(device.run(), Code::refused, "onboard.other_name");
  EXPECT_EQ(a.registration_of(kId).state, RegistrationState::registered);
}

TEST_F(OnboardMisbehavingOperator, silent_hss_is_told_as_such_and_nothing_is_used_up) {
  a.hss_up = false;
  EXPECT_REFUSED(device.run(), Code::unavailable, "test.silent");
  EXPECT_EQ(a.registration_of(kId).state, RegistrationState::registered);
  a.hss_up = true;
  EXPECT_OK(device.run());
}

TEST_F(OnboardMisbehavingOperator, without_any_provisioning_server_there_is_no_ready) {
  for (auto& [name, carrier] : carriers) carrier.up = false;
  EXPECT_REFUSED(device.run(), Code::unavailable, "onboard.no_provisioning");
  for (auto& [name, carrier] : carriers) carrier.up = true;
  EXPECT_OK(device.run());
  EXPECT_EQ(a.made.size(), 1U);
}

}  // namespace
}  // namespace tf::onboard::test
