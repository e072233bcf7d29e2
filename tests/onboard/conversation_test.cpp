// The ways it goes when nobody does wrong.
#include "crypto/aka/usim.hpp"
#include "tests/onboard/world.hpp"

namespace tf::onboard::test {
namespace {

class OnboardConversation : public testing::Test, protected World {
 protected:
  Operator& a = operators.at("a");
  Operator& b = operators.at("b");
};

TEST_F(OnboardConversation, device_gets_the_credential_of_the_operator_its_owner_chose) {
  ASSERT_OK(b.contract({kId, "Anna", "plan-1", {}, {}}));
  Device device(*this);
  ASSERT_OK(device.run());
  EXPECT_EQ(device.stages, (std::vector<std::string>{"referred", "ready", "stored", "subscribed"}));
  ASSERT_EQ(b.made.size(), 1U);
  EXPECT_EQ(device.imsi(), b.made.begin()->second.imsi);
  EXPECT_TRUE(a.made.empty());
  EXPECT_EQ(b.registration_of(kId).state, RegistrationState::closed);
  EXPECT_TRUE(b.registration_of(kId).envelope.empty());
  EXPECT_FALSE(registration_servers.at("rs1").rows.contains(kId)) << "taken back once it is closed";
  EXPECT_TRUE(b.alarms.empty());
  EXPECT_EQ(ocsp.asked, 4) << "both of the module's, the operator's and the issuer's certificate";
  expect_sound(*this, {&device});
}

class OnboardConversationBy : public OnboardConversation, public testing::WithParamInterface<crypto::AkaAlgorithm> {};
INSTANTIATE_TEST_SUITE_P(Algorithms, OnboardConversationBy, testing::Values(crypto::AkaAlgorithm::milenage, crypto::AkaAlgorithm::tuak),
                         [](const auto& info) { return std::string(name_of(info.param)); });

TEST_P(OnboardConversationBy, device_authenticates_with_what_it_got) {
  a.algorithm = GetParam();
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  Device device(*this);
  ASSERT_OK(device.run());
  ASSERT_EQ(a.made.begin()->second.key.algorithm(), GetParam());
  crypto::AkaFunctions network(a.made.begin()->second.key);
  const crypto::Rand rand = random.array<16>();
  const std::uint64_t sqn = 32;
  crypto::AkaVector vector;
  network.vectors({&rand, 1}, {&sqn, 1}, {0x80, 0x00}, {&vector, 1});
  const auto answer = device.module().aka(module::Slot::subscription, vector.rand, vector.autn);
  ASSERT_OK(answer);
  const auto* accepted = std::get_if<crypto::AkaAccepted>(&*answer);
  ASSERT_NE(accepted, nullptr);
  EXPECT_EQ(accepted->res, vector.res);
  EXPECT_EQ(accepted->ck, vector.ck);
}

TEST_F(OnboardConversation, module_keeps_the_nonce_until_it_is_no_longer_needed) {
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  Device device(*this);
  ASSERT_OK(device.run());
  EXPECT_EQ(device.state().nonce, RegistrationNonce());
  EXPECT_TRUE(device.state().receipt.empty());
}

TEST_F(OnboardConversation, next_registration_server_is_tried_when_one_is_silent) {
  registration_servers.at("rs1").up = false;
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  Device device(*this);
  ASSERT_OK(device.run());
}

TEST_F(OnboardConversation, next_provisioning_server_is_tried_when_one_is_silent) {
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  carriers.at("dm1").up = false;
  Device device(*this);
  ASSERT_OK(device.run());
}

TEST_F(OnboardConversation, provisioning_server_that_falls_silent_after_ready_is_passed_over) {
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  line = [&](const Message& message, const Deliver& deliver) {
    if (message.route == "dm" && message.to == "dm1") return Result<std::string>(Error{Code::unavailable, "test.lost", ""});
    return deliver(message);
  };
  Device device(*this);
  ASSERT_OK(device.run());
}

TEST_F(OnboardConversation, next_responder_is_asked_when_one_is_silent) {
  ocsp.responders = {ocsp.silent(), ocsp.honest()};
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  Device device(*this);
  ASSERT_OK(device.run());
}

TEST_F(OnboardConversation, interrupted_delivery_goes_on_with_the_same_envelope) {
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  for (auto& [name, carrier] : carriers) carrier.up = true;
  line = [&](const Message& message, const Deliver& deliver) {
    if (message.route == "dm") return Result<std::string>(Error{Code::unavailable, "test.lost", ""});
    return deliver(message);
  };
  Device device(*this);
  EXPECT_REFUSED(device.run(), Code::unavailable, "test.lost");
  const Hash256 first = device.state().envelope_hash;
  const auto password_at = [&](const char* server) { return std::string(as_text(carriers.at(server).deliveries.begin()->second.account.password.reveal())); };
  const std::string account = password_at("dm1");
  EXPECT_EQ(as_text(device.module().record(kDeviceRecord).reveal()).find(account), std::string_view::npos) << "accounts are in memory alone";
  line = {};
  device.power_cycle();
  ASSERT_OK(device.run());
  EXPECT_EQ(device.state().envelope_hash, first);
  EXPECT_EQ(a.made.size(), 1U);
  EXPECT_EQ(a.registration_of(kId).transcripts.size(), 2U);
  EXPECT_NE(password_at("dm1"), account) << "each READY has accounts of its own";
}

TEST_F(OnboardConversation, envelope_is_the_same_though_the_hss_has_forgotten_it) {
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  line = [&](const Message& message, const Deliver& deliver) {
    if (message.route == "dm") return Result<std::string>(Error{Code::unavailable, "test.lost", ""});
    return deliver(message);
  };
  Device device(*this);
  EXPECT_REFUSED(device.run(), Code::unavailable, "test.lost");
  const Hash256 first = device.state().envelope_hash;
  a.hss_up = false;
  line = {};
  device.power_cycle();
  ASSERT_OK(device.run());
  EXPECT_EQ(device.state().envelope_hash, first);
}

TEST_F(OnboardConversation, pinned_certificates_let_that_module_in) {
  Device device(*this);
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", chain_of(device.module().certificates(module::Key::sign)),
                        chain_of(device.module().certificates(module::Key::decrypt))}));
  ASSERT_OK(device.run());
}

