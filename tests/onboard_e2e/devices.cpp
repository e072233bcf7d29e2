// What the factory and the owners do.
#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

#include "tests/onboard_e2e/scene.hpp"

namespace tf::test {
namespace fs = std::filesystem;

std::vector<std::string> OnboardScene::manufacture(const std::string& prefix, int count, bool first_use) {
  std::vector<std::string> words{"onboard", "manufacture", "--count", std::to_string(count), "--out", in("devices/" + prefix), "--prefix", prefix, "--pimsi-prefix",
                                 std::to_string(99900 + pimsi_prefix_++), "--phlr", url("phlr-1"), "--registration", "reg-1=" + url("reg-1"), "--registration", "reg-2=" + url("reg-2"),
                                 "--ocsp", url("ocsp-1"), "--ocsp", url("ocsp-2"), "--platform", platform()};
  if (first_use) words.insert(words.end(), {"--authenticate", url("hss-1")});
  auto made = ask(words);
  std::vector<std::string> out;
  for (auto& device : made.objects("devices", 100'000).value()) out.push_back(device.text("dsim_id").value());
  return out;
}

std::vector<std::string> OnboardScene::run_words(const std::string& dsim_id, int seconds) const {
  return {trustferry_program(), "terminal", "onboard", "run", "--directory", device(dsim_id), "--seconds", std::to_string(seconds), "--patience", "5"};
}

DeviceFacts OnboardScene::show(const std::string& dsim_id) const {
  auto shown = ask({"terminal", "onboard", "show", "--directory", device(dsim_id)});
  return {.state = shown.text("state").value(), .operator_id = shown.text("operator").value(), .imsi = shown.text("imsi").value(), .delivery = shown.text("delivery").value(),
          .authenticated = shown.boolean("authenticated").value(), .items = shown.texts("items", 16).value()};
}

void OnboardScene::subscribe(const std::vector<std::string>& dsim_ids, const std::string& contract) {
  for (const std::string& dsim_id : dsim_ids) {
    const Finished done = order({"subscribe", dsim_id, "--owner", "Waterworks"}, contract);
    ASSERT_EQ(done.exit_code, 0) << done.err << done.out;
    ASSERT_EQ(json_of(done.out).text("result").value(), "registered") << log(contract);
  }
}

CurlAnswer OnboardScene::call(const std::string& server, const std::string& route, const std::string& body, const std::string& as) const {
  const std::string stem = as.empty() ? platform() + "/operators/operator" : in(as);
  return curl({.url = url(server) + "/onboard/v1/" + route, .root = root(), .certificate = stem + ".crt", .key = stem + ".key"}, body);
}

void OnboardScene::add_preliminary(const std::string& pimsi, const std::string& k, const std::string& opc) const {
  wire::JsonWriter writer;
  writer.begin_object().key("subscribers").begin_array().begin_object().member("pimsi", pimsi).member("k", k).member("opc", opc).end_object().end_array().end_object();
  const CurlAnswer answer = call("phlr-1", "subscribers", writer.text());
  ASSERT_EQ(answer.status, 200) << answer.body;
}

void OnboardScene::make_by_hand(const std::string& dsim_id, const std::string& pimsi, const std::vector<std::string>& more, std::string directory) {
  if (directory.empty()) directory = device(dsim_id);
  fs::create_directories(fs::path(directory).parent_path());
  const std::string k = "0123456789abcdef0" + pimsi, opc = "fedcba98765432100" + pimsi;
  add_preliminary(pimsi, k, opc);
  std::vector<std::string> make{"terminal", "onboard", "make", "--directory", directory, "--dsim-id", dsim_id, "--registration", "reg-1=" + url("reg-1"), "--registration", "reg-2=" + url("reg-2"),
                                "--phlr", url("phlr-1"), "--ocsp", url("ocsp-1"), "--ocsp", url("ocsp-2"), "--root", root(), "--authenticate", url("hss-1")};
  make.insert(make.end(), more.begin(), more.end());
  ask(make);
  issue(directory + "/signing.csr", "onboard-module", "serialNumber=" + dsim_id, directory + "/signing.crt");
  issue(directory + "/decryption.csr", "onboard-module-decryption", "serialNumber=" + dsim_id, directory + "/decryption.crt");
  const std::string preliminary = directory + "/preliminary.json";
  write_text(preliminary, wire::JsonWriter().begin_object().member("pimsi", pimsi).member("k", k).member("opc", opc).end_object().take());
  fs::permissions(preliminary, fs::perms::owner_read | fs::perms::owner_write);
  ask({"terminal", "onboard", "certify", "--directory", directory, "--signing", directory + "/signing.crt", "--decryption", directory + "/decryption.crt", "--preliminary", preliminary});
}

std::string OnboardScene::ocsp_says(const std::string& responder, const std::string& authority, const std::string& certificate_file) const {
  const std::string leaf = certificate_file + ".leaf";
  run({"openssl", "x509", "-in", certificate_file, "-out", leaf});
  const Finished done = run({"openssl", "ocsp", "-issuer", in(authority + "-ca.pem"), "-sha256", "-cert", leaf, "-url", url(responder), "-CAfile", root()});
  const std::string said = done.out + done.err;
  if (said.find("Response verify OK") == std::string::npos) return said;
  for (const char* word : {"good", "revoked", "unknown"})
    if (said.find(leaf + ": " + word) != std::string::npos) return word;
  return said;
}

void OnboardScene::revoke(const std::string& certificate_file) {
  const Finished serial = run({"openssl", "x509", "-in", certificate_file, "-noout", "-serial"});
  ASSERT_EQ(serial.exit_code, 0) << serial.err;
  std::string hex = serial.out.substr(serial.out.find('=') + 1);
  hex.erase(hex.find_last_not_of('\n') + 1);
  ask({"pki", "revoke", hex, "--reason", "keyCompromise", "--directory", platform()});
  for (const char* responder : {"ocsp-1", "ocsp-2"})
    EXPECT_TRUE(eventually([&] { return ocsp_says(responder, "modules", certificate_file) == "revoked"; })) << ocsp_says(responder, "modules", certificate_file);
}

}  // namespace tf::test
