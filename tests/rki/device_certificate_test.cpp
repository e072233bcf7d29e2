// Device certificates that are not this device's, not ours, not valid, not for this: refused at the hello of the modern suite.
#include "pki/path.hpp"
#include "tests/rki/misbehaviour.hpp"

namespace tf::rki::test {
namespace {

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

void show(Scene& scene, std::vector<pki::Certificate> chain) { scene.terminal.identity.device_chain = std::move(chain); }

std::vector<pki::Certificate> chain_under(Scene& scene, const Hierarchy& pki, const wire::Dsn& dsn) {
  return pki.device_chain(dsn, scene.terminal.identity.device_key->public_key(), scene.estate.clock.now_ms(), scene.terminal_random);
}

std::vector<pki::Certificate> issued(Scene& scene, pki::Term term) {
  const Hierarchy& pki = scene.estate.pki;
  auto leaf = must(pki::issue_device_certificate(pki.loader, kDsn, scene.terminal.identity.device_key->public_key(), term, scene.terminal_random));
  return {std::move(leaf), pki.loader.certificate, pki.estate_ca.certificate};
}

std::vector<Misbehaviour> all() {
  std::vector<Misbehaviour> out;
  const auto add = [&out](const std::string& name, const std::function<void(Scene&)>& prepare, const std::string& reason) {
    out.push_back({name, Suite::modern, prepare, reason});
  };
  add("of another serial", [](Scene& scene) { show(scene, chain_under(scene, scene.estate.pki, kOtherDsn)); }, "pki.dsn_out_of_range");
  add("under another root", [](Scene& scene) {
    const Hierarchy other = Hierarchy::make("Other", scene.estate.clock.now_ms(), scene.terminal_random);
    show(scene, chain_under(scene, other, kDsn));
  }, "pki.untrusted");
  add("under a root with our name", [](Scene& scene) {
    const Hierarchy other = Hierarchy::make("Test", scene.estate.clock.now_ms(), scene.terminal_random);
    show(scene, chain_under(scene, other, kDsn));
  }, "pki.untrusted");
  add("that has expired", [](Scene& scene) { show(scene, issued(scene, {scene.estate.clock.now_ms() - 10 * kDayMs, 5})); }, "pki.expired");
  add("that is not valid yet", [](Scene& scene) { show(scene, issued(scene, {scene.estate.clock.now_ms() + 10 * kDayMs, 5})); },
      "pki.not_yet_valid");
  add("that is a work certificate", [](Scene& scene) {
    show(scene, {must(pki::Certificate::from_der(scene.estate.credentials.modern.chain.front()))});
  }, "pki.wrong_usage");
  add("that is the loader's", [](Scene& scene) {
    show(scene, {scene.estate.pki.loader.certificate, scene.estate.pki.estate_ca.certificate});
  }, "pki.wrong_usage");
  add("without its issuers", [](Scene& scene) { scene.terminal.identity.device_chain.resize(1, scene.estate.pki.root.certificate); },
      "pki.untrusted");
  add("whose estate CA was revoked", [](Scene& scene) {
    scene.platform.own_credentials = scene.estate.credentials;
    scene.platform.own_credentials->crl_der =
        scene.estate.pki.crl(scene.estate.clock.now_ms(), {scene.estate.pki.estate_ca.certificate.serial_hex()});
  }, "pki.revoked");
  add("of another device's key", [](Scene& scene) {
    scene.terminal.identity.device_chain = scene.device(kDsn, {Suite::modern}).identity.device_chain;
  }, "crypto.jws");
  return out;
}

class DeviceCertificate : public ::testing::TestWithParam<Misbehaviour> {};
INSTANTIATE_TEST_SUITE_P(Named, DeviceCertificate, ::testing::ValuesIn(all()), misbehaviour_name);

TEST_P(DeviceCertificate, is_refused_with_the_exact_reason) {
  Scene scene(GetParam().suite);
  GetParam().prepare(scene);
  EXPECT_FALSE(scene.terminal.converse(1, scene.platform.exchange()).has_value());
  EXPECT_EQ(scene.platform.last_refusal, GetParam().reason);
  EXPECT_TRUE(scene.platform.actions.empty());
  expect_recovery(scene);
}

}  // namespace
}  // namespace tf::rki::test
