// The HSS over an HLR that has customers of its own, and that is slow: whose records it touches, and what a suspension meets.
#include <fmt/format.h>

#include <future>

#include "hss/authentication_centre.hpp"
#include "platform/onboard/hss/role.hpp"
#include "tests/platform/onboard/device.hpp"

namespace tf::platform::test {
namespace {

struct Told {
  std::mutex mutex;
  std::map<std::string, std::string> keys;  // by IMSI; empty: without one
  std::atomic<bool> down{false};
  std::atomic<bool> milenage_alone{false};
  std::function<void()> before_create;
};

class ToldHlr final : public hss::Subscribers {
 public:
  explicit ToldHlr(Told& told) : told_(told) {}
  std::vector<Status> create(std::span<const hss::Subscription> subscriptions) override {
    std::vector<Status> out;
    for (const auto& each : subscriptions) {
      if (told_.before_create) told_.before_create();
      const std::lock_guard lock(told_.mutex);
      const std::string key(as_text(each.key.k()));
      const auto found = told_.keys.find(each.imsi.text());
      if (told_.milenage_alone && each.key.algorithm() != crypto::AkaAlgorithm::milenage) out.emplace_back(Error{Code::invalid, "hss.algorithm", ""});
      else if (told_.down) out.emplace_back(Error{Code::unavailable, "hss.hlr_down", ""});
      else if (found == told_.keys.end()) told_.keys[each.imsi.text()] = key, out.emplace_back();
      else if (found->second.empty()) out.emplace_back(hss::not_ours(each.imsi));
      else out.emplace_back(found->second == key ? Status() : Status(hss::other_key(each.imsi)));
    }
    return out;
  }
  Status remove(const hss::Imsi& imsi) override {
    const std::lock_guard lock(told_.mutex);
    if (told_.down) return Error{Code::unavailable, "hss.hlr_down", ""};
    return told_.keys.erase(imsi.text()) == 1 ? Status() : Status(hss::no_such_subscriber(imsi));
  }
  std::vector<hss::Vectors> vectors(std::span<const hss::VectorRequest> requests) override {
    std::vector<hss::Vectors> out;
    for (const auto& each : requests) out.emplace_back(hss::no_such_subscriber(each.imsi));
    return out;
  }
  Status resync(const hss::Imsi& imsi, const crypto::Rand&, const crypto::Auts&) override { return hss::no_such_subscriber(imsi); }

