// Devices that are not what they say: clones, thieves of nonces, revoked, expired and foreign modules, old sessions, false receipts.
#include "protocols/onboard/refusal.hpp"
#include "tests/onboard/world.hpp"

namespace tf::onboard::test {
namespace {

class OnboardMisbehavingDevice : public testing::Test, protected World {
 protected:
  OnboardMisbehavingDevice() { must(a.contract({kId, "Anna", "plan-1", {}, {}})); }
  // What a device sends and hears up to a place.
  std::optional<Message> heard(const std::string& route, const std::function<void()>& during) {
    std::optional<Message> out;
    line = [&](const Message& message, const Deliver& deliver) {
      if (message.route == route && !out) out = message;
      return deliver(message);
    };
    during();
    line = {};
    return out;
  }
  Status revoke(Device& device, module::Key key) {
    ocsp.revoked.insert(device.module().certificates(key).front().serial_hex());
    return device.run();
  }
  std::string receipt_by(Device& device, const ReceiptClaim& claim) {
    const auto sign = [&](ByteView input) { return device.module().sign(input); };
    return encode_receipt(must(crypto::jws_sign_es256(crypto::Es256Signer(sign), typ::receipt, encode(claim))));
  }
  Operator& a = operators.at("a");
  Device device{*this};
};

TEST_F(OnboardMisbehavingDevice, unregistered_device_is_refused_by_the_registration_server) {
  Device stranger(*this, kOtherId);
  EXPECT_REFUSED(stranger.run(), Code::refused, "onboard.unregistered");
}

TEST_F(OnboardMisbehavingDevice, device_cannot_ask_in_the_name_of_another) {
  Device thief(*this, kOtherId);
  auto request = must(decode_referral_request(must(begin_referral(thief.state(), thief.ports())).body));
  request.dsim_id = kId;
  EXPECT_REFUSED(send({"rs1", "referral", encode(request)}), Code::refused, "onboard.other_module");
  ASSERT_OK(save_state(device.module(), must(device.refer())));
  auto hello = must(decode_hello(must(begin_hello(device.state(), thief.ports())).body));
  hello.dsim_id = kId;
  EXPECT_REFUSED(send({a.host, "hello", encode(hello)}), Code::refused, "onboard.other_module");
}

TEST_F(OnboardMisbehavingDevice, nonce_of_another_device_opens_nothing_and_raises_an_alarm) {
  ASSERT_OK(a.contract({kOtherId, "Bert", "plan-1", {}, {}}));
  Device thief(*this, kOtherId);
  DeviceState stolen = must(device.refer());
  ASSERT_OK(save_state(thief.module(), stolen));
  EXPECT_REFUSED(thief.run(), Code::refused, "onboard.session_nonce");
  EXPECT_TRUE(a.has_alarm(AlarmKind::nonce_wrong));
  EXPECT_OK(device.run());
}

TEST_F(OnboardMisbehavingDevice, request_signed_by_another_module_is_refused) {
  const DeviceState state = must(device.refer());
  const auto hello = must(begin_hello(state, device.ports()));
  const std::string answer = must(send({a.host, "hello", hello.body}));
  Device thief(*this, kId, "clone");
  const auto request = must(begin_request(state, hello, answer, thief.ports()));
  EXPECT_REFUSED(send({a.host, "request", request.body}), Code::refused, "onboard.signature");
}

TEST_F(OnboardMisbehavingDevice, request_of_another_session_is_refused) {
  const DeviceState state = must(device.refer());
  const auto hello = must(begin_hello(state, device.ports()));
  auto first = must(decode_request(must(begin_request(state, hello, must(send({a.host, "hello", hello.body})), device.ports())).body));
  const auto other = must(begin_hello(state, device.ports()));
  const auto second = must(decode_request(must(begin_request(state, other, must(send({a.host, "hello", other.body})), device.ports())).body));
  first.session = second.session;
  EXPECT_REFUSED(send({a.host, "request", encode(first)}), Code::refused, "onboard.session_nonce");
}

TEST_F(OnboardMisbehavingDevice, session_serves_one_request) {
  const auto request = heard("request", [&] { EXPECT_OK(device.run()); });
  EXPECT_REFUSED(deliver(*request), Code::refused, "onboard.session");
}

TEST_F(OnboardMisbehavingDevice, session_lives_a_minute) {
  const DeviceState state = must(device.refer());
  const auto hello = must(begin_hello(state, device.ports()));
  const auto request = must(begin_request(state, hello, must(send({a.host, "hello", hello.body})), device.ports()));
  clock.set(clock.now_ms() + kSessionMs);
  EXPECT_REFUSED(send({a.host, "request", request.body}), Code::refused, "onboard.session_expired");
  EXPECT_REFUSED(send({a.host, "request", request.body}), Code::refused, "onboard.session");
}

TEST_F(OnboardMisbehavingDevice, clone_after_the_true_device_is_refused_and_raises_an_alarm) {
  ASSERT_OK(save_state(device.module(), must(device.refer())));
  Device clone(*this, kId, "clone");
  ASSERT_OK(save_state(clone.module(), must(clone.refer())));
  line = [&](const Message& message, const Deliver& deliver) {
    if (message.route == "dm") return Result<std::string>(Error{Code::unavailable, "test.lost", ""});
    return deliver(message);
  };
  EXPECT_REFUSED(device.run(), Code::unavailable, "test.lost");
  EXPECT_REFUSED(send({a.host, "hello", must(begin_hello(clone.state(), clone.ports())).body}), Code::refused, "onboard.used_by_other");
  EXPECT_TRUE(a.sessions.empty());
  EXPECT_REFUSED(clone.run(), Code::refused, "onboard.used_by_other");
  EXPECT_TRUE(a.has_alarm(AlarmKind::used_by_other));
  line = {};
  device.power_cycle();
  EXPECT_OK(device.run());
  EXPECT_REFUSED(clone.run(), Code::refused, "onboard.unregistered");  // the registration server knows it no longer
  clone.refer_again = false;
  EXPECT_REFUSED(clone.run(), Code::refused, "onboard.closed");
  expect_sound(*this, {&device, &clone});
}

TEST_F(OnboardMisbehavingDevice, clone_racing_the_true_device_gets_nothing_once_that_was_quicker) {
  Device clone(*this, kId, "clone");
  const DeviceState state = must(clone.refer());
  const auto hello = must(begin_hello(state, clone.ports()));
  const auto request = must(begin_request(state, hello, must(send({a.host, "hello", hello.body})), clone.ports()));
  line = [&](const Message& message, const Deliver& deliver) {
    if (message.route == "dm") return Result<std::string>(Error{Code::unavailable, "test.lost", ""});
    return deliver(message);
  };
  EXPECT_REFUSED(device.run(), Code::unavailable, "test.lost");
  EXPECT_REFUSED(send({a.host, "request", request.body}), Code::refused, "onboard.used_by_other");
  EXPECT_TRUE(a.has_alarm(AlarmKind::used_by_other));
  EXPECT_EQ(a.made.size(), 1U);
}

TEST_F(OnboardMisbehavingDevice, clone_is_refused_where_the_contract_names_the_certificates) {
  ASSERT_OK(a.contract({kOtherId, "Anna", "plan-1", chain_of(module_of(kOtherId).module->certificates(module::Key::sign)),
                        chain_of(module_of(kOtherId).module->certificates(module::Key::decrypt))}));
  Device clone(*this, kOtherId, "clone");
  EXPECT_REFUSED(clone.run(), Code::refused, "onboard.pinned_otherwise");
}

TEST_F(OnboardMisbehavingDevice, contract_that_pins_another_modules_certificates_is_refused) {
  FactoryModule other = module_of(kOtherId);
  EXPECT_REFUSED(subscribe({"DSIM-0003", "Anna", "plan-1", chain_of(other.module->certificates(module::Key::sign)),
                            chain_of(other.module->certificates(module::Key::decrypt))},
                           std::nullopt, a.ports),
                 Code::refused, "onboard.other_module");
}

TEST_F(OnboardMisbehavingDevice, second_contract_for_a_device_under_way_is_refused) {
  EXPECT_REFUSED(a.contract({kId, "Bert", "plan-1", {}, {}}), Code::refused, "onboard.already_registered");
}

TEST_F(OnboardMisbehavingDevice, subscribed_device_does_not_onboard_again) {
  ASSERT_OK(device.run());
  ASSERT_OK(a.contract({kId, "Anna", "plan-2", {}, {}}));
  EXPECT_REFUSED(begin_referral(DeviceState{}, device.ports()), Code::conflict, "onboard.stage");
  EXPECT_OK(device.run());  // nothing to do
  EXPECT_EQ(a.made.size(), 1U);
}

TEST_F(OnboardMisbehavingDevice, revoked_signing_certificate_is_refused_and_raises_an_alarm) {
  EXPECT_REFUSED(revoke(device, module::Key::sign), Code::refused, "ocsp.revoked");
  EXPECT_TRUE(a.has_alarm(AlarmKind::revoked));
  EXPECT_TRUE(a.made.empty());
}

TEST_F(OnboardMisbehavingDevice, revoked_decryption_certificate_is_refused) {
  EXPECT_REFUSED(revoke(device, module::Key::decrypt), Code::refused, "ocsp.revoked");
  EXPECT_TRUE(a.made.empty());
}

TEST_F(OnboardMisbehavingDevice, expired_module_is_refused) {
  Device old(*this, module_of(kId, "", estate(), 10));
  clock.advance_days(11);
  EXPECT_REFUSED(old.run(), Code::refused, "pki.expired");
}

TEST_F(OnboardMisbehavingDevice, module_of_another_pki_is_refused) {
  Device foreign(*this, module_of(kId, "", foreign_estate()));
  EXPECT_REFUSED(foreign.run(), Code::refused, "pki.untrusted");
  const auto hello = must(begin_hello(must(device.refer()), foreign.ports()));
  EXPECT_REFUSED(send({a.host, "hello", hello.body}), Code::refused, "pki.untrusted");
}

TEST_F(OnboardMisbehavingDevice, certificates_in_each_others_place_are_refused) {
  auto hello = must(decode_hello(must(begin_hello(must(device.refer()), device.ports())).body));
  std::swap(hello.signing, hello.decryption);
  EXPECT_REFUSED(send({a.host, "hello", encode(hello)}), Code::refused, "pki.wrong_usage");
}

TEST_F(OnboardMisbehavingDevice, receipt_of_another_module_or_release_closes_nothing) {
  line = [&](const Message& message, const Deliver& deliver) {
    if (message.route == "dm") return Result<std::string>(Error{Code::unavailable, "test.lost", ""});
    return deliver(message);
  };
  const std::string id = a.registration_of(kId).id;
  const auto send_receipt = [&](const std::string& body) { return deliver({a.host, "receipt", body}); };
  EXPECT_REFUSED(send_receipt(receipt_by(device, {{}, {}, id})), Code::refused, "onboard.not_released");
  EXPECT_REFUSED(device.run(), Code::unavailable, "test.lost");
  const Registration& row = a.registration_of(kId);
  const ReceiptClaim right{row.transcripts.back(), row.envelope_hash, id};
  Device clone(*this, kId, "clone");
  EXPECT_REFUSED(send_receipt(receipt_by(clone, right)), Code::refused, "onboard.signature");
  ReceiptClaim wrong = right;
  wrong.envelope_hash[0] ^= 1;
  EXPECT_REFUSED(send_receipt(receipt_by(device, wrong)), Code::refused, "onboard.receipt");
  EXPECT_TRUE(a.has_alarm(AlarmKind::receipt_wrong));
  wrong = right;
  wrong.transcript[0] ^= 1;
  EXPECT_REFUSED(send_receipt(receipt_by(device, wrong)), Code::refused, "onboard.receipt");
  wrong = right;
  wrong.delivery = "another";
  EXPECT_REFUSED(send_receipt(receipt_by(device, wrong)), Code::refused, "onboard.unregistered");
  EXPECT_EQ(row.state, RegistrationState::released);
}

TEST_F(OnboardMisbehavingDevice, what_a_device_is_told_is_from_the_closed_list) {
  const auto told = [](const char* exact) { return std::string(public_reason(Error{Code::refused, exact, ""})); };
  EXPECT_EQ(told("onboard.used_by_other"), "used");
  EXPECT_EQ(told("onboard.session_nonce"), "refused");
  EXPECT_EQ(told("onboard.withdrawn"), "unregistered");
  EXPECT_EQ(told("pki.expired"), "certificate");
  EXPECT_EQ(told("ocsp.revoked"), "certificate");
  EXPECT_EQ(told("onboard.access_host"), "access");
  EXPECT_EQ(told("vault.row"), "refused");
  const std::string body = refusal_body(Error{Code::refused, "onboard.session_expired", "a secret detail"});
  EXPECT_EQ(read_refusal(body), "session");
  EXPECT_EQ(body.find("detail"), std::string::npos);
  EXPECT_EQ(read_refusal("not JSON"), "refused");
  EXPECT_EQ(read_refusal(R"({"reason":"erase everything"})"), "refused");
  EXPECT_EQ(advice_of("session"), Advice::hello_again);
  EXPECT_EQ(advice_of("used"), Advice::stop);
}

}  // namespace
}  // namespace tf::onboard::test