TEST_F(OnboardConversation, two_operators_have_devices_side_by_side) {
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  ASSERT_OK(b.contract({kOtherId, "Bert", "plan-1", {}, {}}));
  Device one(*this);
  Device two(*this, kOtherId);
  ASSERT_OK(one.run());
  ASSERT_OK(two.run());
  EXPECT_EQ(a.made.size(), 1U);
  EXPECT_EQ(b.made.size(), 1U);
  expect_sound(*this, {&one, &two});
}

TEST_F(OnboardConversation, envelope_comes_from_the_hss_again_when_its_answer_was_lost) {
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  line = [&](const Message& message, const Deliver& deliver) {
    auto answer = deliver(message);
    if (message.route == "credentials") return Result<std::string>(Error{Code::unavailable, "test.lost", ""});
    return answer;
  };
  Device device(*this);
  EXPECT_REFUSED(device.run(), Code::unavailable, "test.lost");
  EXPECT_EQ(a.registration_of(kId).state, RegistrationState::registered) << "nothing is used up yet";
  line = {};
  ASSERT_OK(device.run());
  EXPECT_EQ(a.made.size(), 1U);
}

TEST_F(OnboardConversation, another_contract_after_the_first_expired_is_found_by_a_device_with_an_old_referral) {
  a.ports.registration_ms = 1'000'000;
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  a.up = false;
  Device device(*this);
  EXPECT_REFUSED(device.run(), Code::unavailable, "test.silent");
  clock.set(clock.now_ms() + 1'000'001);
  a.up = true;
  EXPECT_REFUSED(device.run(), Code::refused, "onboard.referral_expired");
  ASSERT_OK(a.contract({kId, "Anna", "plan-2", {}, {}}));
  ASSERT_OK(device.run());
  EXPECT_EQ(a.registrations.size(), 2U);
  expect_sound(*this, {&device});
}

TEST_F(OnboardConversation, receipt_takes_the_direct_way_when_the_provisioning_server_does_not_take_it) {
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  line = [&](const Message& message, const Deliver& deliver) {
    if (message.route == "dm_receipt") return Result<std::string>(Error{Code::unavailable, "test.lost", ""});
    return deliver(message);
  };
  Device device(*this);
  ASSERT_OK(device.run());
  EXPECT_EQ(a.registration_of(kId).state, RegistrationState::closed);
}

