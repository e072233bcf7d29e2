// What access binds: numbers, Dids, proofs, approvals, keys of the platform.
#include "tests/access/scene.hpp"

namespace tf::platform::test {
namespace {

TEST_F(Access, binds_and_authenticates) {
  const auto who = identity("D1", "open");
  const auto binding = bound(who);
  EXPECT_EQ(binding.key_time_ms, scene.clock.now_ms() + 3'600'000);
  const auto sent = authentication(who, binding);
  EXPECT_OK(access::finish_authenticate(who, binding, sent, must(send("authenticate", sent.body))));
  EXPECT_THAT(scene.audited_actions(), testing::ElementsAre("access.initialise accepted", "access.authenticate accepted"));
}

TEST_F(Access, a_captured_initialisation_from_another_sim_binds_nothing) {
  const auto sent = initialisation(identity("VICTIM", "open"));
  EXPECT_REFUSED(send("initialise", sent.body, {kOther}), Code::refused, "access.number_differs");
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM access_keys"), 0);
}

TEST_F(Access, believes_a_number_once_and_from_a_gateway_only) {
  const auto sent = initialisation(identity("D1", "open"));
  EXPECT_REFUSED(send("initialise", sent.body, {kNumber}, false), Code::refused, "access.number_from_stranger");
  EXPECT_REFUSED(send("initialise", sent.body, {kNumber, kNumber}), Code::refused, "access.number_twice");
  EXPECT_REFUSED(send("initialise", sent.body, {kNumber, kOther}), Code::refused, "access.number_twice");
  EXPECT_REFUSED(send("initialise", sent.body, {"+" + kNumber}), Code::refused, "access.number_form");
  EXPECT_REFUSED(send("initialise", sent.body, {kNumber + ", " + kOther}), Code::refused, "access.number_form");
  EXPECT_REFUSED(send("initialise", sent.body, {}), Code::refused, "access.number_missing");
  EXPECT_OK(send("initialise", sent.body));
}

TEST_F(Access, a_revoked_gateway_is_a_stranger) {
  must(revoke_peer(context, "operator:a", "gw"));
  EXPECT_REFUSED(send("initialise", initialisation(identity("D1", "open")).body), Code::refused, "access.number_from_stranger");
}

TEST_F(Access, an_enrolment_code_is_for_one_did_one_service_and_once) {
  auto who = identity("D1", "bank");
  EXPECT_REFUSED(send("initialise", initialisation(who).body), Code::refused, "access.no_proof");
  who.code = code("D2");
  EXPECT_REFUSED(send("initialise", initialisation(who).body), Code::refused, "access.wrong_code");
  who.code = code("D1");
  EXPECT_OK(authenticated(who, bound(who)));
  EXPECT_REFUSED(send("initialise", initialisation(who).body), Code::refused, "access.wrong_code");
  who.code = code("D1");
  scene.clock.set(scene.clock.now_ms() + 3'600'000);
  EXPECT_REFUSED(send("initialise", initialisation(who).body), Code::refused, "access.wrong_code");
}

TEST_F(Access, guessing_codes_locks_the_did_for_a_while_and_alarms) {
  auto who = identity("D1", "bank");
  for (int i = 0; i < kWrongCodes; ++i) {
    who.code = "WRONG-" + std::to_string(i);
    EXPECT_REFUSED(send("initialise", initialisation(who).body), Code::refused, "access.wrong_code");
    must(scene.opened->database->write([](store::Session&) -> Status { return {}; }));  // the count is written by now
  }
  who.code = code("D1");
  EXPECT_REFUSED(send("initialise", initialisation(who).body), Code::refused, "access.code_locked");
  EXPECT_EQ(must(list_alarms(context, 10)).front().kind, "wrong-code");
  auto other = identity("D2", "bank", kOther);
  other.code = code("D2");
  EXPECT_OK(send("initialise", initialisation(other).body, {kOther}));
  scene.clock.set(scene.clock.now_ms() + kCodeLockMs);
  EXPECT_OK(send("initialise", initialisation(who).body));
}

TEST_F(Access, a_device_certificate_enrols_its_own_did_only) {
  const std::string serial = "TF10000002";
  const auto device = personalised(must(wire::Dsn::parse(serial)), {rki::Suite::modern});
  auto who = identity(serial, "bank");
  who.device_key = device.device_key;
  for (const auto& certificate : device.device_chain) who.device_chain.push_back(certificate.der());
  EXPECT_OK(send("initialise", initialisation(who).body));
  auto other = who;
  other.did = "TF10000003";
  EXPECT_REFUSED(send("initialise", initialisation(other).body), Code::refused, "access.wrong_device");
  auto stolen = who;
  stolen.device_key = crypto::PrivateKey::generate_p256();
  EXPECT_REFUSED(send("initialise", initialisation(stolen).body), Code::refused, "access.wrong_device");
}

TEST_F(Access, another_binding_waits_for_approval_and_alarms_once) {
  const auto who = identity("D1", "open");
  const auto binding = bound(who);
  const auto thief = identity("D2", "open");
  const auto moved = identity("D1", "open", kOther);
  for (int i = 0; i < 3; ++i) EXPECT_REFUSED(send("initialise", initialisation(thief).body), Code::refused, "access.bound_otherwise");
  EXPECT_REFUSED(send("initialise", initialisation(moved).body, {kOther}), Code::refused, "access.bound_otherwise");
  const auto alarms = must(list_alarms(context, 10));
  ASSERT_EQ(alarms.size(), 2U);
  EXPECT_OK(send("authenticate", authentication(who, binding).body));  // the old key goes on
  for (const AlarmEntry& alarm : alarms)
    if (alarm.did == "D2") EXPECT_OK(approve_alarm(context, "operator:a", alarm.id));
  EXPECT_OK(send("initialise", initialisation(thief).body));
  EXPECT_REFUSED(send("authenticate", authentication(who, binding).body), Code::refused, "access.no_key");
}

TEST_F(Access, the_key_from_another_sim_is_refused_and_alarmed) {
  const auto who = identity("D1", "open");
  const auto binding = bound(who);
  EXPECT_REFUSED(send("authenticate", authentication(who, binding).body, {kOther}), Code::refused, "access.number_differs");
  auto lying = who;
  lying.msisdn = kOther;
  EXPECT_REFUSED(send("authenticate", authentication(lying, binding).body, {kOther}), Code::refused, "access.number_differs");
  const auto alarms = must(list_alarms(context, 10));
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_EQ(alarms[0].kind, "key-from-other-number");
  EXPECT_EQ(alarms[0].msisdn, kOther);
}

TEST_F(Access, a_changed_did_is_taken_over_where_the_policy_allows_it) {
  for (const auto& [name, allowed] : {std::pair{"open", false}, {"loose", true}}) {
    auto who = identity("D1", name);
    const auto binding = bound(who);
    who.did = "D9";
    who.info = "another handset";
    const auto outcome = send("authenticate", authentication(who, binding).body);
    EXPECT_EQ(outcome.has_value(), allowed) << name;
  }
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM access_keys WHERE did = 'D9' AND info = 'another handset'"), 1);
}

TEST_F(Access, old_platform_keys_work_beside_new_ones) {
  const auto old = identity("D1", "open");
  must(rotate_access_keys(*scene.opened->vault, scene.clock.now_ms()));
  EXPECT_OK(send("initialise", initialisation(old).body));
  const auto keys = must(crypto::read_jwk_set(must(access_key_set(*scene.opened->vault)), "enc"));
  ASSERT_EQ(keys.size(), 4U);
  for (const auto& key : keys) {
    auto who = identity("D1", "open");
    who.platform_kid = key.kid;
    who.platform_key = key.key;
    EXPECT_OK(send("initialise", initialisation(who).body));
  }
}

}  // namespace
}  // namespace tf::platform::test
