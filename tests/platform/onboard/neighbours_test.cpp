// Several servers of a role, some of them silent: the next one is tried, and what one missed it is told later.
#include "protocols/onboard/transcript.hpp"
#include "tests/platform/onboard/device.hpp"
#include "tests/support/local.hpp"
#include "wire/json.hpp"

namespace tf::platform::test {
namespace {

struct Neighbours : testing::Test {
  void start() {
    scene.tweak = [](const std::string&, OnboardSettings& settings) {
      settings.registration.access.wanted = false;
      settings.answer_seconds = 1;
    };
    scene.start_all();
  }
  // In the place of the one that answers, which comes second.
  void put_silent_before(const std::string& at, const std::string& role, const std::string& url, const std::string& fingerprint) {
    const std::string dead = (role == "ocsp" ? "http://127.0.0.1:" : "https://localhost:") + std::to_string(tf::test::free_port());
    scene.add_peer(at, {.role = role, .name = role + "-1", .url = dead, .operator_id = {}, .fingerprints = {}, .server_id = {}});
    OnboardPeer good{.role = role, .name = role + "-2", .url = url, .operator_id = OnboardScene::kOperator, .fingerprints = {}, .server_id = "trustferry"};
    if (!fingerprint.empty()) good.fingerprints = {fingerprint};
    scene.add_peer(at, good);
  }
  std::int64_t to_be_told() {
    auto status = must(wire::JsonObject::parse(scene.get("credentialing", "/onboard/v1/status", &scene.staff).body));
    return must(status.integer("to_be_told", 0, 1000));
  }
  OnboardScene scene;
};

TEST_F(Neighbours, ASilentOneOfEachRoleHoldsNobodyUp) {
  start();
  const std::string provisioning = scene.fingerprint("provisioning");
  put_silent_before("credentialing", "ocsp", scene.ocsp.url(), {});
  put_silent_before("credentialing", "registration", scene.url("registration"), {});
  put_silent_before("credentialing", "provisioning", scene.url("provisioning"), provisioning);
  put_silent_before("contract", "credentialing", scene.url("credentialing"), {});
  scene.restart("credentialing");
  scene.restart("contract");
  ASSERT_EQ(scene.subscribe(kDevice), "registered");
  EXPECT_EQ(to_be_told(), 1) << "the silent registration server";
  TestDevice device(scene, kDevice);
  ASSERT_EQ(device.refer().status, 200);
  ASSERT_EQ(device.hello().status, 200);
  const Answer ready = device.request();
  ASSERT_EQ(ready.status, 200) << ready.body;
  ASSERT_EQ(device.ready->provisioning.size(), 1U);
  EXPECT_EQ(device.ready->provisioning.front().server.url, scene.url("provisioning"));
}

TEST_F(Neighbours, AServerThatMissedARegistrationIsToldLater) {
  start();
  scene.add_peer("credentialing", {.role = "registration", .name = "registration-2", .url = scene.url("phlr"), .operator_id = {}, .fingerprints = {}, .server_id = {}});
  scene.restart("credentialing");
  scene.stop("registration");
  EXPECT_EQ(scene.subscribe(kDevice), "accepted") << "nobody has it: what answers there is no registration server";
  EXPECT_EQ(to_be_told(), 2);
  scene.start("registration");
  scene.clock.set(scene.clock.now_ms() + 60'000);
  scene.server("credentialing").work_now();
  EXPECT_EQ(to_be_told(), 1);
  TestDevice device(scene, kDevice);
  EXPECT_EQ(device.refer().status, 200);
}

// A registration server of the test's: what it was told takes effect when it answers, and something may happen before that. Registrations are A, B, …
struct SlowRegistrar {
  explicit SlowRegistrar(OnboardHierarchy& pki) {
    const Caller self = pki.caller("localhost");
    net::TlsServerConfig tls{.key = net::share(self.key.native())};
    for (const auto& each : self.chain) tls.chain.push_back(net::share(each.native()));
    must(server.start({.name = "slow"}, tls, {.handler = [this](const wire::HttpRequest& request) { return answer(request); }, .pool = std::make_shared<net::WorkerPool>(4)}, metrics));
  }
  char letter(const Hash256& nonce_hash) { return letters.try_emplace(nonce_hash, static_cast<char>('A' + letters.size())).first->second; }
  wire::HttpResponse answer(const wire::HttpRequest& request) {
    std::vector<onboard::RowResult> results;
    if (request.path.ends_with("/remove")) {
      const std::lock_guard lock(mutex);
      for (const auto& row : must(onboard::decode_removals(request.body))) {
        if (const auto found = kept.find(row.dsim_id); found != kept.end() && found->second == letter(row.nonce_hash)) kept.erase(found);
        results.push_back({row.dsim_id, "removed"});
      }
    } else {
      const auto rows = must(onboard::decode_registrations(request.body));
      std::vector<char> named;
      std::function<void()> act;
      {
        const std::lock_guard lock(mutex);
        for (const auto& row : rows) named.push_back(letter(onboard::nonce_hash(row.nonce)));
        act.swap(meanwhile);
      }
      if (act) act();
      const std::lock_guard lock(mutex);
      for (std::size_t i = 0; i < rows.size(); ++i) kept[rows[i].dsim_id] = named[i], results.push_back({rows[i].dsim_id, "registered"});
    }
    return {.status = 200, .content_type = "application/json", .body = onboard::encode(results), .headers = {}};
  }
  std::mutex mutex;
  std::map<Hash256, char> letters;
  std::map<std::string, char> kept;
  std::function<void()> meanwhile;
  metrics::Registry metrics;
  net::HttpServer server;
};

struct Slow : Neighbours {
  Slow() {
    scene.tweak = [](const std::string&, OnboardSettings& settings) { settings.registration.access.wanted = false; };
    scene.start_all();
    scene.add_peer("credentialing", {.role = "registration", .name = "registration-1", .url = "https://localhost:" + std::to_string(slow.server.port()), .operator_id = {}, .fingerprints = {}, .server_id = {}});
    scene.restart("credentialing");
  }
  ~Slow() override { slow.server.stop(std::chrono::seconds(1)); }
  void withdraw() {
    EXPECT_EQ(scene.post("credentialing", std::string("/onboard/v1/subscriptions/") + kDevice + "/withdraw", "{}", &scene.staff).status, 200);
    scene.server("credentialing").work_now();
  }
  SlowRegistrar slow{scene.pki};
};

// Otherwise no other operator could register the device until that expired.
TEST_F(Slow, ARegistrationThatEndedWhileItWasToldIsTakenBackAgain) {
  slow.meanwhile = [this] { withdraw(); };
  (void)scene.subscribe(kDevice);
  scene.server("credentialing").work_now();
  EXPECT_TRUE(slow.kept.empty());
}

TEST_F(Slow, AndGivesItsPlaceToTheNewerOne) {
  slow.meanwhile = [this] {
    withdraw();
    const std::string again = onboard::encode(std::vector<onboard::Subscription>{{kDevice, "Waterworks", "standard", {}, {}}});
    EXPECT_EQ(scene.post("contract", "/onboard/v1/contracts/again", again, &scene.staff).status, 200);
  };
  (void)scene.subscribe(kDevice);
  scene.server("credentialing").work_now();
  EXPECT_EQ(slow.kept, (std::map<std::string, char>{{kDevice, 'B'}}));
}

TEST_F(Neighbours, DevicesOfABatchAreAuthenticatedAheadOfTime) {
  start();
  std::vector<onboard::Subscription> rows;
  std::vector<std::unique_ptr<TestDevice>> devices;
  for (int i = 0; i < 3; ++i) {
    const std::string name = "M2M-000" + std::to_string(i);
    devices.push_back(std::make_unique<TestDevice>(scene, name));
    rows.push_back({name, "Waterworks", "standard", devices.back()->chain(module::Key::sign), devices.back()->chain(module::Key::decrypt)});
  }
  ASSERT_EQ(scene.post("contract", "/onboard/v1/contracts", onboard::encode(rows), &scene.staff).status, 200);
  scene.ocsp.revoke(devices[1]->module->certificates(module::Key::sign).front());
  EXPECT_EQ(scene.post("credentialing", "/onboard/v1/authentications", "{}").status, 403);
  auto answer = must(wire::JsonObject::parse(scene.post("credentialing", "/onboard/v1/authentications", "{}", &scene.staff).body));
  std::vector<std::string> verdicts;
  for (auto& row : must(answer.objects("devices", 10))) verdicts.push_back(must(row.text("verdict")));
  EXPECT_THAT(verdicts, testing::ElementsAre("good", "ocsp.revoked", "good"));
  EXPECT_EQ(scene.ocsp.asked.load(), 1) << "six certificates in one request";
  auto shown = must(wire::JsonObject::parse(scene.get("credentialing", "/onboard/v1/subscriptions/M2M-0001", &scene.staff).body));
  EXPECT_EQ(must(shown.text("verdict")), "ocsp.revoked") << "kept for staff";
  EXPECT_EQ(must(shown.integer("checked_ms", 0, INT64_MAX)), scene.clock.now_ms());
}

TEST_F(Neighbours, APinnedContractTakesNoOtherModule) {
  start();
  TestDevice device(scene, kDevice), other(scene, kDevice);
  const std::vector<onboard::Subscription> rows{{kDevice, "Waterworks", "standard", device.chain(module::Key::sign), device.chain(module::Key::decrypt)}};
  ASSERT_EQ(scene.post("contract", "/onboard/v1/contracts", onboard::encode(rows), &scene.staff).status, 200);
  ASSERT_EQ(other.refer().status, 200);
  EXPECT_EQ(other.hello().reason(), "certificate");
  ASSERT_EQ(device.refer().status, 200);
  EXPECT_EQ(device.hello().status, 200);
}

}  // namespace
}  // namespace tf::platform::test