TEST_F(OnboardConversation, receipt_again_changes_nothing) {
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  Message receipt;
  line = [&](const Message& message, const Deliver& deliver) {
    if (message.route == "receipt") receipt = message;
    return deliver(message);
  };
  Device device(*this);
  ASSERT_OK(device.run());
  const std::int64_t version = a.registration_of(kId).version;
  EXPECT_OK(deliver(receipt));
  EXPECT_EQ(a.registration_of(kId).version, version);
}

TEST_F(OnboardConversation, withdrawn_registration_is_taken_back_and_its_credential_suspended) {
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  line = [&](const Message& message, const Deliver& deliver) {
    if (message.route == "dm") return Result<std::string>(Error{Code::unavailable, "test.lost", ""});
    return deliver(message);
  };
  Device device(*this);
  EXPECT_REFUSED(device.run(), Code::unavailable, "test.lost");
  ASSERT_OK(a.withdraw(kId));
  EXPECT_TRUE(a.suspended.contains(kId));
  EXPECT_FALSE(registration_servers.at("rs1").rows.contains(kId));
  line = {};
  device.power_cycle();
  EXPECT_REFUSED(device.run(), Code::refused, "onboard.withdrawn");
}

TEST_F(OnboardConversation, registration_ends_by_time_and_is_taken_back) {
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  const Registration& row = a.registration_of(kId);
  EXPECT_FALSE(expire(row, row.expires_ms - 1).has_value());
  const auto step = expire(row, row.expires_ms);
  ASSERT_TRUE(step.has_value());
  EXPECT_EQ(step->writes.changed->to.state, RegistrationState::expired);
  EXPECT_EQ(step->writes.take_back->nonce_hash, nonce_hash(row.nonce));
  ASSERT_TRUE(step->writes.suspend.has_value()) << "the HSS may have made a credential for a release that did not stand";
  EXPECT_EQ(step->writes.suspend->nonce_hash, nonce_hash(row.nonce));
  EXPECT_FALSE(expire(step->writes.changed->to, row.expires_ms + 1).has_value()) << "once";
}

TEST_F(OnboardConversation, closed_registration_neither_expires_nor_is_withdrawn) {
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  Device device(*this);
  ASSERT_OK(device.run());
  const Registration& row = a.registration_of(kId);
  EXPECT_FALSE(expire(row, row.expires_ms + 1).has_value());
  EXPECT_REFUSED(onboard::withdraw(row), Code::refused, "onboard.closed");
}

// A request that was under way for long comes after a newer one was served: the device's receipt is for the newer READY and counts.
TEST_F(OnboardConversation, receipt_counts_though_an_older_request_came_after_its_own) {
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  Device device(*this);
  ASSERT_OK(save_state(device.module(), must(device.refer())));
  const DeviceState state = device.state();
  const auto hello = must(begin_hello(state, device.ports()));
  const auto late = must(begin_request(state, hello, must(send({a.host, "hello", hello.body})), device.ports()));
  line = [&](const Message& message, const Deliver& deliver) {
    if (message.route == "dm_receipt") {
      EXPECT_OK(deliver({a.host, "request", late.body}));
      EXPECT_EQ(a.registration_of(kId).transcripts.size(), 2U);
    }
    return deliver(message);
  };
  ASSERT_OK(device.run());
  EXPECT_EQ(a.registration_of(kId).state, RegistrationState::closed);
}

TEST_F(OnboardConversation, row_that_changed_meanwhile_is_a_conflict) {
  ASSERT_OK(a.contract({kId, "Anna", "plan-1", {}, {}}));
  const auto step = onboard::withdraw(a.registration_of(kId));
  ASSERT_OK(step);
  EXPECT_EQ((*step)->writes.changed->version_was, a.registration_of(kId).version);
  EXPECT_EQ((*step)->writes.changed->to.version, a.registration_of(kId).version + 1);
}

TEST_F(OnboardConversation, power_may_go_at_any_step) {
  int steps = 0;
  bool finished = false;
  for (; !finished && steps < 60; ++steps) {
    SCOPED_TRACE("off after step " + std::to_string(steps));
    World world("power");
    ASSERT_OK(world.operators.at("a").contract({kId, "Anna", "plan-1", {}, {}}));
    Device device(world);
    device.power = steps;
    finished = device.run().has_value();
    expect_sound(world, {&device});
    expect_recovery(world, device);
    expect_sound(world, {&device});
    if (HasFailure()) return;
  }
  EXPECT_TRUE(finished);
  EXPECT_GT(steps, 15);
}

}  // namespace
}  // namespace tf::onboard::test
