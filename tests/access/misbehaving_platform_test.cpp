// A platform that lies, or somebody who plays one: what a terminal believes. Whoever lacks DKey is believed nothing; whoever
// has it is the platform, and then a number that is not the SIM's is still refused.
#include "tests/access/faulty_line.hpp"

namespace tf::platform::test {
namespace {

using access::AuthenticateAnswer;
using access::InitialiseAnswer;
using access::Suite;

class LyingPlatform : public testing::TestWithParam<Suite>, protected StoryWorld {
 protected:
  access::Identity who = identity("D1", "open", kNumber, GetParam());

  static access::Fresh fresh_of(const access::InitialiseUnderWay& sent) {
    return GetParam() == Suite::modern ? access::Fresh{sent.content.nonce_p, sent.content.nonce_t} : access::Fresh{sent.edkey, {}};
  }
  // MACed by who has this DKey.
  std::string maced(InitialiseAnswer answer, const SecretBytes& dkey, const access::InitialiseUnderWay& sent, std::string_view label = access::label::initialise_answer) {
    const auto fields = access::initialise_answer_fields({GetParam(), who.service, who.did, answer.msisdn}, answer, fresh_of(sent));
    answer.mac = crypto::hmac_sha256(access::derive(dkey, answer.key_id, label).reveal(), fields);
    return encode(answer);
  }
  std::string maced(AuthenticateAnswer answer, const access::Binding& binding, const access::AuthenticateUnderWay& sent, const std::string& service_name) {
    const auto fields = access::authenticate_answer_fields({GetParam(), service_name, who.did, who.msisdn}, answer, {sent.first, sent.nonce_t});
    answer.mac = crypto::hmac_sha256(access::derive(binding.dkey, binding.key_id, access::label::authenticate_answer).reveal(), fields);
    return encode(answer);
  }
};
INSTANTIATE_TEST_SUITE_P(Suites, LyingPlatform, testing::Values(Suite::classic, Suite::modern), suite_name);

using Lie = std::pair<const char*, std::function<void(InitialiseAnswer&)>>;
const std::vector<Lie>& lies() {
  static const std::vector<Lie> all{{"another number", [](auto& answer) { answer.msisdn = kOther; }},
                                    {"no number", [](auto& answer) { answer.msisdn.clear(); }},
                                    {"another key id", [](auto& answer) { answer.key_id = "00112233445566778899aabbccddeeff"; }},
                                    {"a longer KeyTime", [](auto& answer) { answer.key_time_ms += 1; }},
                                    {"another profile", [](auto& answer) { answer.private_apn = "evil.example"; }},
                                    {"no profile", [](auto& answer) { answer.private_apn.clear(); }}};
  return all;
}

TEST_P(LyingPlatform, without_dkey_binds_nothing) {
  const auto sent = initialisation(who);
  const auto answer = must(access::decode_initialise_answer(must(send("initialise", sent.body))));
  const SecretBytes guessed(sent.content.dkey.size());
  for (const auto& [name, lie] : lies()) {
    SCOPED_TRACE(name);
    auto lied = answer;
    lie(lied);
    EXPECT_REFUSED(access::finish_initialise(who, sent, encode(lied)), Code::refused, "access.platform_mac");
    EXPECT_REFUSED(access::finish_initialise(who, sent, maced(lied, guessed, sent)), Code::refused, "access.platform_mac");
  }
  auto altered = answer;
  altered.mac[0] ^= 1;
  EXPECT_REFUSED(access::finish_initialise(who, sent, encode(altered)), Code::refused, "access.platform_mac");
  EXPECT_OK(access::finish_initialise(who, sent, encode(answer)));
}

TEST_P(LyingPlatform, with_dkey_is_the_platform_but_cannot_give_another_number) {
  for (const auto& [name, lie] : lies()) {
    SCOPED_TRACE(name);
    const auto sent = initialisation(who);
    auto lied = must(access::decode_initialise_answer(must(send("initialise", sent.body))));
    lie(lied);
    const auto bound = access::finish_initialise(who, sent, maced(lied, sent.content.dkey, sent));
    if (lied.msisdn != kNumber) {
      EXPECT_REFUSED(bound, Code::refused, "access.number_differs");
      continue;
    }
    ASSERT_OK(bound);
    Phone one{{who, access::Binding{bound->key_id, bound->key_time_ms, bound->dkey.clone(), bound->private_apn}}, 1, {}};
    Line sound(line(kNumber));
    const bool key_is_known = lied.key_id == active_key();
    const auto ticket = tell(one, sound);
    if (!key_is_known) expect_agreement(one, must(ticket));  // the honest platform never heard of it: it begins again
  }
}

TEST_P(LyingPlatform, an_answer_made_for_another_purpose_service_or_request_binds_nothing) {
  const auto sent = initialisation(who);
  const auto answer = must(access::decode_initialise_answer(must(send("initialise", sent.body))));
  const SecretBytes& dkey = sent.content.dkey;
  EXPECT_REFUSED(access::finish_initialise(who, sent, maced(answer, dkey, sent, access::label::authenticate_answer)), Code::refused, "access.platform_mac");
  EXPECT_REFUSED(access::finish_initialise(who, sent, maced(answer, dkey, sent, access::label::consent)), Code::refused, "access.platform_mac");
  const auto other = initialisation(who);
  EXPECT_REFUSED(access::finish_initialise(who, sent, maced(answer, dkey, other)), Code::refused, "access.platform_mac");
  for (const bool suite_lies : {true, false}) {
    auto elsewhere = who;
    if (suite_lies) elsewhere.suite = GetParam() == Suite::modern ? Suite::classic : Suite::modern;
    if (!suite_lies) elsewhere.service = "loose";
    auto under_way = initialisation(elsewhere);
    under_way.content.dkey = dkey.clone();
    EXPECT_REFUSED(access::finish_initialise(elsewhere, under_way, encode(answer)), Code::refused, "access.platform_mac");
  }
}

TEST_P(LyingPlatform, no_ticket_is_taken_that_is_not_for_this_request) {
  const auto binding = bound(who);
  const auto other = identity("D2", "open", kOther, GetParam());
  const auto others = bound(other);
  const auto sent = authentication(who, binding);
  const auto refuse = [&](const std::string& body, const char* reason = "access.platform_mac") {
    EXPECT_REFUSED(access::finish_authenticate(who, binding, sent, body), Code::refused, reason);
  };
  const auto earlier = authentication(who, binding);
  refuse(must(send("authenticate", earlier.body)));
  const std::string honest = must(send("authenticate", sent.body));
  const auto answer = must(access::decode_authenticate_answer(honest));
  const auto theirs = must(access::decode_authenticate_answer(must(send("authenticate", authentication(other, others).body, {kOther}))));
  refuse(encode(theirs));
  auto lied = answer;
  lied.ticket = theirs.ticket;
  refuse(encode(lied));
  refuse(maced(lied, binding, sent, "open"), "crypto.aead");  // the true MAC does not make another's ticket ours
  lied = answer;
  lied.private_apn = "evil.example";
  refuse(encode(lied));
  lied.private_apn.clear();
  refuse(encode(lied));
  lied = answer;
  lied.mac[7] ^= 1;
  refuse(encode(lied));
  refuse(maced(answer, binding, sent, "bank"));
  refuse(maced(answer, binding, earlier, "open"));
  EXPECT_OK(access::finish_authenticate(who, binding, sent, honest));
}

TEST_P(LyingPlatform, a_refusal_anybody_can_forge_erases_no_key) {
  Phone one = phone("D1", kNumber, GetParam());
  expect_recovery(one);
  const std::string before = one.key_id();
  std::vector<net::HttpResponse> forged;
  for (const char* reason : {"initialise", "challenge", "time", "number", "waiting", "enrolment", "refused", "", "erase your key"})
    forged.push_back({.status = 403, .content_type = "application/problem+json", .body = R"({"code":"refused","reason":")" + std::string(reason) + "\"}", .headers = {}});
  for (const int status : {200, 301, 400, 401, 403, 404, 409, 429, 500, 503})
    forged.push_back({.status = status, .content_type = "text/html", .body = "<html>no</html>", .headers = {}});
  for (const net::HttpResponse& response : forged) {
    SCOPED_TRACE(response.status);
    SCOPED_TRACE(response.body);
    for (const bool also_challenges : {true, false}) {
      Line forging([&, honest = line(kNumber)](const std::string& target, const std::string& body) -> Result<net::HttpResponse> {
        return also_challenges || !target.ends_with("challenge") ? Result<net::HttpResponse>(response) : honest(target, body);
      });
      EXPECT_FALSE(tell(one, forging).has_value());
      EXPECT_FALSE(one.client(scene.clock, dice, forging.exchange()).initialise(one.device).has_value());
      ASSERT_EQ(one.key_id(), before);
      EXPECT_EQ(one.saves, 1);
    }
  }
  expect_recovery(one);
  EXPECT_EQ(one.key_id(), before);
}

}  // namespace
}  // namespace tf::platform::test