 private:
  Told& told_;
};

struct Hlr : testing::Test {
  Hlr() : device(scene, kDevice) {
    scene.start("hss");
    scene.stop("hss");
    opened = must(open_onboard(scene.directory("hss"), SecretBytes(as_bytes("a passphrase for tests")), scene.clock));
    role = must(HssRole::open(*opened, std::make_unique<ToldHlr>(told)));
  }
  Result<std::string> call(const std::string& path, std::string body) {
    const wire::HttpRequest request{.method = "POST", .path = path, .query = {}, .content_type = "application/json", .body = std::move(body), .peer_address = {}, .client_certificate = {}};
    const OnboardPeer peer{.role = "credentialing", .name = "cred", .url = {}, .operator_id = OnboardScene::kOperator, .fingerprints = {}, .server_id = {}};
    std::string subject;
    for (const OnboardRoute& route : role->routes())
      if (route.path == path) return route.handler({request, &peer}, subject);
    return Error{Code::not_found, "test.route", path};
  }
  Result<onboard::CredentialsAnswer> credentials() {
    const onboard::CredentialsRequest wanted{kDevice, {}, {}, device.chain(module::Key::decrypt), "standard", scene.clock.now_ms() + 60'000};
    return onboard::decode_credentials_answer(TF_TRY(call("/onboard/v1/credentials", onboard::encode(wanted))));
  }
  Result<std::string> suspend() { return call("/onboard/v1/suspend", onboard::encode(onboard::SuspendRequest{kDevice, {}})); }
  static Hash256 hash_of(const std::string& imsi) { return onboard::imsi_hash(Hash256{}, imsi); }

  OnboardScene scene;
  TestDevice device;
  Told told;
  std::unique_ptr<OnboardOpened> opened;
  std::unique_ptr<OnboardRole> role;
};

TEST_F(Hlr, NumbersOfItsOwnCustomersAreNotUsedAndTheirRecordsNotTouched) {
  told.keys = {{"001010000000001", "the customer's key"}, {"001010000000002", ""}};
  const auto answer = credentials();
  ASSERT_OK(answer);
  EXPECT_EQ(answer->imsi_hash, hash_of("001010000000003"));
  EXPECT_EQ(told.keys["001010000000001"], "the customer's key");
  EXPECT_EQ(told.keys["001010000000002"], "");
  EXPECT_EQ(credentials()->envelope, answer->envelope) << "once more is the same";
  ASSERT_OK(suspend());
  EXPECT_EQ(told.keys.size(), 2U);
  EXPECT_EQ(credentials().error().reason, std::string_view("onboard.withdrawn"));
}

// The operator withdrew the registration while the request for its credential was on its way.
TEST_F(Hlr, WhatWasSuspendedBeforeItWasMadeIsNotMade) {
  ASSERT_OK(suspend());
  EXPECT_REFUSED(credentials(), Code::refused, "onboard.withdrawn");
  EXPECT_TRUE(told.keys.empty());
  role->work(scene.clock.now_ms() + 23 * 3'600'000);
  EXPECT_REFUSED(credentials(), Code::refused, "onboard.withdrawn");
  role->work(scene.clock.now_ms() + 25 * 3'600'000);
  EXPECT_TRUE(credentials().has_value()) << "no request is under way for a day: what is remembered is bounded";
}

struct OwnCentre : Hlr {
  OwnCentre() {
    role.reset();
    role = must(HssRole::open(*opened));
  }
  std::int64_t count(const std::string& sql) {
    std::int64_t out = -1;
    EXPECT_OK(opened->database->read([&](store::Session& session) -> Status {
      out = TF_TRY(session.query_one(sql, {}, [](const store::Row& row) { return row.integer(0); })).value_or(-1);
      return {};
    }));
    return out;
  }
};

TEST_F(OwnCentre, ACredentialStandsWithItsSubscriberAndKeepsNoSecretBesideHim) {
  const auto answer = credentials();
  ASSERT_OK(answer);
  EXPECT_EQ(count("SELECT COUNT(*) FROM onboard_credentials WHERE state = 'created' AND secret IS NULL AND kek IS NULL"), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM hss_subscribers"), 1);
  EXPECT_EQ(credentials()->envelope, answer->envelope) << "once more is the same";
  ASSERT_OK(suspend());
  EXPECT_EQ(count("SELECT COUNT(*) FROM hss_subscribers"), 0);
  EXPECT_REFUSED(credentials(), Code::refused, "onboard.withdrawn");
}

TEST_F(OwnCentre, ANumberThatTheCentreHasAlreadyIsNotUsed) {
  const auto centre = must(hss::AuthenticationCentre::open(*opened->database, *opened->vault));
  ASSERT_OK(centre->create({must(hss::Imsi::parse("001010000000001")), crypto::AkaKey::random(crypto::AkaAlgorithm::milenage, opened->random)}));
  const auto answer = credentials();
  ASSERT_OK(answer);
  EXPECT_EQ(answer->imsi_hash, hash_of("001010000000002"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM hss_subscribers"), 2);
  EXPECT_EQ(count("SELECT COUNT(*) FROM onboard_credentials"), 1);
}

TEST_F(Hlr, ARangeThatIsAllTakenEndsARequestAndTheNextGoesOn) {
  for (int i = 1; i <= 12; ++i) told.keys[fmt::format("00101{:010}", i)] = "the customer's key";
  EXPECT_REFUSED(credentials(), Code::unavailable, "onboard.numbers_taken");
  const auto answer = credentials();
  ASSERT_OK(answer);
  EXPECT_EQ(answer->imsi_hash, hash_of("001010000000013"));
}

TEST_F(Hlr, ASuspensionMeetsNobodyElsesRecordAfterAnHlrThatWasDown) {
  told.down = true;
  EXPECT_REFUSED(credentials(), Code::unavailable, "hss.hlr_down");
  EXPECT_REFUSED(suspend(), Code::unavailable, "hss.hlr_down");
  told.down = false;
  told.keys["001010000000001"] = "the customer's key";
  ASSERT_OK(suspend());
  ASSERT_OK(suspend());
  EXPECT_EQ(told.keys.size(), 1U);
  EXPECT_REFUSED(credentials(), Code::refused, "onboard.withdrawn");
}

TEST_F(Hlr, ACredentialThatIsSuspendedWhileItIsCreatedIsNotThereAfterwards) {
  std::future<Result<std::string>> suspended;
  std::once_flag once;
  told.before_create = [&] {
    std::call_once(once, [&] {
      suspended = std::async(std::launch::async, [&] { return suspend(); });
      suspended.wait_for(std::chrono::milliseconds(300));  // it is through, or it waits for this one
    });
  };
  (void)credentials().has_value();
  ASSERT_TRUE(suspended.valid());
  EXPECT_OK(suspended.get());
  EXPECT_TRUE(told.keys.empty()) << "a suspended subscriber is in the HLR";
  EXPECT_REFUSED(credentials(), Code::refused, "onboard.withdrawn");
}

// What was made for the centre of our own, and never came into it, before subscribers went to an HLR that does not know the algorithm.
TEST_F(OwnCentre, AKeyThatTheNextKeeperDoesNotTakeIsReplacedOrEndsWithItsRegistration) {
  const auto centre = must(hss::AuthenticationCentre::open(*opened->database, *opened->vault));
  for (int i = 1; i <= 9; ++i) ASSERT_OK(centre->create({must(hss::Imsi::parse(fmt::format("00101{:010}", i))), crypto::AkaKey::random(crypto::AkaAlgorithm::milenage, opened->random)}));
  opened->settings.hss.algorithm = crypto::AkaAlgorithm::tuak;
  EXPECT_REFUSED(credentials(), Code::unavailable, "onboard.numbers_taken");
  EXPECT_EQ(count("SELECT COUNT(*) FROM onboard_credentials WHERE state = 'made' AND secret IS NOT NULL"), 1);
  role.reset();
  opened->settings.hss.algorithm = crypto::AkaAlgorithm::milenage;
  told.milenage_alone = true;
  role = must(HssRole::open(*opened, std::make_unique<ToldHlr>(told)));
  const auto answer = credentials();
  ASSERT_OK(answer);
  EXPECT_EQ(credentials()->envelope, answer->envelope);
  EXPECT_OK(suspend());
  EXPECT_TRUE(told.keys.empty());
}

}  // namespace
}  // namespace tf::platform::test
