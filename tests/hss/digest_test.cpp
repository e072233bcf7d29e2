// HTTP Digest AKA between a device and the network's side, and the RFC's and another implementation's figures.
#include "hss/digest.hpp"

#include "protocols/onboard/digest_aka.hpp"
#include "tests/hss/scene.hpp"

namespace tf::hss::test {
namespace {

using onboard::DigestAlgorithm;
using onboard::DigestAnswer;
using tf::test::FixedClock;

const std::string kRealm = "phlr.test";
const std::string kPath = "/onboard/v1/access";

struct DigestScene : Scene {
  explicit DigestScene(std::optional<DigestAlgorithm> algorithm = DigestAlgorithm::aka_v1_md5, std::size_t max_open = 1000) {
    must(centre->create({imsi_number(1), known_key()}));
    must(centre->create({imsi_number(2), key_number(2)}));
    server = must(DigestServer::open({.realm = kRealm, .algorithm = algorithm, .max_open = max_open}, *centre, clock, random));
  }
  [[nodiscard]] static DigestAnswer opening(const Imsi& imsi, DigestAlgorithm algorithm = DigestAlgorithm::aka_v1_md5) {
    return {.username = imsi.text() + "@" + kRealm, .realm = kRealm, .nonce = "", .uri = kPath, .cnonce = "", .response = "", .algorithm = algorithm};
  }
  Result<DigestOutcome> tell(const DigestAnswer& answer) { return server->answer(onboard::encode(answer), "POST", kPath); }
  onboard::DigestChallenge challenged(const Imsi& imsi = imsi_number(1), DigestAlgorithm algorithm = DigestAlgorithm::aka_v1_md5) {
    return challenge_in(must(tell(opening(imsi, algorithm))));
  }
  static onboard::DigestChallenge challenge_in(const DigestOutcome& outcome) {
    return must(onboard::parse_digest_challenge(std::get<DigestChallenged>(outcome).header));
  }
  // What a device with this USIM answers.
  DigestAnswer answered(Usim& by, const onboard::DigestChallenge& challenge, const std::string& uri = kPath) {
    const onboard::DigestUser user{imsi_number(1).text() + "@" + kRealm, "0a4f113b"};
    const auto word = must(crypto::aka_answer(by.key, by.sequence, challenge.rand, challenge.autn));
    if (const auto* accepted = std::get_if<crypto::AkaAccepted>(&word))
      return onboard::answer_digest(challenge, user, "POST", uri, accepted->res, accepted->ik, accepted->ck);
    return onboard::answer_digest_with_auts(challenge, user, "POST", uri, std::get<crypto::AkaOutOfSequence>(word).auts);
  }
  FixedClock clock;
  std::unique_ptr<DigestServer> server;
  Usim usim{known_key(), {}};
};

TEST(DigestAka, lets_a_subscriber_in_and_each_nonce_once) {
  for (const auto algorithm : {DigestAlgorithm::aka_v1_md5, DigestAlgorithm::aka_v2_sha256}) {
    DigestScene scene(algorithm);
    const auto challenge = scene.challenged(imsi_number(1), algorithm);
    EXPECT_FALSE(challenge.stale);
    const DigestAnswer answer = scene.answered(scene.usim, challenge);
    EXPECT_EQ(std::get<DigestAccepted>(must(scene.tell(answer))).imsi, imsi_number(1));
    const auto again = DigestScene::challenge_in(must(scene.tell(answer)));
    EXPECT_TRUE(again.stale);
    EXPECT_NE(again.rand, challenge.rand);
    EXPECT_EQ(std::get<DigestAccepted>(must(scene.tell(scene.answered(scene.usim, again)))).imsi, imsi_number(1));
  }
}

TEST(DigestAka, follows_a_usim_that_is_ahead) {
  DigestScene scene;
  for (std::uint64_t ind = 0; ind < crypto::kIndCount; ++ind) scene.usim.sequence.accept(8000U << crypto::kIndBits | ind);
  const DigestAnswer auts = scene.answered(scene.usim, scene.challenged());
  ASSERT_TRUE(auts.auts);
  const auto next = DigestScene::challenge_in(must(scene.tell(auts)));
  const DigestAnswer answer = scene.answered(scene.usim, next);
  EXPECT_FALSE(answer.auts);
  EXPECT_TRUE(std::holds_alternative<DigestAccepted>(must(scene.tell(answer))));
}

TEST(DigestAka, refuses_forged_auts_and_uses_the_nonce_up) {
  DigestScene scene;
  const auto challenge = scene.challenged();
  const onboard::DigestUser user{imsi_number(1).text() + "@" + kRealm, "c"};
  EXPECT_REFUSED(scene.tell(onboard::answer_digest_with_auts(challenge, user, "POST", kPath, {})), Code::refused, "hss.auts");
  EXPECT_EQ(scene.server->open_nonces(), 0U);
  DigestAnswer wrong = onboard::answer_digest_with_auts(scene.challenged(), user, "POST", kPath, {});
  wrong.response[0] = wrong.response[0] == '0' ? '1' : '0';
  EXPECT_REFUSED(scene.tell(wrong), Code::refused, "hss.digest_response");
}

TEST(DigestAka, a_wrong_response_is_refused_and_cannot_be_tried_again) {
  DigestScene scene;
  const DigestAnswer right = scene.answered(scene.usim, scene.challenged());
  DigestAnswer wrong = right;
  wrong.response.back() = wrong.response.back() == '0' ? '1' : '0';
  EXPECT_REFUSED(scene.tell(wrong), Code::refused, "hss.digest_response");
  EXPECT_TRUE(DigestScene::challenge_in(must(scene.tell(right))).stale);
}

TEST(DigestAka, an_answer_is_for_one_request_one_user_and_one_realm) {
  DigestScene scene;
  const auto fresh = [&] { return scene.answered(scene.usim, scene.challenged()); };
  const auto answered_elsewhere = [&](std::string_view method, std::string_view target) { return scene.server->answer(onboard::encode(fresh()), method, target); };
  EXPECT_REFUSED(answered_elsewhere("POST", "/onboard/v1/other"), Code::refused, "hss.digest_uri");
  EXPECT_REFUSED(answered_elsewhere("GET", kPath), Code::refused, "hss.digest_response");
  DigestAnswer other = fresh();
  other.username = imsi_number(2).text() + "@" + kRealm;
  EXPECT_TRUE(DigestScene::challenge_in(must(scene.tell(other))).stale);  // not his nonce
  other.username = imsi_number(1).text() + "@elsewhere.test";
  EXPECT_REFUSED(scene.tell(other), Code::refused, "hss.digest_realm");
  other = fresh();
  other.realm = "elsewhere.test";
  EXPECT_REFUSED(scene.tell(other), Code::refused, "hss.digest_realm");
  EXPECT_REFUSED(scene.tell(DigestScene::opening(imsi_number(1), DigestAlgorithm::aka_v2_sha256)), Code::refused, "hss.digest_realm");
}

TEST(DigestAka, a_user_who_is_none_is_answered_like_one_with_another_key) {
  DigestScene scene;
  const Imsi nobody = imsi_number(9);
  const auto outcome = must(scene.tell(DigestScene::opening(nobody)));
  EXPECT_TRUE(std::get<DigestChallenged>(outcome).unknown);
  EXPECT_FALSE(std::get<DigestChallenged>(must(scene.tell(DigestScene::opening(imsi_number(1))))).unknown);
  const auto challenge = DigestScene::challenge_in(outcome);
  EXPECT_FALSE(challenge.stale);
  EXPECT_EQ(challenge.autn[6], 0x80) << "AMF as in real ones";
  EXPECT_EQ(challenge.autn[7], 0x00);
  const onboard::DigestUser user{nobody.text() + "@" + kRealm, "c"};
  const DigestAnswer guess = onboard::answer_digest(challenge, user, "POST", kPath, {}, {}, {});
  EXPECT_REFUSED(scene.tell(guess), Code::refused, "hss.digest_response");
  EXPECT_TRUE(DigestScene::challenge_in(must(scene.tell(guess))).stale) << "once, as every nonce";
  const auto another = DigestScene::challenge_in(must(scene.tell(DigestScene::opening(nobody))));
  EXPECT_NE(another.rand, challenge.rand);
  EXPECT_REFUSED(scene.tell(onboard::answer_digest_with_auts(another, user, "POST", kPath, {})), Code::refused, "hss.auts");
  for (int i = 0; i < 10; ++i) EXPECT_OK(scene.tell(DigestScene::opening(nobody)));
  EXPECT_LE(scene.server->open_nonces(), 2U + 2 * DigestServer::kPerSubscriber);
}

TEST(DigestAka, a_user_chooses_between_both_algorithms_and_stays_with_it) {
  DigestScene scene(std::nullopt);
  for (const auto algorithm : {DigestAlgorithm::aka_v1_md5, DigestAlgorithm::aka_v2_sha256}) {
    const auto challenge = scene.challenged(imsi_number(1), algorithm);
    EXPECT_EQ(challenge.algorithm, algorithm);
    EXPECT_TRUE(std::holds_alternative<DigestAccepted>(must(scene.tell(scene.answered(scene.usim, challenge)))));
  }
  auto challenge = scene.challenged(imsi_number(1), DigestAlgorithm::aka_v2_sha256);
  challenge.algorithm = DigestAlgorithm::aka_v1_md5;  // with RES itself for the password
  EXPECT_REFUSED(scene.tell(scene.answered(scene.usim, challenge)), Code::refused, "hss.digest_response");
  EXPECT_EQ(scene.server->named(onboard::encode(DigestScene::opening(imsi_number(1)))), imsi_number(1).text());
  EXPECT_EQ(scene.server->named("Digest nonsense"), "");
}

TEST(DigestAka, nonces_end_and_are_bounded) {
  DigestScene scene(DigestAlgorithm::aka_v1_md5, 5);
  const DigestAnswer late = scene.answered(scene.usim, scene.challenged());
  scene.clock.set(scene.clock.now_ms() + 60'000);
  EXPECT_TRUE(DigestScene::challenge_in(must(scene.tell(late))).stale);
  for (std::size_t i = 0; i < 2 * DigestServer::kPerSubscriber; ++i) static_cast<void>(scene.challenged());
  EXPECT_EQ(scene.server->open_nonces(), DigestServer::kPerSubscriber);
  static_cast<void>(scene.challenged(imsi_number(2)));
  must(scene.centre->create({imsi_number(3), key_number(3)}));
  EXPECT_OK(scene.tell(DigestScene::opening(imsi_number(3))));
  EXPECT_EQ(scene.server->open_nonces(), 5U);
  scene.clock.set(scene.clock.now_ms() + 120'000);
  EXPECT_OK(scene.tell(DigestScene::opening(imsi_number(3))));
  EXPECT_EQ(scene.server->open_nonces(), 1U);
}

// Anybody may name users without end, and is challenged for each.
TEST(DigestAka, whoever_names_many_users_keeps_nobody_else_out) {
  DigestScene scene(DigestAlgorithm::aka_v1_md5, 5);
  for (int i = 100; i < 120; ++i) EXPECT_OK(scene.tell(DigestScene::opening(imsi_number(i))));
  const auto challenge = scene.challenged();
  for (int i = 200; i < 204; ++i) EXPECT_OK(scene.tell(DigestScene::opening(imsi_number(i))));
  EXPECT_EQ(scene.server->open_nonces(), 5U);
  EXPECT_TRUE(std::holds_alternative<DigestAccepted>(must(scene.tell(scene.answered(scene.usim, challenge)))));
}

TEST(DigestAka, refuses_settings_that_are_none) {
  Scene scene;
  const FixedClock clock;
  for (const char* realm : {"", "a\"b", "a b", "a@b"}) EXPECT_REFUSED(DigestServer::open({.realm = realm}, *scene.centre, clock, scene.random), Code::invalid, "hss.digest");
}

}  // namespace
}  // namespace tf::hss::test
