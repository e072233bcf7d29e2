// Provisioning servers that keep, swap, alter, withhold and replay what they carry, or lie about receipts. They may be anybody's.
#include "tests/onboard/world.hpp"
#include "wire/encoding.hpp"

namespace tf::onboard::test {
namespace {

class OnboardMisbehavingProvisioning : public testing::Test, protected World {
 protected:
  OnboardMisbehavingProvisioning() {
    must(a.contract({kId, "Anna", "plan-1", {}, {}}));
    must(a.contract({kOtherId, "Bert", "plan-1", {}, {}}));
    a.told_servers = {"dm1"};
  }
  void does(std::function<Result<Bytes>(const std::string&, Bytes)> what) { carriers.at("dm1").does = std::move(what); }
  Operator& a = operators.at("a");
  Device device{*this};
  Device other{*this, kOtherId};
};

TEST_F(OnboardMisbehavingProvisioning, that_withholds_the_envelope_delays_it_and_no_more) {
  does([](const std::string&, Bytes) -> Result<Bytes> { return Error{Code::unavailable, "test.withheld", ""}; });
  EXPECT_REFUSED(device.run(), Code::unavailable, "test.withheld");
  const Hash256 first = device.state().envelope_hash;
  does({});
  device.power_cycle();
  EXPECT_OK(device.run());
  EXPECT_EQ(device.state().envelope_hash, first);
}

TEST_F(OnboardMisbehavingProvisioning, that_withholds_is_passed_by_another) {
  a.told_servers = {"dm1", "dm2"};
  does([](const std::string&, Bytes) -> Result<Bytes> { return Error{Code::unavailable, "test.withheld", ""}; });
  EXPECT_OK(device.run());
}

TEST_F(OnboardMisbehavingProvisioning, that_swaps_envelopes_is_noticed) {
  Bytes kept;
  does([&](const std::string&, Bytes envelope) -> Result<Bytes> {
    if (kept.empty()) kept = envelope;
    return kept;
  });
  EXPECT_OK(other.run());
  EXPECT_REFUSED(device.run(), Code::refused, "onboard.envelope_hash");
  EXPECT_FALSE(device.imsi().has_value());
  does({});
  EXPECT_OK(device.run());
  expect_sound(*this, {&device, &other});
}

TEST_F(OnboardMisbehavingProvisioning, that_alters_an_envelope_is_noticed) {
  does([](const std::string&, Bytes envelope) -> Result<Bytes> {
    envelope[envelope.size() / 2] ^= 1;
    return envelope;
  });
  EXPECT_REFUSED(device.run(), Code::refused, "onboard.envelope_hash");
}

TEST_F(OnboardMisbehavingProvisioning, that_replays_the_envelope_of_an_earlier_registration_is_noticed) {
  Bytes first;
  does([&](const std::string&, Bytes envelope) -> Result<Bytes> {
    if (first.empty()) {
      first = envelope;
      return Error{Code::unavailable, "test.withheld", ""};
    }
    return first;
  });
  EXPECT_REFUSED(device.run(), Code::unavailable, "test.withheld");
  ASSERT_OK(a.withdraw(kId));
  ASSERT_OK(a.contract({kId, "Anna", "plan-2", {}, {}}));
  device.power_cycle();
  EXPECT_REFUSED(device.run(), Code::refused, "onboard.session_nonce");  // the device has the old referral still
  EXPECT_REFUSED(device.run(), Code::refused, "onboard.envelope_hash");
  does({});
  EXPECT_OK(device.run());
  EXPECT_EQ(a.made.size(), 3U - 1U);
}

TEST_F(OnboardMisbehavingProvisioning, that_was_not_told_gets_no_envelope) {
  does([](const std::string&, Bytes) -> Result<Bytes> { return Error{Code::unavailable, "test.withheld", ""}; });
  EXPECT_REFUSED(device.run(), Code::unavailable, "test.withheld");
  const std::string body = encode_envelope_request(a.registration_of(kId).id);
  EXPECT_REFUSED(send({a.host, "envelope", body, true, "dm2"}), Code::refused, "onboard.other_provisioning");
  EXPECT_OK(send({a.host, "envelope", body, true, "dm1"}));
}

// The account that a server has opens nothing but its own door, and what it knows of it does not tell the other's.
TEST_F(OnboardMisbehavingProvisioning, that_shows_its_own_account_to_another_is_refused) {
  a.told_servers = {"dm1", "dm2"};
  does([](const std::string&, Bytes) -> Result<Bytes> { return Error{Code::unavailable, "test.withheld", ""}; });
  carriers.at("dm2").does = carriers.at("dm1").does;
  EXPECT_REFUSED(device.run(), Code::unavailable, "test.withheld");
  const Account& one = carriers.at("dm1").deliveries.begin()->second.account;
  const Account& two = carriers.at("dm2").deliveries.begin()->second.account;
  EXPECT_EQ(one.user, a.registration_of(kId).id + "@dm1");
  EXPECT_EQ(two.user, a.registration_of(kId).id + "@dm2");
  EXPECT_FALSE(one.password == two.password);
  EXPECT_FALSE(one.server_password == two.server_password);
  EXPECT_NE(one.client_nonce, two.client_nonce);
  EXPECT_NE(one.server_nonce, two.server_nonce);
  const auto shown = [&](const std::string& user, const Account& account) {
    return send({"dm2", "dm", R"({"user":")" + user + R"(","password":")" + std::string(as_text(account.password.reveal())) + "\"}"});
  };
  EXPECT_REFUSED(shown(one.user, one), Code::refused, "onboard.other_account");
  EXPECT_REFUSED(shown(two.user, one), Code::refused, "test.dm_credentials");
  EXPECT_REFUSED(shown(two.user, two), Code::unavailable, "test.withheld");
}

TEST_F(OnboardMisbehavingProvisioning, that_asks_too_early_or_too_late_gets_no_envelope) {
  const std::string body = encode_envelope_request(a.registration_of(kId).id);
  a.told.insert({a.registration_of(kId).id, "dm1"});
  EXPECT_REFUSED(send({a.host, "envelope", body, true, "dm1"}), Code::refused, "onboard.not_released");
  EXPECT_OK(device.run());
  EXPECT_REFUSED(send({a.host, "envelope", body, true, "dm1"}), Code::refused, "onboard.closed");
}

TEST_F(OnboardMisbehavingProvisioning, that_keeps_the_receipt_and_says_otherwise_is_passed_by) {
  carriers.at("dm1").keeps_receipts = true;
  EXPECT_OK(device.run());
  EXPECT_EQ(a.registration_of(kId).state, RegistrationState::closed);
}

TEST_F(OnboardMisbehavingProvisioning, sees_nothing_of_the_credential) {
  std::string seen;
  line = [&](const Message& message, const Deliver& deliver) {
    auto answer = deliver(message);
    if (message.to == "dm1" || message.from == "dm1") seen += message.body + (answer ? *answer : "");
    return answer;
  };
  ASSERT_OK(device.run());
  const MadeCredential& made = a.made.begin()->second;
  EXPECT_EQ(seen.find(made.imsi), std::string::npos);
  EXPECT_EQ(seen.find(wire::hex_lower(made.key.k())), std::string::npos);
  const std::string envelope(as_text(made.answer.envelope));
  EXPECT_NE(seen.find(wire::base64url(made.answer.envelope)), std::string::npos) << "or the test looks at nothing";
  EXPECT_EQ(envelope.find(made.imsi), std::string::npos);
  EXPECT_EQ(envelope.find(wire::hex_lower(made.key.k())), std::string::npos);
}

}  // namespace
}  // namespace tf::onboard::test
