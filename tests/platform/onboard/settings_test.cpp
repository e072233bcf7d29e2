// onboard.toml and the directory of a server.
#include "base/file.hpp"
#include "pki/request/certificate_request.hpp"
#include "tests/platform/onboard/scene.hpp"
#include "tests/support/local.hpp"

namespace tf::platform::test {
namespace {

OnboardSettings all_roles() {
  OnboardSettings out;
  out.roles = {"contract", "credentialing", "registration", "phlr", "hss", "provisioning"};
  out.name = "all-1";
  out.operator_id = "op-1";
  out.metrics = Listen{"127.0.0.1", 9450};
  out.phlr.hosts = {"localhost:8450"};
  out.hss.algorithm = crypto::AkaAlgorithm::tuak;
  out.credentialing.items = {{"apn", "text/plain", "items/apn.txt"}};
  out.peers.push_back({.role = "registration", .name = "reg-2", .url = "https://reg.example:8450", .operator_id = {}, .fingerprints = {std::string(64, 'a')}, .server_id = {}});
  return out;
}

TEST(OnboardSettings, ReadsWhatItWrites) {
  tf::test::TemporaryDirectory directory;
  tf::test::write_text(directory.file("onboard.toml"), text_of(all_roles()));
  const auto read = read_onboard_settings(directory.file("onboard.toml"));
  ASSERT_OK(read);
  EXPECT_EQ(text_of(*read), text_of(all_roles()));
  EXPECT_EQ(read->metrics->text(), "127.0.0.1:9450");
  EXPECT_EQ(read->hss.algorithm, crypto::AkaAlgorithm::tuak);
  EXPECT_EQ(read->peers.front().fingerprints, std::vector<std::string>{std::string(64, 'a')});
  EXPECT_EQ(read->credentialing.items.front().file, "items/apn.txt");
}

TEST(OnboardSettings, RefusesWhatItDoesNotKnowAndNamesFileAndLine) {
  tf::test::TemporaryDirectory directory;
  const auto refused = [&](const std::string& text) {
    tf::test::write_text(directory.file("onboard.toml"), text);
    const auto read = read_onboard_settings(directory.file("onboard.toml"));
    return read ? std::string() : std::string(read.error().reason) + " " + read.error().detail;
  };
  EXPECT_THAT(refused("name = \"x\"\nlisten_at = \"127.0.0.1:1\"\n"), testing::HasSubstr("config.unknown_key onboard.toml line 2"));
  EXPECT_THAT(refused("name = \"x\"\nmetrics = \"yes\"\n"), testing::HasSubstr("config.listen \"yes\" is not ADDRESS:PORT"));
  EXPECT_THAT(refused("name = \"x\"\n[phlr]\nhostes = []\n"), testing::HasSubstr("phlr.hostes"));
  EXPECT_THAT(refused("name = \"x\"\n[[peer]]\nrole = \"registrar\"\n"), testing::HasSubstr("config.value onboard.toml line 2"));
  EXPECT_THAT(refused("name = \"x\"\n[[peer]]\nrole = \"hss\"\nfingerprints = [\"AB\"]\n"), testing::HasSubstr("64 lower-case hex digits"));
  EXPECT_THAT(refused("name = \"x\"\n[[peer]]\nrole = \"hss\"\nurl = \"http://plain.example\"\n"), testing::HasSubstr("https://host:port"));
  EXPECT_THAT(refused("name = \"x\"\nroles = [\"hlr\"]\n"), testing::HasSubstr("no role"));
  EXPECT_THAT(refused("name = \"x\"\nroles = [\"hss\"]\n"), testing::HasSubstr("operator is an id"));
  EXPECT_THAT(refused("name = \"x\"\n[[peer]]\nrole = \"hss\"\n[[peer]]\nrole = \"hss\"\n"), testing::HasSubstr("two peers"));
  EXPECT_THAT(refused("name = \"x\"\n[[peer]]\nrole = \"hss\"\n[[peer]]\nrole = \"hss\"\nname = \"second\"\n"), testing::HasSubstr("one peer of role hss"));
  EXPECT_THAT(refused("name = \"x\"\n[credentialing]\nnotify = \"Devices.example:7000\"\n"), testing::HasSubstr("credentialing.notify"));
  EXPECT_THAT(refused("name = \"x\"\n[credentialing]\nnotify = \"{dsim_id}\"\n"), testing::HasSubstr("credentialing.notify"));
  EXPECT_THAT(refused("name = \"x\"\n[[peer]]\nrole = \"provisioning\"\nname = \"prov\"\n[[peer]]\nrole = \"provisioning\"\nname = \"second\"\nserver_id = \"prov\"\n"),
              testing::HasSubstr("the same server_id"));
  std::string items = "name = \"x\"\n";
  for (int i = 0; i < 17; ++i) items += "[[credentialing.item]]\nname = \"item-" + std::to_string(i) + "\"\nfile = \"a\"\n";
  EXPECT_THAT(refused(items), testing::HasSubstr("16 items"));
  EXPECT_THAT(refused("name = \"x\"\n[hss]\nimsi_prefix = \"0010\"\n"), testing::HasSubstr("imsi_prefix"));
  EXPECT_THAT(refused("name = \"x\"\n[hss]\nalgorithm = \"comp128\"\n"), testing::HasSubstr("algorithm is \"milenage\" or \"tuak\""));
  EXPECT_THAT(refused("name = \"x\"\n[hss]\nalgorithm = \"tuak\"\nosmo = \"127.0.0.1\"\n"), testing::HasSubstr("keys of Milenage alone"));
  EXPECT_EQ(refused("name = \"x\"\n[hss]\nalgorithm = \"milenage\"\nosmo = \"127.0.0.1\"\n"), "");
  EXPECT_EQ(refused("name = \"x\"\n[hss]\nalgorithm = \"tuak\"\n"), "");
}

TEST(OnboardSettings, DevicesAreNotifiedByTheirNamesInLowerCase) {
  EXPECT_EQ(notify_address("{dsim_id}.devices.example:7000", "M2M-0001"), "m2m-0001.devices.example:7000");
  EXPECT_EQ(notify_address("127.0.0.1:7000", "M2M:1"), "127.0.0.1:7000");
  EXPECT_EQ(notify_address("{dsim_id}.devices.example:7000", "M2M:1"), std::nullopt) << "no host's name has ':'";
  EXPECT_EQ(notify_address("", "M2M-1"), std::nullopt);
}

TEST(OnboardDirectory, IsMadeOnceAndWantsCertificatesOfItsOwnKeysUnderItsRoot) {
  OnboardHierarchy pki(SystemClock().now_ms());
  OnboardHierarchy other(pki.now_ms);
  tf::test::TemporaryDirectory directory;
  const std::string where = directory.file("registration");
  OnboardSettings settings;
  settings.roles = {"registration"};
  settings.name = "reg-1";
  const SecretBytes passphrase(as_bytes("a passphrase for tests"));
  const crypto::ScryptCost cheap{.n = 1 << 10, .r = 8, .p = 1};
  ASSERT_OK(initialise_onboard(where, settings, pki.root.certificate, passphrase, cheap));
  EXPECT_REFUSED(initialise_onboard(where, settings, pki.root.certificate, passphrase, cheap), Code::conflict, "onboard.exists");
  SystemClock clock;
  EXPECT_REFUSED(OnboardServer::open(where, passphrase, {}, clock), Code::not_found, "onboard.no_certificate");
  const auto key = must(pki::CertificateRequest::from_pem(tf::test::read_text(OnboardPaths{where}.request("registration")))).public_key();
  EXPECT_REFUSED(install_onboard(where, other.issue("onboard-registration", "commonName=reg-1", {}, key), pki.now_ms), Code::refused, "pki.untrusted");
  EXPECT_REFUSED(install_onboard(where, pki.issue("onboard-registration", "commonName=reg-2", {}, key), pki.now_ms), Code::refused, "onboard.certificate");
  EXPECT_REFUSED(install_onboard(where, pki.issue("onboard-access", "commonName=reg-1", {}, key), pki.now_ms), Code::refused, "pki.wrong_usage");
  EXPECT_REFUSED(install_onboard(where, pki.issue("onboard-registration", "commonName=reg-1", {}, pki.caller("x").key.public_key()), pki.now_ms), Code::refused, "onboard.certificate");
  const auto installed = install_onboard(where, pki.issue("onboard-registration", "commonName=reg-1", {}, key), pki.now_ms);
  ASSERT_OK(installed);
  EXPECT_EQ(installed->front().key, "registration");
  EXPECT_REFUSED(OnboardServer::open(where, passphrase, {"hss"}, clock), Code::not_found, "onboard.no_certificate");
}

}  // namespace
}  // namespace tf::platform::test
