// The credentialing server and the HSS: one registration, one device, one credential, whatever happens in between.
#include "platform/onboard/rewrap.hpp"
#include "protocols/onboard/envelope.hpp"
#include "tests/platform/onboard/device.hpp"
#include "tests/support/local.hpp"
#include "wire/json.hpp"

namespace tf::platform::test {
namespace {

struct Release : testing::Test {
  Release() {
    scene.tweak = [](const std::string&, OnboardSettings& settings) { settings.registration.access.wanted = false; };
    scene.start_all();
    EXPECT_EQ(scene.subscribe(kDevice), "registered");
  }
  std::string state_of(const std::string& dsim_id) {
    auto answer = must(wire::JsonObject::parse(scene.get("credentialing", "/onboard/v1/subscriptions/" + dsim_id, &scene.staff).body));
    return must(answer.text("state"));
  }
  std::vector<std::string> alarms() {
    auto answer = must(wire::JsonObject::parse(scene.get("credentialing", "/onboard/v1/alarms", &scene.staff).body));
    std::vector<std::string> out;
    for (auto& alarm : must(answer.objects("alarms", 100))) out.push_back(must(alarm.text("kind")));
    return out;
  }
  OnboardScene scene;
};

TEST_F(Release, ReleasesOneEnvelopeToOneDeviceAndTheSameAgain) {
  TestDevice device(scene, kDevice);
  ASSERT_EQ(device.refer().status, 200);
  ASSERT_EQ(device.hello().status, 200);
  const Answer first = device.request();
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(state_of(kDevice), "released");
  const Hash256 envelope = device.state.envelope_hash;
  const std::string delivery = device.state.delivery;
  EXPECT_EQ(device.ready->provisioning.front().server.url, scene.url("provisioning"));
  scene.restart("credentialing");
  scene.restart("hss");
  ASSERT_EQ(device.hello().status, 200);
  ASSERT_EQ(device.request().status, 200);
  EXPECT_EQ(device.state.envelope_hash, envelope);
  EXPECT_EQ(device.state.delivery, delivery);
  EXPECT_GE(scene.ocsp.asked.load(), 2);
}

TEST_F(Release, ACloneIsRefusedAndRaisesAnAlarm) {
  TestDevice device(scene, kDevice), clone(scene, kDevice);
  ASSERT_EQ(device.refer().status, 200);
  ASSERT_EQ(clone.refer().status, 200) << "the registration server cannot tell them apart";
  ASSERT_EQ(clone.hello().status, 200);
  ASSERT_EQ(device.hello().status, 200);
  ASSERT_EQ(device.request().status, 200);
  EXPECT_EQ(clone.request().reason(), "used");
  EXPECT_EQ(clone.hello().reason(), "used");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(clone.hello().reason(), "used");
  EXPECT_THAT(alarms(), testing::ElementsAre("used by another module")) << "one alarm, however often he tries";
  auto answer = must(wire::JsonObject::parse(scene.get("credentialing", "/onboard/v1/alarms", &scene.staff).body));
  EXPECT_EQ(must(must(answer.objects("alarms", 1)).front().integer("times", 0, 100)), 5);
  EXPECT_EQ(scene.audited("credentialing", "onboard.hello", std::string("device:") + kDevice), 0) << "nor does each try have an entry";
  TestDevice third(scene, kDevice);
  ASSERT_EQ(third.refer().status, 200);
  EXPECT_EQ(third.hello().reason(), "used");
  EXPECT_EQ(alarms().size(), 2U) << "another module is another alarm";
}

TEST_F(Release, ARevokedModuleGetsNothing) {
  TestDevice device(scene, kDevice);
  scene.ocsp.revoke(device.module->certificates(module::Key::decrypt).front());
  ASSERT_EQ(device.refer().status, 200);
  ASSERT_EQ(device.hello().status, 200);
  EXPECT_EQ(device.request().reason(), "certificate");
  EXPECT_EQ(state_of(kDevice), "registered");
  EXPECT_THAT(alarms(), testing::ElementsAre("revoked module"));
}

TEST_F(Release, WithoutOcspOrHssNothingIsReleasedAndTheSameWorksLater) {
  TestDevice device(scene, kDevice);
  ASSERT_EQ(device.refer().status, 200);
  scene.ocsp.silent = true;
  ASSERT_EQ(device.hello().status, 200);
  EXPECT_EQ(device.request().status, 503);
  scene.ocsp.silent = false;
  scene.stop("hss");
  ASSERT_EQ(device.hello().status, 200);
  const Answer waiting = device.request();
  EXPECT_EQ(waiting.status, 503);
  EXPECT_TRUE(waiting.headers.contains("Retry-After"));
  EXPECT_EQ(state_of(kDevice), "registered");
  scene.start("hss");
  ASSERT_EQ(device.hello().status, 200);
  EXPECT_EQ(device.request().status, 200);
}

TEST_F(Release, WithoutProvisioningServerThereIsNoReadyAndTheEnvelopeStaysTheSame) {
  TestDevice device(scene, kDevice);
  ASSERT_EQ(device.refer().status, 200);
  scene.stop("provisioning");
  ASSERT_EQ(device.hello().status, 200);
  EXPECT_EQ(device.request().status, 503);
  EXPECT_EQ(state_of(kDevice), "released");
  scene.start("provisioning");
  ASSERT_EQ(device.hello().status, 200);
  EXPECT_EQ(device.request().status, 200);
}

TEST_F(Release, ASessionServesOnceAndForAMinute) {
  TestDevice device(scene, kDevice);
  ASSERT_EQ(device.refer().status, 200);
  ASSERT_EQ(device.hello().status, 200);
  scene.clock.set(scene.clock.now_ms() + 61'000);
  EXPECT_EQ(device.request().reason(), "session");
  ASSERT_EQ(device.hello().status, 200);
  ASSERT_EQ(device.request().status, 200);
  EXPECT_EQ(device.request().reason(), "session");
}

TEST_F(Release, AnExpiredRegistrationIsOverEverywhere) {
  TestDevice device(scene, kDevice);
  ASSERT_EQ(device.refer().status, 200);
  scene.clock.set(scene.clock.now_ms() + 31LL * 24 * 3600 * 1000);
  for (const char* role : {"credentialing", "registration"}) scene.server(role).work_now();
  EXPECT_EQ(state_of(kDevice), "expired");
  EXPECT_EQ(scene.audited("credentialing", "onboard.expire", "system"), 1) << "not the device's doing";
  onboard::Hello hello{kDevice, {}, device.chain(module::Key::sign), device.chain(module::Key::decrypt)};
  EXPECT_EQ(scene.post("credentialing", "/onboard/v1/hello", onboard::encode(hello)).reason(), "unregistered");
  EXPECT_EQ(scene.subscribe(kDevice), "registered") << "idempotent: the order stands as it was";
  const std::string again = onboard::encode(std::vector<onboard::Subscription>{{kDevice, "Waterworks", "standard", {}, {}}});
  EXPECT_EQ(must(onboard::decode_row_results(scene.post("contract", "/onboard/v1/contracts/again", again, &scene.staff).body)).front().result, "registered");
  EXPECT_EQ(state_of(kDevice), "registered") << "another contract";
}

// The HSS was away when the first credential was to be suspended. Were there another one before, the device would have two.
TEST_F(Release, ADeviceGetsNoOtherCredentialBeforeTheOneItHadIsSuspended) {
  TestDevice device(scene, kDevice);
  ASSERT_EQ(device.refer().status, 200);
  ASSERT_EQ(device.hello().status, 200);
  ASSERT_EQ(device.request().status, 200);
  const Hash256 first = device.state.envelope_hash;
  scene.stop("hss");
  EXPECT_EQ(scene.post("credentialing", std::string("/onboard/v1/subscriptions/") + kDevice + "/withdraw", "{}", &scene.staff).status, 200);
  scene.server("credentialing").work_now();
  const std::string again = onboard::encode(std::vector<onboard::Subscription>{{kDevice, "Waterworks", "standard", {}, {}}});
  ASSERT_EQ(must(onboard::decode_row_results(scene.post("contract", "/onboard/v1/contracts/again", again, &scene.staff).body)).front().result, "registered");
  ASSERT_EQ(device.refer().status, 200);
  ASSERT_EQ(device.hello().status, 200);
  EXPECT_EQ(device.request().status, 503);
  EXPECT_EQ(scene.audited("credentialing", "onboard.suspended"), 0);
  scene.start("hss");
  ASSERT_EQ(device.hello().status, 200);
  ASSERT_EQ(device.request().status, 200);
  EXPECT_NE(device.state.envelope_hash, first);
  EXPECT_EQ(scene.audited("hss", "onboard.suspend"), 1);
  EXPECT_EQ(scene.audited("credentialing", "onboard.suspended"), 1);
}

// Hello proves nothing: whoever shows a device's certificates takes no more than four places, and the last one who came is served.
TEST_F(Release, ARegistrationHasFourSessionsAndTheOldestGivesWay) {
  TestDevice device(scene, kDevice);
  ASSERT_EQ(device.refer().status, 200);
  ASSERT_EQ(device.hello().status, 200);
  const std::string answer = device.hello_answer;
  auto said = std::move(device.said);
  for (int i = 0; i < 4; ++i) ASSERT_EQ(device.hello().status, 200);
  auto newest = std::move(device.said);
  const std::string newest_answer = device.hello_answer;
  device.said = std::move(said), device.hello_answer = answer;
  EXPECT_EQ(device.request().reason(), "session");
  device.said = std::move(newest), device.hello_answer = newest_answer;
  EXPECT_EQ(device.request().status, 200);
}

TEST_F(Release, ItsRowsGoOverToANewKeyEncryptionKeyAndTheOldOneIsForgotten) {
  TestDevice device(scene, kDevice);
  ASSERT_EQ(device.refer().status, 200);
  ASSERT_EQ(device.hello().status, 200);
  ASSERT_EQ(device.request().status, 200);
  const Hash256 envelope = device.state.envelope_hash;
  const std::map<std::string, std::int64_t> rows{{"registration", 1}, {"credentialing", 1}, {"provisioning", 1}, {"hss", 1}};
  for (const auto& [role, count] : rows) {
    scene.stop(role);
    const auto opened = must(open_onboard(scene.directory(role), SecretBytes(as_bytes("a passphrase for tests")), scene.clock));
    const std::string old = opened->vault->state().keks.front();
    must(opened->vault->rotate_kek());  // and then the power went
    const auto report = must(rewrap_onboard(*opened, "host", [](std::int64_t) {}));
    EXPECT_EQ(report.rows, count) << role;
    EXPECT_EQ(report.retired, std::vector<std::string>{old}) << role;
    EXPECT_EQ(opened->vault->state().keks.size(), 1U) << role;
    EXPECT_EQ(must(rewrap_onboard(*opened, "host", [](std::int64_t) {})).rows, count) << role << ", under yet another";
  }
  for (const auto& [role, count] : rows) scene.start(role);
  ASSERT_EQ(device.refer().status, 200);
  ASSERT_EQ(device.hello().status, 200);
  ASSERT_EQ(device.request().status, 200);
  EXPECT_EQ(device.state.envelope_hash, envelope);
}

TEST_F(Release, OnlyWhoTookADeliveryIsGivenTheEnvelope) {
  const auto other = scene.pki.caller("prov-2");
  scene.add_peer("credentialing", {.role = "provisioning", .name = "prov-2", .url = "https://localhost:" + std::to_string(DeafServer().port()), .operator_id = {},
                                   .fingerprints = {other.fingerprint()}, .server_id = {}});
  scene.restart("credentialing");
  TestDevice device(scene, kDevice);
  ASSERT_EQ(device.refer().status, 200);
  ASSERT_EQ(device.hello().status, 200);
  ASSERT_EQ(device.request().status, 200);
  EXPECT_EQ(scene.post("credentialing", "/onboard/v1/envelope", onboard::encode_envelope_request(device.state.delivery), &other).reason(), "onboard.other_provisioning");
}

TEST_F(Release, AnHssThatIsSetUpOtherwiseIsNoRefusalOfTheDevice) {
  const std::string own = scene.fingerprint("credentialing");
  const auto known_as = [&](const std::string& operator_id) {
    scene.add_peer("hss", {.role = "credentialing", .name = "credentialing-1", .url = {}, .operator_id = operator_id, .fingerprints = {own}, .server_id = {}});
    scene.restart("hss");
  };
  known_as("op-9");
  TestDevice device(scene, kDevice);
  ASSERT_EQ(device.refer().status, 200);
  ASSERT_EQ(device.hello().status, 200);
  EXPECT_EQ(device.request().status, 503);
  known_as(OnboardScene::kOperator);
  ASSERT_EQ(device.hello().status, 200);
  EXPECT_EQ(device.request().status, 200);
}

// A DSIM_ID has capitals, a host's name has none.
TEST_F(Release, DevicesThatAreNotifiedByNameGetTheirDelivery) {
  scene.stop("credentialing");
  auto settings = must(read_onboard_settings(OnboardPaths{scene.directory("credentialing")}.settings()));
  settings.credentialing.notify = "{dsim_id}.devices.example:7000";
  tf::test::write_text(OnboardPaths{scene.directory("credentialing")}.settings(), text_of(settings));
  scene.start("credentialing");
  TestDevice device(scene, kDevice);
  ASSERT_EQ(device.refer().status, 200);
  ASSERT_EQ(device.hello().status, 200);
  EXPECT_EQ(device.request().status, 200);
}

TEST_F(Release, EnvelopesAndCredentialsAreForKnownServersOnly) {
  TestDevice device(scene, kDevice);
  const std::string wanted = onboard::encode(onboard::CredentialsRequest{kDevice, {}, {}, device.chain(module::Key::decrypt), "standard", scene.clock.now_ms() + 1000});
  EXPECT_EQ(scene.post("hss", "/onboard/v1/credentials", wanted).status, 403);
  EXPECT_EQ(scene.post("hss", "/onboard/v1/credentials", wanted, &scene.staff).status, 403);
  EXPECT_EQ(scene.post("credentialing", "/onboard/v1/envelope", onboard::encode_envelope_request("0123")).status, 403);
  EXPECT_EQ(scene.post("credentialing", "/onboard/v1/subscriptions", "{}").status, 403);
  EXPECT_EQ(scene.post("provisioning", "/onboard/v1/deliveries", "{}").status, 403);
  EXPECT_EQ(scene.get("credentialing", "/onboard/v1/subscriptions").status, 403);
  EXPECT_EQ(scene.post("credentialing", "/onboard/v1/hello", std::string(70'000, 'x')).status, 413);
  EXPECT_EQ(scene.post("contract", "/onboard/", std::string(70'000, 'x'), nullptr, {}, "application/x-www-form-urlencoded").status, 413) << "before it is read";
  EXPECT_EQ(scene.post("credentialing", "/onboard/v1/hello", "{}", nullptr, {}, "text/plain").status, 400);
}

TEST_F(Release, TheHssMakesOneCredentialForARegistrationAndNoneForAnotherModule) {
  const auto credentialing = scene.pki.caller("cred-2");
  scene.add_peer("hss", {.role = "credentialing", .name = "cred-2", .url = {}, .operator_id = OnboardScene::kOperator, .fingerprints = {credentialing.fingerprint()}, .server_id = {}});
  const auto foreign = scene.pki.caller("cred-3");
  scene.add_peer("hss", {.role = "credentialing", .name = "cred-3", .url = {}, .operator_id = "op-9", .fingerprints = {foreign.fingerprint()}, .server_id = {}});
  scene.restart("hss");
  TestDevice device(scene, kDevice);
  onboard::CredentialsRequest wanted{kDevice, {}, {}, device.chain(module::Key::decrypt), "standard", scene.clock.now_ms() + 60'000};
  const auto ask = [&](const Caller& caller) { return scene.post("hss", "/onboard/v1/credentials", onboard::encode(wanted), &caller); };
  const Answer first = ask(credentialing);
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(ask(credentialing).body, first.body);
  scene.restart("hss");
  EXPECT_EQ(ask(credentialing).body, first.body);
  EXPECT_EQ(ask(foreign).reason(), "onboard.other_operator");
  wanted.device_hash[0] = 1;
  EXPECT_EQ(ask(credentialing).reason(), "onboard.used_by_other");
  const std::string suspend = onboard::encode(onboard::SuspendRequest{kDevice, {}});
  EXPECT_EQ(scene.post("hss", "/onboard/v1/suspend", suspend, &credentialing).status, 200);
  wanted.device_hash[0] = 0;
  EXPECT_EQ(ask(credentialing).reason(), "onboard.withdrawn");
}

}  // namespace
}  // namespace tf::platform::test
