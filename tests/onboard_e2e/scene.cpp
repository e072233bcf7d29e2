#include "tests/onboard_e2e/scene.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

namespace tf::test {
namespace fs = std::filesystem;
namespace {

constexpr wire::JsonLimits kLimits{.size = 16UL << 20, .depth = 8};

}  // namespace

std::string OnboardScene::url(const std::string& server) const {
  if (server.starts_with("ocsp")) return fmt::format("http://127.0.0.1:{}/ocsp", ports_.at(server));
  return fmt::format("https://localhost:{}", ports_.at(server));
}

std::vector<std::string> OnboardScene::servers() const {
  std::vector<std::string> out;
  for (const auto& [name, role] : roles_) out.push_back(name);
  return out;
}

void OnboardScene::begin(const std::string& server) {
  std::vector<std::string> command{trustferry_program(), "serve", "--role", server.starts_with("ocsp") ? "ocsp" : roles_.at(server), "--directory", in(server)};
  if (!server.starts_with("ocsp")) command.insert(command.end(), {"--passphrase-file", in("passphrase")});
  processes_[server] = std::make_unique<Process>(Process::start(command, in(server + ".log")));
}

void OnboardScene::wait_ready(const std::string& server) {
  const std::string at = server == "platform" ? fmt::format("http://127.0.0.1:{}/ca/modules.crt", ports_.at("public"))
                         : server.starts_with("ocsp") ? fmt::format("http://127.0.0.1:{}/readyz", ports_.at(server)) : url(server) + "/readyz";
  const auto up = [&] { return curl({.url = at, .method = "GET", .root = at.starts_with("https") ? root() : ""}).status == 200; };
  const Process& process = *processes_.at(server);
  if (!eventually([&] { return !process.running() || up(); }) || !process.running()) throw std::runtime_error(server + " did not come up: " + log(server));
}

void OnboardScene::serve(const std::string& server) {
  begin(server);
  wait_ready(server);
}

void OnboardScene::kill_server(const std::string& server) { processes_.erase(server); }

void OnboardScene::stop_server(const std::string& server) {
  processes_.at(server)->send(SIGTERM);
  if (processes_.at(server)->wait() != 0) throw std::runtime_error(server + " did not end well: " + log(server));
  processes_.erase(server);
}

wire::JsonObject OnboardScene::ask(std::vector<std::string> words) const {
  words.emplace_back("--json");
  const Finished done = trustferry(words);
  if (done.exit_code != 0) throw std::runtime_error(fmt::format("{} {}: {}{}", words[0], words[1], done.err, done.out));
  return wire::JsonObject::parse(done.out, kLimits).value();
}

wire::JsonObject OnboardScene::staff(std::vector<std::string> words, const std::string& server) const {
  words.insert(words.begin(), "onboard");
  words.insert(words.end(), {"--credentialing", url(server), "--platform", platform()});
  return ask(words);
}

Finished OnboardScene::order(std::vector<std::string> words, const std::string& server) const {
  words.insert(words.begin(), "onboard");
  words.insert(words.end(), {"--contract", url(server), "--platform", platform(), "--json"});
  return trustferry(words);
}

std::string OnboardScene::state_of(const std::string& dsim_id, const std::string& server) const { return staff({"show", dsim_id}, server).text("state").value(); }

std::string OnboardScene::sql(const std::string& server, const std::string& query) const {
  const Finished done = run({"sqlite3", "-readonly", in(server) + "/onboard.db", query});
  if (done.exit_code != 0) throw std::runtime_error(query + ": " + done.err);
  return done.out.substr(0, done.out.find_last_not_of('\n') + 1);
}

std::string OnboardScene::last_refusal(const std::string& server, const std::string& expected) const {
  std::string reason;
  static_cast<void>(eventually([&] {
    reason = sql(server, "SELECT reason FROM audit_entries WHERE outcome = 'refused' ORDER BY seq DESC LIMIT 1");
    return reason == expected;
  }));
  return reason;
}

std::set<std::string> OnboardScene::alarms_of(const std::string& dsim_id, const std::string& server) const {
  std::set<std::string> out;
  auto answer = staff({"alarms"}, server);
  for (auto& alarm : answer.objects("alarms", 1000).value())
    if (alarm.text("dsim_id").value() == dsim_id) out.insert(alarm.text("kind").value());
  return out;
}

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

}  // namespace tf::test
