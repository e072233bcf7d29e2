// Six servers: made, certified by the platform's authority, introduced to each other, started; and the devices' factory.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "apps/trustferry/demo/demo_onboard.hpp"
#include "apps/trustferry/demo/demo_onboard_servers.hpp"
#include "base/file.hpp"
#include "pki/certificate.hpp"

namespace tf::cli {
namespace fs = std::filesystem;

std::string OnboardDemo::url(const DemoServer& server) const { return fmt::format("https://localhost:{}", scene_.port + server.place); }

Result<std::string> OnboardDemo::trustferry(std::vector<std::string> words) const {
  words.insert(words.begin(), scene_.program);
  words.emplace_back("--json");
  return ChildProcess::capture(words, in("last.json"));
}

// Made once; interrupted before its certificates are there, it is made anew.
Status OnboardDemo::make(const DemoServer& server) {
  const std::string home = in(server.name);
  if (fs::exists(home + "/certificates/tls.crt")) return {};
  std::error_code ignored;
  fs::remove_all(home, ignored);
  std::vector<std::string> words{"onboard", "init", "--directory", home, "--role", server.name, "--name", server.name, "--listen", fmt::format("127.0.0.1:{}", scene_.port + server.place),
                                 "--root", scene_.platform + "/root.crt", "--passphrase-file", scene_.directory + "/passphrase"};
  if (server.of_operator) words.insert(words.end(), {"--operator", std::string(kDemoOperator)});
  if (std::string_view(server.name) == "phlr") {
    for (const DemoServer* other : kForDevices) words.insert(words.end(), {"--token-host", fmt::format("localhost:{}", scene_.port + other->place)});
    words.insert(words.end(), {"--token-host", fmt::format("127.0.0.1:{}", scene_.public_port)});
  }
  TF_TRY(trustferry(std::move(words)));
  std::vector<std::string> install{"onboard", "install", "--directory", home};
  for (const auto& [key, profile, subject] : {std::tuple{"tls", "onboard-server", "localhost"}, {server.key, server.profile, server.of_operator ? kDemoOperator : server.name}}) {
    if (*key == '\0') continue;
    const std::string out = home + "/" + key + ".pem";
    std::vector<std::string> issue{"pki", "issue", "--profile", profile, "--csr", fmt::format("{}/requests/{}.csr", home, key), "--subject", fmt::format("commonName={}", subject),
                                   "--holder", fmt::format("server:{}-{}", server.name, key), "--out", out};
    if (std::string_view(key) == "tls") issue.insert(issue.end(), {"--alt", "dns:localhost"});
    TF_TRY(scene_.on_platform(std::move(issue)));
    install.push_back(out);
  }
  TF_TRY(trustferry(std::move(install)));
  return {};
}

Status OnboardDemo::introduce(const DemoServer& server, const std::vector<std::string>& words) const {
  std::vector<std::string> command{"onboard", "peer", "--directory", in(server.name)};
  command.insert(command.end(), words.begin(), words.end());
  TF_TRY(trustferry(std::move(command)));
  return {};
}

Status OnboardDemo::introduce_all() {
  const auto certificate = [this](const DemoServer& server) { return in(server.name) + "/certificates/tls.crt"; };
  const auto known = [&](const DemoServer& at, const DemoServer& other) {
    std::vector<std::string> words{"--role", other.name, "--name", other.name, "--url", url(other), "--certificate", certificate(other)};
    if (other.of_operator) words.insert(words.end(), {"--operator", kDemoOperator});
    return introduce(at, words);
  };
  for (const DemoServer* server : {&kRegistration, &kHss, &kProvisioning, &kContract}) {
    TF_CHECK(known(*server, kCredentialing));
    TF_CHECK(known(kCredentialing, *server));
  }
  TF_CHECK(introduce(kCredentialing, {"--role", "ocsp", "--name", "ocsp", "--url", fmt::format("http://127.0.0.1:{}/ocsp", scene_.public_port)}));
  for (const DemoServer* server : {&kPhlr, &kCredentialing, &kContract})
    TF_CHECK(introduce(*server, {"--role", "staff", "--name", "operator", "--certificate", scene_.platform + "/operators/operator.crt"}));
  return write_file_atomic(in("introduced"), {}, 0644);
}

Status OnboardDemo::wait_for(const DemoServer& server) const {
  const std::string log = in(std::string(server.name) + ".log");
  for (int tries = 0; tries < 300; ++tries) {
    const auto text = read_file(log, 1 << 20);
    if (text && as_text(*text).contains("serving ")) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return Error{Code::unavailable, "demo.onboard", std::string(server.name) + " did not come up; see " + log};
}

Status OnboardDemo::start_servers() {
  std::error_code ignored;
  fs::create_directories(in(""), ignored);
  for (const DemoServer* server : kServers) TF_CHECK(make(*server));
  if (!fs::exists(in("introduced"))) TF_CHECK(introduce_all());
  for (const DemoServer* server : kServers) {
    const std::string log = in(std::string(server->name) + ".log");
    fs::remove(log, ignored);
    servers_.push_back(TF_TRY(ChildProcess::start({scene_.program, "serve", "--role", server->name, "--directory", in(server->name), "--passphrase-file", scene_.directory + "/passphrase"}, log)));
  }
  for (const DemoServer* server : kServers) TF_CHECK(wait_for(*server));
  return {};
}

Status OnboardDemo::manufacture() const {
  TF_TRY(trustferry({"onboard", "manufacture", "--platform", scene_.platform, "--first", std::to_string(first_), "--count", std::to_string(scene_.modules), "--out", devices_, "--phlr", url(kPhlr), "--registration",
                     fmt::format("registration={}", url(kRegistration)), "--ocsp", fmt::format("http://127.0.0.1:{}/ocsp", scene_.public_port), "--authenticate", url(kHss), "--owner",
                     "Waterworks Nord", "--jobs", "4"}));
  return {};
}

Status OnboardDemo::order() const {
  TF_TRY(trustferry({"onboard", "subscribe", "--platform", scene_.platform, "--contract", url(kContract), "--csv", devices_ + "/modules.csv"}));
  return {};
}

Result<std::string> OnboardDemo::ask(const std::string& what) const {
  return trustferry({"onboard", what, "--platform", scene_.platform, "--credentialing", url(kCredentialing)});
}

Status OnboardDemo::revoke(const std::string& device) const {
  const auto chain = TF_TRY(pki::certificates_from_pem(as_text(TF_TRY(read_file(device + "/signing.crt", 64 * 1024)))));
  TF_TRY(scene_.on_platform({"pki", "revoke", chain.front().serial_hex(), "--reason", "keyCompromise"}));
  return {};
}

}  // namespace tf::cli
