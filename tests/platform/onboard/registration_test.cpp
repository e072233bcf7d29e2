// The roles registration and credentialing as devices and neighbours see them: who may ask what, and the exact refusals.
#include "net/client/client.hpp"
#include "protocols/onboard/access_token.hpp"
#include "protocols/onboard/identity.hpp"
#include "tests/platform/onboard/device.hpp"
#include "tests/support/local.hpp"

namespace tf::platform::test {
namespace {

std::string registration_rows(const std::string& operator_id, std::int64_t expires_ms) {
  std::vector<onboard::RegistrationRow> rows;
  rows.push_back({kDevice, operator_id, {"https://elsewhere.example"}, onboard::RegistrationNonce(), expires_ms});
  return std::string(as_text(onboard::encode(rows).reveal()));
}

void without_tokens(OnboardScene& scene) {
  scene.tweak = [](const std::string&, OnboardSettings& settings) { settings.registration.access.wanted = false; };
}

TEST(OnboardRegistration, IsForServersThatTheSettingsKnow) {
  OnboardScene scene;
  scene.start("registration");
  const auto stranger = scene.pki.caller("stranger");
  const std::string rows = registration_rows("op-1", scene.clock.now_ms() + 60'000);
  for (const char* path : {"/onboard/v1/registrations", "/onboard/v1/registrations/remove"}) {
    EXPECT_EQ(scene.post("registration", path, rows).status, 403);
    EXPECT_EQ(scene.post("registration", path, rows, &stranger).reason(), "refused");
    EXPECT_EQ(scene.post("registration", path, rows, &scene.staff).status, 403) << "known, and in another role";
  }
  EXPECT_EQ(scene.get("registration", "/onboard/v1/registrations").status, 404);
  EXPECT_EQ(scene.get("registration", "/healthz").status, 200);
  EXPECT_EQ(scene.get("registration", "/readyz").status, 200);
}

TEST(OnboardRegistration, MetricsAreWhereTheSettingsSayAndNotWhereDevicesAre) {
  const std::uint16_t port = tf::test::free_port();
  OnboardScene scene;
  scene.tweak = [port](const std::string& role, OnboardSettings& settings) {
    if (role == "registration") settings.metrics = Listen{"127.0.0.1", port};
  };
  scene.start("registration");
  EXPECT_EQ(scene.post("registration", "/onboard/v1/registrations", registration_rows("op-1", scene.clock.now_ms() + 60'000)).status, 403);
  EXPECT_EQ(scene.get("registration", "/metrics").status, 404);
  auto watcher = must(net::HttpClient::create({.server = {"127.0.0.1", port, false}}));
  const auto seen = must(watcher.request({.method = "GET", .target = "/metrics", .content_type = {}, .body = {}, .headers = {}}));
  EXPECT_THAT(seen.body, testing::HasSubstr("trustferry_onboard_refusals_total{route=\"registrations\"} 1"));
  EXPECT_EQ(must(watcher.request({.method = "GET", .target = "/readyz", .content_type = {}, .body = {}, .headers = {}})).status, 404);
}

TEST(OnboardRegistration, AnOperatorRegistersForHimselfAndNeverOverAnother) {
  OnboardScene scene;
  scene.start("registration");
  const auto first = scene.pki.caller("first"), second = scene.pki.caller("second");
  scene.add_peer("registration", {.role = "credentialing", .name = "first", .url = {}, .operator_id = "op-1", .fingerprints = {first.fingerprint()}, .server_id = {}});
  scene.add_peer("registration", {.role = "credentialing", .name = "second", .url = {}, .operator_id = "op-2", .fingerprints = {second.fingerprint()}, .server_id = {}});
  scene.restart("registration");
  const std::int64_t end = scene.clock.now_ms() + 60'000;
  const auto result = [&](const Caller& caller, const std::string& operator_id) {
    return must(onboard::decode_row_results(scene.post("registration", "/onboard/v1/registrations", registration_rows(operator_id, end), &caller).body)).front().result;
  };
  EXPECT_EQ(result(first, "op-2"), "onboard.other_operator");
  EXPECT_EQ(result(first, "op-1"), "registered");
  EXPECT_EQ(result(second, "op-2"), "onboard.registered_otherwise");
  scene.restart("registration");
  EXPECT_EQ(result(second, "op-2"), "onboard.registered_otherwise") << "also after a restart";
  scene.clock.set(end + 120'000);
  scene.server("registration").work_now();
  const std::string removal = onboard::encode(std::vector<onboard::RemovalRow>{{kDevice, {}}});
  EXPECT_EQ(must(onboard::decode_row_results(scene.post("registration", "/onboard/v1/registrations/remove", removal, &second).body)).front().result, "removed") << "expired, so nothing is there";
}

TEST(OnboardRegistration, RefersADeviceThatIsRegisteredAndShowsAnAccessToken) {
  OnboardScene scene;
  scene.start_all();
  TestDevice device(scene, kDevice);
  EXPECT_EQ(device.refer().reason(), "access");
  EXPECT_EQ(device.refer("Bearer nonsense").reason(), "access");
  const auto token_key = crypto::PrivateKey::generate_p256();
  const onboard::Signer phlr{[&](ByteView data) { return crypto::sign_es256(token_key, data); },
                             onboard::chain_of(scene.pki.issue("onboard-access", "commonName=phlr-9", {}, token_key.public_key()))};
  const std::int64_t now_s = scene.clock.now_ms() / 1000;
  const auto token = [&](const std::string& host, std::int64_t end_s) {
    return "Bearer " + must(onboard::issue_access_token({.issuer = "phlr-9", .pimsi = "999990000000001", .issued_s = now_s - 10, .expires_s = end_s, .hosts = {host}}, phlr));
  };
  const std::string here = must(onboard::host_of(scene.url("registration")));
  EXPECT_EQ(device.refer(token("elsewhere.example:443", now_s + 60)).reason(), "access");
  EXPECT_EQ(device.refer(token(here, now_s - 1)).reason(), "access");
  EXPECT_EQ(device.refer(token(here, now_s + 60)).reason(), "unregistered");
  ASSERT_EQ(scene.subscribe(kDevice), "registered");
  const Answer good = device.refer(token(here, now_s + 60));
  ASSERT_EQ(good.status, 200) << good.body;
  EXPECT_EQ(device.state.operator_id, OnboardScene::kOperator);
  EXPECT_EQ(device.state.route, std::vector<std::string>{scene.url("credentialing")});
}

TEST(OnboardRegistration, AnotherModulesCertificateOrANonOnboardOneIsNotAccepted) {
  OnboardScene scene;
  without_tokens(scene);
  scene.start_all();
  ASSERT_EQ(scene.subscribe(kDevice), "registered");
  TestDevice other(scene, "M2M-0002");
  onboard::ReferralRequest request{kDevice, {}, other.chain(module::Key::decrypt)};
  EXPECT_EQ(scene.post("registration", "/onboard/v1/referral", onboard::encode(request)).reason(), "certificate");
  request.dsim_id = "M2M-0002";
  EXPECT_EQ(scene.post("registration", "/onboard/v1/referral", onboard::encode(request)).reason(), "unregistered");
  request.decryption = other.chain(module::Key::sign);
  EXPECT_EQ(scene.post("registration", "/onboard/v1/referral", onboard::encode(request)).reason(), "certificate");
}

TEST(OnboardRegistration, ARegistrationThatNoServerTookIsTakenUpInTheBackground) {
  OnboardScene scene;
  without_tokens(scene);
  scene.start_all();
  scene.stop("registration");
  EXPECT_EQ(scene.subscribe(kDevice), "accepted") << "durable at the contract front end";
  TestDevice device(scene, kDevice);
  scene.start("registration");
  scene.clock.set(scene.clock.now_ms() + 3'600'000);
  scene.server("contract").work_now();
  scene.server("credentialing").work_now();
  EXPECT_EQ(device.refer().status, 200);
  EXPECT_EQ(scene.subscribe(kDevice), "registered") << "the same order once more";
}

TEST(OnboardRegistration, WithdrawnIsTakenBackFromTheRegistrationServer) {
  OnboardScene scene;
  without_tokens(scene);
  scene.start_all();
  ASSERT_EQ(scene.subscribe(kDevice), "registered");
  TestDevice device(scene, kDevice);
  ASSERT_EQ(device.refer().status, 200);
  EXPECT_EQ(scene.post("credentialing", std::string("/onboard/v1/subscriptions/") + kDevice + "/withdraw", "{}").status, 403) << "not for everybody";
  ASSERT_EQ(scene.post("credentialing", std::string("/onboard/v1/subscriptions/") + kDevice + "/withdraw", "{}", &scene.staff).status, 200);
  scene.server("credentialing").work_now();
  EXPECT_EQ(scene.audited("credentialing", "onboard.withdraw", "staff:anna"), 1);
  EXPECT_EQ(device.hello().reason(), "unregistered");
  device.state = onboard::DeviceState();
  EXPECT_EQ(device.refer().reason(), "unregistered");
}

// What a server says about how the two of them are set up is no word about the device, nor is a vault that is sealed just now.
TEST(OnboardRegistration, WhatIsNoDevicesFaultRefusesNoOrder) {
  OnboardScene scene;
  without_tokens(scene);
  scene.start_all();
  scene.server("credentialing").opened().vault->seal();
  EXPECT_EQ(scene.subscribe(kDevice), "accepted");
  scene.restart("credentialing");
  const std::string own = scene.fingerprint("credentialing");
  const auto known_as = [&](const std::string& operator_id) {
    scene.add_peer("registration", {.role = "credentialing", .name = "credentialing-1", .url = {}, .operator_id = operator_id, .fingerprints = {own}, .server_id = {}});
    scene.restart("registration");
  };
  known_as("op-9");
  EXPECT_EQ(scene.subscribe("M2M-0002"), "accepted");
  known_as(OnboardScene::kOperator);
  scene.clock.set(scene.clock.now_ms() + 3'600'000);
  scene.server("contract").work_now();
  for (const char* device : {kDevice, "M2M-0002"}) EXPECT_EQ(scene.subscribe(device), "registered");
}

}  // namespace
}  // namespace tf::platform::test
