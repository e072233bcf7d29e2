// What altered, replayed, mixed, late and misdirected messages of access get.
#include "tests/access/scene.hpp"

namespace tf::platform::test {
namespace {

TEST_F(Access, takes_every_message_once) {
  const auto who = identity("D1", "open");
  const auto first = initialisation(who);
  EXPECT_OK(send("initialise", first.body));
  EXPECT_REFUSED(send("initialise", first.body), Code::refused, "access.challenge_used");
  const auto binding = bound(who);
  const auto sent = authentication(who, binding);
  EXPECT_OK(send("authenticate", sent.body));
  EXPECT_REFUSED(send("authenticate", sent.body), Code::refused, "access.challenge_used");
}

TEST_F(Access, gives_one_of_many_racing_replays_an_answer) {
  const auto sent = initialisation(identity("D1", "open"));
  std::atomic<int> accepted{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) threads.emplace_back([&] { accepted += send("initialise", sent.body).has_value() ? 1 : 0; });
  }
  EXPECT_EQ(accepted, 1);
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM access_keys"), 1);
}

TEST_F(Access, challenges_are_for_one_purpose_and_a_minute) {
  const auto who = identity("D1", "open");
  const auto wrong = must(access::begin_initialise(who, challenge(access::ChallengePurpose::authenticate), nullptr, random));
  EXPECT_REFUSED(send("initialise", wrong.body), Code::refused, "access.challenge");
  const auto late = initialisation(who);
  scene.clock.set(scene.clock.now_ms() + 60'000);
  EXPECT_REFUSED(send("initialise", late.body), Code::refused, "access.challenge");
  auto invented = must(access::begin_initialise(who, {"AAAA", 60}, nullptr, random));
  EXPECT_REFUSED(send("initialise", invented.body), Code::refused, "access.challenge");
}

TEST_F(Access, altered_messages_are_refused) {
  const auto who = identity("D1", "open");
  const auto binding = bound(who);
  const auto request = must(access::decode_authenticate_request(authentication(who, binding).body));
  auto altered = request;
  altered.mac[0] ^= 1;
  EXPECT_REFUSED(send("authenticate", encode(altered)), Code::refused, "access.wrong_mac");
  altered = request;
  altered.nonce_t[3] ^= 1;
  EXPECT_REFUSED(send("authenticate", encode(altered)), Code::refused, "access.wrong_mac");
  altered = request;
  altered.sealed[altered.sealed.size() - 3] ^= 1;
  EXPECT_FALSE(send("authenticate", encode(altered)));
  altered = request;
  altered.key_id = "another";
  EXPECT_REFUSED(send("authenticate", encode(altered)), Code::refused, "access.no_key");
  altered = request;
  altered.service = "loose";
  EXPECT_REFUSED(send("authenticate", encode(altered)), Code::refused, "access.no_key");
  EXPECT_OK(send("authenticate", encode(request)));
}

TEST_F(Access, what_operators_will_read_holds_no_control_characters) {
  auto who = identity("D1", "open");
  who.info = "phone\x1b[2J";
  EXPECT_REFUSED(send("initialise", initialisation(who).body), Code::malformed, "access.info");
  who = identity("D1\n", "open");
  EXPECT_REFUSED(send("initialise", initialisation(who).body), Code::malformed, "access.did");
}

TEST_F(Access, parts_of_two_conversations_do_not_mix) {
  const auto who = identity("D1", "open");
  const auto binding = bound(who);
  const auto a = must(access::decode_authenticate_request(authentication(who, binding).body));
  auto mixed = must(access::decode_authenticate_request(authentication(who, binding).body));
  mixed.mac = a.mac;
  EXPECT_REFUSED(send("authenticate", encode(mixed)), Code::refused, "access.wrong_mac");
  mixed = a;
  mixed.nonce_p = challenge(access::ChallengePurpose::authenticate).nonce;
  EXPECT_REFUSED(send("authenticate", encode(mixed)), Code::refused, "access.wrong_mac");
}

TEST_F(Access, the_platforms_own_mac_reflected_authenticates_nobody) {
  const auto who = identity("D1", "open");
  const auto sent = initialisation(who);
  const std::string body = must(send("initialise", sent.body));
  const auto answer = must(access::decode_initialise_answer(body));
  const auto binding = must(access::finish_initialise(who, sent, body));
  auto request = must(access::decode_authenticate_request(authentication(who, binding).body));
  request.mac = answer.mac;
  EXPECT_REFUSED(send("authenticate", encode(request)), Code::refused, "access.wrong_mac");
}

TEST_F(Access, the_servers_clock_ends_a_key) {
  const auto who = identity("D1", "open");
  auto binding = bound(who);
  scene.clock.set(binding.key_time_ms);
  const auto sent = authentication(who, binding);
  const auto refused = send("authenticate", sent.body);
  EXPECT_REFUSED(refused, Code::refused, "access.expired");
  EXPECT_EQ(access::public_reason(refused.error()), "initialise");
  scene.clock.set(binding.key_time_ms - 1000);
  binding.key_time_ms += 1'000'000;  // a terminal that would like it longer
  EXPECT_REFUSED(send("authenticate", authentication(who, binding).body), Code::refused, "access.wrong_key_time");
}

TEST_F(Access, an_answer_of_another_platform_is_not_believed) {
  const auto who = identity("D1", "open");
  const auto sent = initialisation(who);
  const auto answer = must(access::decode_initialise_answer(must(send("initialise", sent.body))));
  auto altered = answer;
  altered.key_time_ms += 1;
  EXPECT_REFUSED(access::finish_initialise(who, sent, encode(altered)), Code::refused, "access.platform_mac");
  altered = answer;
  altered.msisdn = kOther;
  EXPECT_REFUSED(access::finish_initialise(who, sent, encode(altered)), Code::refused, "access.platform_mac");
  const auto other = initialisation(who);
  EXPECT_REFUSED(access::finish_initialise(who, other, encode(answer)), Code::refused, "access.platform_mac");  // an answer to another request
}

TEST_F(Access, jwes_of_other_kinds_are_refused) {
  const auto who = identity("D1", "open");
  const auto wrap = [&](std::string_view kid, std::string_view typ, const crypto::PublicKey& key) {
    const std::string jwe = must(crypto::jwe_seal_to(key, kid, random, typ, encode(initialisation(who).content).reveal()));
    return encode(access::InitialiseRequest{.service = "open", .jwe = jwe, .did = {}, .info = {}});
  };
  EXPECT_REFUSED(send("initialise", wrap("access.p256.9", access::typ::initialise, who.platform_key)), Code::refused, "access.unknown_key");
  EXPECT_REFUSED(send("initialise", wrap("access.ticket.1", access::typ::initialise, who.platform_key)), Code::refused, "access.unknown_key");
  EXPECT_FALSE(send("initialise", wrap(who.platform_kid, "another-type", who.platform_key)));
  EXPECT_FALSE(send("initialise", wrap(who.platform_kid, access::typ::initialise, crypto::PrivateKey::generate_p256().public_key())));
  EXPECT_FALSE(send("initialise", wrap("access.rsa.1", access::typ::initialise, who.platform_key))) << "the algorithm is the key's, not the message's";
}

TEST_F(Access, nothing_is_bound_when_the_audit_trail_or_the_database_fails) {
  const auto who = identity("D1", "open");
  const auto sent = initialisation(who);
  bound(identity("D2", "open", kOther));  // what is done once a minute is done
  scene.database->next_write = FaultyDatabase::Fault::lost;
  EXPECT_REFUSED(send("initialise", sent.body), Code::unavailable, "store.io");
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM access_keys"), 1);
  EXPECT_OK(send("initialise", sent.body));  // the same bytes again, later
}

TEST_F(Access, no_secret_stands_in_the_database_in_the_clear) {
  const auto who = identity("D1", "open");
  const auto binding = bound(who);
  const Bytes file = must(read_file(scene.directory + "/trustferry.db-wal", 64UL * 1024 * 1024));
  const auto dkey = binding.dkey.reveal();
  EXPECT_EQ(std::search(file.begin(), file.end(), dkey.begin(), dkey.end()), file.end());
}

}  // namespace
}  // namespace tf::platform::test
