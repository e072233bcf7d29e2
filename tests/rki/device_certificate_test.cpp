// Device certificates that are not this device's, not ours, not valid, not for this: refused at the hello of the modern
// suite.
#include "pki/path/path.hpp"
#include "tests/rki/misbehaviour.hpp"

namespace tf::rki::test {
namespace {

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

void show(Scene& scene, std::vector<pki::Certificate> chain) {
  scene.terminal.identity.device_chain = std::move(chain);
}

std::vector<pki::Certificate> chain_under(Scene& scene, const Hierarchy& pki, const wire::Dsn& dsn) {
  return pki.device_chain(dsn, scene.terminal.identity.device_key->public_key(), scene.estate.clock.now_ms(),
                          scene.terminal_random);
}

// The platform's clock, apart from the device's.
void at_day(Scene& scene, std::int64_t day) {
  static FixedClock clock;
  clock.set(FixedClock::kStart + day * kDayMs);
  scene.platform.own_clock = &clock;
}

std::vector<Misbehaviour> of_certificates() {
  std::vector<Misbehaviour> out;
  const auto add = [&out](const std::string& name, const std::function<void(Scene&)>& prepare,
                          const std::string& reason) { out.push_back({name, Suite::modern, prepare, reason}); };
  add(
      "of another serial", [](Scene& scene) { show(scene, chain_under(scene, scene.estate.pki, kOtherDsn)); },
      "pki.dsn_out_of_range");
  add(
      "under another root",
      [](Scene& scene) {
        const Hierarchy other = Hierarchy::make("Other", scene.estate.clock.now_ms(), scene.terminal_random);
        show(scene, chain_under(scene, other, kDsn));
      },
      "pki.untrusted");
  add(
      "under a root with our name",
      [](Scene& scene) {
        const Hierarchy other = Hierarchy::make("Test", scene.estate.clock.now_ms(), scene.terminal_random);
        show(scene, chain_under(scene, other, kDsn));
      },
      "pki.untrusted");
  add(
      "that has expired",
      [](Scene& scene) {
        const Hierarchy& pki = scene.estate.pki;
        const auto& key = scene.terminal.identity.device_key->public_key();
        show(
            scene,
            {must(pki::issue_device_certificate(pki.loader, kDsn, key, {FixedClock::kStart, 1}, scene.terminal_random)),
             pki.loader.certificate, pki.estate_ca.certificate});
        at_day(scene, 2);
      },
      "pki.expired");
  add("that is not valid yet", [](Scene& scene) { at_day(scene, -1); }, "pki.not_yet_valid");
  add("when the revocation list is stale", [](Scene& scene) { at_day(scene, 91); }, "pki.crl_expired");
  add(
      "that is a work certificate",
      [](Scene& scene) {
        show(scene, {must(pki::Certificate::from_der(scene.estate.credentials.modern.chain.front()))});
      },
      "pki.wrong_usage");
  add(
      "that is the loader's",
      [](Scene& scene) { show(scene, {scene.estate.pki.loader.certificate, scene.estate.pki.estate_ca.certificate}); },
      "pki.wrong_usage");
  add(
      "without its issuers",
      [](Scene& scene) { scene.terminal.identity.device_chain.resize(1, scene.estate.pki.root.certificate); },
      "pki.untrusted");
  add(
      "whose estate CA was revoked",
      [](Scene& scene) {
        scene.platform.own_credentials = scene.estate.credentials;
        scene.platform.own_credentials->crl_der =
            scene.estate.pki.crl(scene.estate.clock.now_ms(), {scene.estate.pki.estate_ca.certificate.serial_hex()});
      },
      "pki.revoked");
  add(
      "of another device's key",
      [](Scene& scene) {
        scene.terminal.identity.device_chain = scene.second_device(kDsn).identity.device_chain;
      },
      "crypto.jws");
  return out;
}

class DeviceCertificate : public ::testing::TestWithParam<Misbehaviour> {};
INSTANTIATE_TEST_SUITE_P(Named, DeviceCertificate, ::testing::ValuesIn(of_certificates()), misbehaviour_name);

TEST_P(DeviceCertificate, is_refused_with_the_exact_reason) { expect_refused_by_the_platform(GetParam()); }

}  // namespace
}  // namespace tf::rki::test
