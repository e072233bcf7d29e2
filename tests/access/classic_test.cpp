// Suite classic: the source's own flow, in which EDKey, a clock and the gateway's number are all there is.
#include "tests/access/scene.hpp"

namespace tf::platform::test {
namespace {

using access::AuthenticateRequest;
using access::Suite;

constexpr std::int64_t kWindowMs = 120'000;

class Classic : public Access {
 protected:
  access::Identity phone(const std::string& did = "D1", const std::string& service_name = "open", const std::string& msisdn = kNumber) {
    return identity(did, service_name, msisdn, Suite::classic);
  }
  // Refused for the exact reason, of which the terminal is told the public one.
  static void expect_refused(const Result<std::string>& answer, const char* exact, const std::string& public_one) {
    EXPECT_REFUSED(answer, Code::refused, exact);
    EXPECT_EQ(told(answer.error()), public_one);
  }
  AuthenticateRequest request(const access::Identity& who, const access::Binding& binding) {
    return must(access::decode_authenticate_request(authentication(who, binding).body));
  }
  // As the terminal with this key would MAC it.
  static std::string maced(AuthenticateRequest request, const access::Binding& binding) {
    const std::string time = access::decimal(request.time_ms);
    const auto key = access::derive(binding.dkey, binding.key_id, access::label::authenticate_request);
    request.mac = crypto::hmac_sha256(key.reveal(), access::authenticate_request_fields(Suite::classic, request.service, request.claim, {time, request.nonce_t}));
    return encode(request);
  }
  std::int64_t keys() { return scene.count("SELECT COUNT(*) FROM access_keys"); }
};

TEST_F(Classic, binds_and_authenticates_to_either_platform_key) {
  for (const auto kind : {crypto::KeyKind::p256, crypto::KeyKind::rsa}) {
    const auto who = identity("D1", "open", kNumber, Suite::classic, kind);
    const auto binding = bound(who);
    EXPECT_EQ(binding.dkey.size(), 16U);
    EXPECT_EQ(binding.private_apn, "open.private");
    EXPECT_OK(authenticated(who, binding));
  }
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM access_keys WHERE status = 'active' AND suite = 'classic'"), 1);
}

TEST_F(Classic, works_without_info) {
  auto who = phone();
  who.info.clear();
  EXPECT_OK(authenticated(who, bound(who)));
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM access_keys WHERE info = ''"), 1);
}

TEST_F(Classic, an_edkey_works_once_ever_and_from_no_other_sim) {
  const auto who = phone();
  const auto sent = initialisation(who);
  const auto binding = must(access::finish_initialise(who, sent, must(send("initialise", sent.body))));
  expect_refused(send("initialise", sent.body), "access.edkey_used", "initialise");
  expect_refused(send("initialise", sent.body, {kOther}), "access.edkey_used", "initialise");
  EXPECT_TRUE(must(list_alarms(context, 10)).empty());
  must(revoke_binding(context, "operator:a", binding.key_id));
  expect_refused(send("initialise", sent.body), "access.edkey_used", "initialise");
  scene.clock.advance_days(4000);
  bound(phone("D2", "open", kOther));  // what is done once a minute is done
  must(scene.database->write([](store::Session&) -> Status { return {}; }));
  expect_refused(send("initialise", sent.body), "access.edkey_used", "initialise");
  EXPECT_EQ(keys(), 2);
}

TEST_F(Classic, one_of_many_racing_replays_of_an_edkey_binds) {
  const auto sent = initialisation(phone());
  std::atomic<int> accepted{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { accepted += send("initialise", sent.body).has_value() ? 1 : 0; });
  }
  EXPECT_EQ(accepted, 1);
  EXPECT_EQ(keys(), 1);
}

TEST_F(Classic, the_terminals_clock_may_be_two_minutes_wrong_either_way) {
  const auto who = phone();
  const auto binding = bound(who);
  const auto at = [&](std::int64_t offset) {
    return send("authenticate", access::begin_authenticate(who, binding, {}, scene.clock.now_ms() + offset, random).body);
  };
  for (const std::int64_t good : {-kWindowMs, std::int64_t{0}, kWindowMs}) EXPECT_OK(at(good));
  for (const std::int64_t bad : {-kWindowMs - 1, kWindowMs + 1}) expect_refused(at(bad), "access.time", "time");
}

TEST_F(Classic, a_nonce_works_once_even_under_a_new_time_and_mac) {
  const auto who = phone();
  const auto binding = bound(who);
  auto again = request(who, binding);
  EXPECT_OK(send("authenticate", encode(again)));
  expect_refused(send("authenticate", encode(again)), "access.nonce_used", "time");
  again.time_ms += 1;
  expect_refused(send("authenticate", maced(again, binding)), "access.nonce_used", "time");
  scene.clock.set(scene.clock.now_ms() + kWindowMs + 2);  // the nonce may be forgotten now; its time is over too
  expect_refused(send("authenticate", encode(again)), "access.time", "time");
}

TEST_F(Classic, altered_members_are_noticed) {
  const auto who = phone();
  const auto binding = bound(who);
  const auto fresh = request(who, binding);
  const auto altered = [&](const std::function<void(AuthenticateRequest&)>& alter) {
    auto copy = fresh;
    alter(copy);
    return send("authenticate", encode(copy));
  };
  expect_refused(altered([](auto& it) { it.claim.did = "D2"; }), "access.another_key", "initialise");
  expect_refused(altered([](auto& it) { it.claim.info = "another"; }), "access.another_key", "initialise");
  expect_refused(altered([](auto& it) { it.claim.key_time_ms += 1; }), "access.another_key", "initialise");
  expect_refused(altered([](auto& it) { it.time_ms += 1; }), "access.another_key", "initialise");
  expect_refused(altered([](auto& it) { it.nonce_t[0] ^= 1; }), "access.another_key", "initialise");
  expect_refused(altered([](auto& it) { it.mac[31] ^= 1; }), "access.another_key", "initialise");
  expect_refused(altered([](auto& it) { it.claim.msisdn = kOther; }), "access.no_key", "initialise");
  expect_refused(altered([](auto& it) { it.service = "loose"; }), "access.no_key", "initialise");
  EXPECT_OK(send("authenticate", encode(fresh)));
}

TEST_F(Classic, macs_of_other_messages_authenticate_nobody) {
  const auto who = phone();
  const auto sent = initialisation(who);
  const std::string body = must(send("initialise", sent.body));
  const auto binding = must(access::finish_initialise(who, sent, body));
  const auto first = request(who, binding);
  auto second = request(who, binding);
  second.mac = first.mac;
  expect_refused(send("authenticate", encode(second)), "access.another_key", "initialise");
  second.mac = must(access::decode_initialise_answer(body)).mac;  // reflected
  expect_refused(send("authenticate", encode(second)), "access.another_key", "initialise");
  second.mac = must(access::decode_authenticate_answer(must(send("authenticate", encode(first))))).mac;
  expect_refused(send("authenticate", encode(second)), "access.another_key", "initialise");
}

TEST_F(Classic, is_refused_by_a_service_that_does_not_take_it) {
  const auto who = phone("D1", "new");
  expect_refused(send("initialise", initialisation(who).body), "access.suite", "refused");
  const access::Binding invented{"0011", scene.clock.now_ms() + 1000, SecretBytes(std::size_t{16}), ""};
  expect_refused(send("authenticate", authentication(who, invented).body), "access.suite", "refused");
  EXPECT_EQ(keys(), 0);
}

TEST_F(Classic, a_did_that_had_modern_does_not_go_back) {
  const auto modern = identity("D1", "open");
  const auto binding = bound(modern);
  expect_refused(send("initialise", initialisation(phone()).body), "access.downgrade", "refused");
  EXPECT_OK(authenticated(modern, binding));
  expect_refused(send("authenticate", authentication(phone(), binding).body), "access.no_key", "initialise");
  bound(phone("D2", "open", kOther));
  EXPECT_OK(authenticated(identity("D2", "open", kOther), bound(identity("D2", "open", kOther))));  // forward it does
}

TEST_F(Classic, did_stands_beside_edkey_by_policy_only) {
  auto who = phone();
  who.did_beside = true;
  expect_refused(send("initialise", initialisation(who).body), "access.did_beside", "refused");
  who.service = "loose";
  EXPECT_OK(authenticated(who, bound(who)));
}

TEST_F(Classic, did_stands_in_one_place) {
  auto who = phone("D1", "loose");
  auto twice = must(access::decode_initialise_request(initialisation(who).body));
  twice.did = "D1";
  EXPECT_REFUSED(send("initialise", encode(twice)), Code::malformed, "access.did");
  who.did_beside = true;
  auto nowhere = must(access::decode_initialise_request(initialisation(who).body));
  nowhere.did.clear();
  EXPECT_REFUSED(send("initialise", encode(nowhere)), Code::malformed, "access.did");
  EXPECT_EQ(keys(), 0);
}

TEST_F(Classic, binds_to_the_gateways_number_or_to_none) {
  const auto who = phone();
  expect_refused(send("initialise", initialisation(who).body, {}), "access.number_missing", "number");
  const auto sent = initialisation(who);
  const std::string body = must(send("initialise", sent.body, {kOther}));  // EDKey names no number, but the terminal knows its own
  EXPECT_REFUSED(access::finish_initialise(who, sent, body), Code::refused, "access.number_differs");
}

TEST_F(Classic, the_key_works_from_its_own_sim_only) {
  const auto who = phone();
  const auto binding = bound(who);
  expect_refused(send("authenticate", authentication(who, binding).body, {}), "access.number_missing", "number");
  expect_refused(send("authenticate", authentication(who, binding).body, {kOther}), "access.number_differs", "number");
  expect_refused(send("authenticate", authentication(phone("D1", "open", kOther), binding).body, {kOther}), "access.no_key", "initialise");
  const auto alarms = must(list_alarms(context, 10));
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_EQ(alarms[0].kind, "key-from-other-number");
}

TEST_F(Classic, the_servers_clock_ends_a_key_whatever_the_terminals_clock_says) {
  const auto who = phone();
  const auto binding = bound(who);
  scene.clock.set(binding.key_time_ms);
  const auto turned_back = [&](std::int64_t by) {
    return send("authenticate", access::begin_authenticate(who, binding, {}, binding.key_time_ms - by, random).body);
  };
  expect_refused(turned_back(1000), "access.expired", "initialise");
  expect_refused(turned_back(3'000'000), "access.time", "time");
  auto longer = access::Binding{binding.key_id, binding.key_time_ms + 1'000'000, binding.dkey.clone(), ""};
  expect_refused(send("authenticate", authentication(who, longer).body), "access.expired", "initialise");
  scene.clock.set(binding.key_time_ms - 1);
  expect_refused(send("authenticate", authentication(who, longer).body), "access.wrong_key_time", "refused");
  EXPECT_OK(authenticated(who, binding));
}

TEST_F(Classic, envelopes_of_one_suite_do_not_hold_the_other) {
  auto modern = must(access::decode_initialise_request(initialisation(identity("D1", "open")).body));
  modern.suite = Suite::classic;
  EXPECT_FALSE(send("initialise", encode(modern)).has_value());
  auto classic = must(access::decode_initialise_request(initialisation(phone()).body));
  classic.suite = Suite::modern;
  EXPECT_FALSE(send("initialise", encode(classic)).has_value());
  EXPECT_EQ(keys(), 0);
}

}  // namespace
}  // namespace tf::platform::test
