// HTTP Digest AKA at the PHLR and at the HSS, and what a provisioning server takes from whom.
#include "crypto/aka/milenage.hpp"
#include "dm/messages.hpp"
#include "protocols/onboard/access_token.hpp"
#include "protocols/onboard/digest_aka.hpp"
#include "tests/platform/onboard/scene.hpp"
#include "wire/json.hpp"

namespace tf::platform::test {
namespace {

constexpr const char* kPath = "/onboard/v1/access";

crypto::MilenageKey key() {
  crypto::MilenageKey out;
  std::ranges::fill(out.k.reveal_mutable(), 0x11);
  std::ranges::fill(out.opc.reveal_mutable(), 0x22);
  return out;
}

struct Access : testing::Test {
  Access() {
    scene.start("phlr");
    scene.start("hss");
    EXPECT_EQ(scene.post("phlr", "/onboard/v1/subscribers", rows(), &scene.staff).status, 200);
  }
  static std::string rows() {
    wire::JsonWriter writer;
    writer.begin_object().key("subscribers").begin_array().begin_object().member("pimsi", kPimsi).member("k", std::string(32, '1')).member("opc", std::string(32, '2')).end_object();
    return writer.end_array().end_object().take();
  }
  Answer ask(const onboard::DigestAnswer& answer, const std::string& role = "phlr", const std::string& path = kPath) {
    return scene.post(role, path, "", nullptr, {{"Authorization", onboard::encode(answer)}}, "");
  }
  static onboard::DigestAnswer first(const std::string& user, const std::string& realm = "onboard") {
    return {.username = user + "@" + realm, .realm = realm, .nonce = {}, .uri = kPath, .cnonce = {}, .response = {}};
  }
  static onboard::DigestChallenge challenge_of(const Answer& answer) { return must(onboard::parse_digest_challenge(answer.headers.at("WWW-Authenticate"))); }
  // As the USIM would, without looking at the SQN.
  static onboard::DigestAnswer answer_to(const onboard::DigestChallenge& challenge, const crypto::MilenageKey& with) {
    const auto out = crypto::Milenage(with).outputs(challenge.rand, 0, {});
    return onboard::answer_digest(challenge, {std::string(kPimsi) + "@onboard", "0011223344556677"}, "POST", kPath, out.res, out.ik, out.ck);
  }
  OnboardScene scene;
};

TEST_F(Access, GrantsATokenThatNamesTheHostsToWhoKnowsTheKey) {
  const Answer challenged = ask(first(kPimsi));
  ASSERT_EQ(challenged.status, 401);
  const Answer granted = ask(answer_to(challenge_of(challenged), key()));
  ASSERT_EQ(granted.status, 200) << granted.body;
  const onboard::ChainVerifier verifier({scene.pki.root.certificate});
  const auto check = [&](const std::string& host) {
    return onboard::check_access("Bearer " + must(onboard::decode_token(granted.body)), {.required = true, .host = host, .issuers = {"phlr-1"}}, verifier, scene.clock.now_ms());
  };
  const std::string registration = scene.url("registration").substr(8);
  ASSERT_OK(check(registration));
  EXPECT_EQ((*check(registration))->pimsi, kPimsi);
  EXPECT_REFUSED(check("elsewhere.example:443"), Code::refused, "onboard.access_host");
}

TEST_F(Access, RefusesWrongAnswersAndServesAChallengeOnce) {
  EXPECT_EQ(scene.post("phlr", kPath, "", nullptr, {}, "").status, 403) << "nobody is named";
  const Answer unknown = ask(first("999990000000002"));
  EXPECT_EQ(unknown.status, 401) << "as who is known";
  EXPECT_EQ(unknown.body, ask(first(kPimsi)).body);
  auto guess = answer_to(challenge_of(unknown), key());
  guess.username = "999990000000002@onboard";
  guess.response = onboard::digest_response(guess, "POST", SecretBytes(as_bytes("a guess.")));
  const Answer refused = ask(guess);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(ask(first(kPimsi, "elsewhere")).status, 403);
  crypto::MilenageKey wrong = key();
  wrong.k.reveal_mutable()[0] ^= 1;
  EXPECT_EQ(ask(answer_to(challenge_of(ask(first(kPimsi))), wrong)).status, 403);
  const auto good = answer_to(challenge_of(ask(first(kPimsi))), key());
  EXPECT_EQ(ask(good).status, 200);
  const Answer again = ask(good);
  EXPECT_EQ(again.status, 401) << "a replayed answer opens nothing";
  EXPECT_TRUE(challenge_of(again).stale);
  auto elsewhere = answer_to(challenge_of(ask(first(kPimsi))), key());
  elsewhere.uri = "/onboard/v1/authenticate";
  EXPECT_EQ(ask(elsewhere).status, 403);
}

TEST_F(Access, IdentitiesAreBroughtByStaffAndLeaveByStaff) {
  EXPECT_EQ(scene.post("phlr", "/onboard/v1/subscribers", rows()).status, 403);
  EXPECT_EQ(scene.post("phlr", "/onboard/v1/subscribers", rows(), &scene.staff).status, 200) << "the same once more";
  EXPECT_EQ(ask(first(kPimsi, "hss"), "hss", "/onboard/v1/authenticate").status, 403) << "of the PHLR's path";
  auto elsewhere = first(kPimsi, "hss");
  elsewhere.uri = "/onboard/v1/authenticate";
  const Answer unknown = ask(elsewhere, "hss", "/onboard/v1/authenticate");
  ASSERT_EQ(unknown.status, 401);
  auto answered = answer_to(challenge_of(unknown), key());
  answered.username = std::string(kPimsi) + "@hss", answered.uri = "/onboard/v1/authenticate";
  const auto known = crypto::Milenage(key()).outputs(challenge_of(unknown).rand, 0, {});
  answered.response = onboard::digest_response(answered, "POST", SecretBytes(ByteView(known.res.reveal())));
  EXPECT_EQ(ask(answered, "hss", "/onboard/v1/authenticate").status, 403) << "the HSS does not know preliminary identities";
  const std::string who = wire::JsonWriter().begin_object().member("pimsi", kPimsi).end_object().take();
  EXPECT_EQ(scene.post("phlr", "/onboard/v1/subscribers/remove", who, &scene.staff).status, 200);
  EXPECT_EQ(ask(answer_to(challenge_of(ask(first(kPimsi))), key())).status, 403);
}

TEST_F(Access, SequenceNumbersNeverRepeatAlsoOverARestart) {
  std::set<std::string> seen;
  for (int i = 0; i < 6; ++i) {
    if (i == 3) scene.restart("phlr");
    const auto challenge = challenge_of(ask(first(kPimsi)));
    const auto out = crypto::Milenage(key()).outputs(challenge.rand, 0, {});
    std::string sqn;
    for (std::size_t j = 0; j < 6; ++j) sqn += static_cast<char>(challenge.autn[j] ^ out.ak.reveal()[j]);
    EXPECT_TRUE(seen.insert(sqn).second);
  }
}

std::string delivery(const std::string& url, const std::string& name, const std::string& server = "trustferry") {
  onboard::Account account{.user = name + "@" + server, .password = SecretBytes(as_bytes("secret-1")), .server_password = SecretBytes(as_bytes("secret-2"))};
  const onboard::Delivery out{name, "M2M-0001", std::move(account), url, std::nullopt, {}};
  return std::string(as_text(onboard::encode(out).reveal()));
}

TEST(OnboardProvisioning, TakesDeliveriesOfOperatorsItKnowsAtTheUrlItKnows) {
  OnboardScene scene;
  scene.start("provisioning");
  const auto first = scene.pki.caller("first"), second = scene.pki.caller("second");
  scene.add_peer("provisioning", {.role = "credentialing", .name = "first", .url = "https://first.example:8452", .operator_id = "op-1", .fingerprints = {first.fingerprint()}, .server_id = {}});
  scene.add_peer("provisioning", {.role = "credentialing", .name = "second", .url = "https://second.example:8452", .operator_id = "op-2", .fingerprints = {second.fingerprint()}, .server_id = {}});
  scene.restart("provisioning");
  const auto post = [&](const std::string& body, const Caller& caller) { return scene.post("provisioning", "/onboard/v1/deliveries", body, &caller); };
  EXPECT_EQ(post(delivery("https://elsewhere.example:8452", "d1"), first).reason(), "onboard.other_url");
  EXPECT_EQ(post(delivery("https://first.example:8452", "d1", "elsewhere"), first).reason(), "onboard.other_account");
  EXPECT_EQ(scene.audited("provisioning", "onboard.delivery"), 0);
  EXPECT_EQ(post(delivery("https://first.example:8452", "d1"), first).status, 200);
  EXPECT_EQ(post(delivery("https://first.example:8452", "d1"), first).status, 200) << "the same again replaces its account";
  EXPECT_EQ(post(delivery("https://second.example:8452", "d1"), second).reason(), "onboard.delivery_closed") << "another operator's";
  EXPECT_EQ(post(delivery("https://first.example:8452", "d1"), scene.staff).status, 403);
}

TEST(OnboardProvisioning, SpeaksDeviceManagementAndNothingElseToDevices) {
  OnboardScene scene;
  scene.start("provisioning");
  EXPECT_EQ(scene.post("provisioning", "/onboard/v1/dm", "<SyncML/>").status, 400);
  EXPECT_EQ(scene.post("provisioning", "/onboard/v1/dm", "not XML", nullptr, {}, std::string(dm::kMediaType)).status, 400);
  EXPECT_EQ(scene.post("provisioning", "/onboard/v1/dm", "<!DOCTYPE x><x/>", nullptr, {{"x-syncml-hmac", "algorithm=MD5, username=\"nobody\", mac=AAAAAAAAAAAAAAAAAAAAAA=="}},
                       std::string(dm::kMediaType)).status, 400);
}

}  // namespace
}  // namespace tf::platform::test
