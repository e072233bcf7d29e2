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

Process OnboardScene::carrier() const {
  Process out = Process::start({"python3", TRUSTFERRY_SOURCE_DIR "/tests/onboard_e2e/carrier.py", std::to_string(ports_.at("carrier")), in("carrier.crt"), in("carrier.key"), in("kept.json")}, in("carrier.log"));
  if (!eventually([&] { return curl({.url = url("carrier"), .method = "GET", .root = root()}).status == 200; })) throw std::runtime_error("the carrier did not come up: " + read_text(in("carrier.log")));
  return out;
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

}  // namespace tf::test
