#include "tests/terminal_onboard/scene.hpp"

#include "protocols/onboard/identity.hpp"

namespace tf::terminal::test {

using tf::test::must;

const Certificates& shared_certificates() {
  static const Certificates certificates;
  return certificates;
}

Scene::Scene()
    : registrar([this](const auto& route, const auto& request) { return sides.registration(route, request); }, &tls),
      credentialing([this](const auto& route, const auto& request) { return sides.credentialing(route, request); }, &tls),
      provisioning([this](const auto& route, const auto& request) { return sides.provisioning(route, request); }, &tls),
      ocsp([this](const auto&, const auto& request) { return sides.ocsp(request); }, nullptr),
      phlr([this](const auto&, const auto& request) { return token(request); }, &tls),
      hss([this](const auto&, const auto& request) { return operators.authenticate(request, [](const auto&) { return json("{}"); }); }, &tls) {
  sides.subscriber = operators.key().clone();
  sides.provisioning_at = {{provisioning.url(), "prov-1"}};
  sides.access_registration.host = must(onboard::host_of(registrar.url()));
  sides.access_credentialing.host = must(onboard::host_of(credentialing.url()));
  sides.subscribe({credentialing.url()});
}

void Scene::subscriptions_by(crypto::AkaAlgorithm algorithm) {
  operators.give_new_key(algorithm);
  sides.subscriber = operators.key().clone();
}

OnboardProfile Scene::profile() const {
  return {.dsim_id = kDevice, .registration = {{"reg-1", registrar.url()}}, .ocsp = {ocsp.url() + "/ocsp"}};
}

OnboardProfile Scene::profile_with_phlr() const {
  OnboardProfile out = profile();
  out.phlr = OnboardProfile::Aka{phlr.url(), "onboard"};
  out.authenticate = OnboardProfile::Aka{hss.url(), "hss"};
  return out;
}

wire::HttpResponse Scene::token(const wire::HttpRequest& request) {
  return preliminary.authenticate(request, [this](const std::string& imsi) {
    auto hosts = granted;
    if (hosts.empty())
      for (const Site* site : {&registrar, &credentialing, &provisioning, &ocsp}) hosts.push_back(must(onboard::host_of(site->url())));
    const std::int64_t now = clock.now_ms();
    static const onboard::Signer signer = pki.signer("onboard-access", "phlr-1");
    return json(onboard::encode_token(must(onboard::issue_access_token(
        {.issuer = "phlr-1", .pimsi = imsi, .issued_s = now / 1000, .expires_s = (now + token_ms) / 1000, .hosts = hosts}, signer))));
  });
}

void Scene::make_device(OnboardProfile profile) {
  const auto made = must(make_onboard_device(directory, profile, pki.root.certificate, storage_key.clone(), random));
  auto device = must(OnboardDevice::open(directory, storage_key.clone(), {.clock = clock, .random = random}));
  must(certify_onboard_device(directory, device.module(),
                              {pki.module("onboard-module", kDevice, made.signing.public_key()), pki.module("onboard-module-decryption", kDevice, made.decryption.public_key())},
                              {.imsi = "999990000000001", .key = preliminary.key().clone()}, clock));
}

Result<OnboardFacts> Scene::run(const std::string& power_off_after) {
  bool off = power_off_after.empty();
  const auto durable = [&](std::string_view point) -> Status {
    points.emplace_back(point);
    if (off || point != power_off_after) return {};
    off = true;
    return Error{Code::unavailable, "terminal.power_off", std::string(point)};
  };
  auto device = TF_TRY(OnboardDevice::open(directory, storage_key.clone(),
                                           {.clock = clock, .random = random, .progress = [this](std::string_view step, const std::string& what) {
                                              steps.push_back(std::string(step) + ": " + what);
                                              if (listening && step == "listening") std::exchange(listening, {})();
                                            },
                                            .wait = [this](std::chrono::milliseconds time) { clock.waited_ms += time.count(); }, .durable = durable}));
  return device.run(options);
}

OnboardFacts Scene::facts() { return must(must(OnboardDevice::open(directory, storage_key.clone(), {.clock = clock, .random = random})).facts()); }

void Scene::expect_subscribed(const Result<OnboardFacts>& got) {
  ASSERT_OK(got);
  EXPECT_EQ(got->stage, onboard::Stage::subscribed);
  EXPECT_EQ(got->imsi, kImsi);
  EXPECT_EQ(got->operator_id, "op-1");
  EXPECT_EQ(sides.envelopes, 1);
  EXPECT_EQ(sides.registered->state, onboard::RegistrationState::closed);
}

}  // namespace tf::terminal::test
