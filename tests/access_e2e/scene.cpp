#include "tests/access_e2e/scene.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace tf::test {
namespace fs = std::filesystem;
namespace {

void must(const Finished& done, const std::string& what) {
  if (done.exit_code != 0) throw std::runtime_error(what + ": " + done.err + done.out);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("the gateway's configuration has no " + from);
  return text.replace(at, from.size(), to);
}

}  // namespace

AccessScene& AccessScene::get() {
  static AccessScene scene;
  return scene;
}

AccessScene::AccessScene()
    : directory_((fs::path(TRUSTFERRY_BINARY_DIR) / "access_e2e").string()), terminals_port_(free_port()), admin_port_(free_port()),
      access_port_(free_port()), gateway_port_(free_port()), channel_port_(free_port()), haproxy_port_(free_port()) {
  fs::remove_all(directory_);
  fs::create_directories(directory_);
  write_text(in("passphrase"), "a passphrase of the vault, long enough\n");
  must(trustferry({"init", "--passphrase-cost", "14", "--directory", platform(), "--root-key", in("offline/root.key"), "--range", "TF000000..TF999999", "--port",
                   std::to_string(terminals_port_), "--admin-port", std::to_string(admin_port_), "--passphrase-file", in("passphrase"),
                   "--root-passphrase-file", in("passphrase")}),
       "init");
  const std::string config = platform() + "/platform.toml";
  write_text(config, replaced(replaced(read_text(config), "127.0.0.1:8445", "127.0.0.1:" + std::to_string(access_port_)),
                              "channel = \"127.0.0.1:0\"", "channel = \"" + channel() + "\"") +
                         "\n[access.services.bank]\nsecurity = \"high\"\n\n[access.services.news]\nfirst_use = \"trusted\"\nticket_number = \"shown\"\nclients = [\"billing\"]\n"
                         "suites = [\"modern\", \"classic\"]\ndid_beside = \"allowed\"\nrebinding = \"consent\"\nprivate_apn = \"news.private\"\n"
                         "\n[access.services.meter]\ngateway = \"none\"\nfirst_use = \"trusted\"\n");
  serve();
  must_run({"access", "keys", "--out", in("platform.jwks")});
  start_gateway();
}

AccessScene::~AccessScene() {
  if (nginx_) nginx_->send(SIGQUIT), nginx_->wait();
  if (server_) server_->send(SIGTERM), server_->wait();
}

void AccessScene::serve() {
  server_ = std::make_unique<Process>(
      Process::start({trustferry_program(), "serve", "--directory", platform(), "--passphrase-file", in("passphrase")}, in("server.log")));
  const auto up = [&] {
    return curl({.url = access_url() + "/readyz", .method = "GET", .root = platform() + "/root.crt"}).status == 200;
  };
  if (!eventually([&] { return !server_->running() || up(); }) || !server_->running()) throw std::runtime_error("the server did not come up: " + log());
}

void AccessScene::restart() {
  server_->send(SIGTERM);
  server_->wait();
  serve();
}

void AccessScene::kill_server() { server_.reset(); }

std::string AccessScene::log() const { return read_text(in("server.log")); }

void AccessScene::enrol_gateway(const std::string& name) {
  must(trustferry({"peer", "enrol", name, "--kind", "gateway", "--out", in("gateway/gateway"), "--directory", platform()}), "peer enrol");
}

void AccessScene::start_gateway() {
  fs::create_directories(in("gateway"));
  enrol_gateway("wap-gw");
  fs::copy_file(platform() + "/root.crt", in("gateway/root.crt"));
  write_map();
  std::string config = read_text(std::string(TRUSTFERRY_SOURCE_DIR) + "/packaging/gateway/nginx.conf");
  config = replaced(config, "server 127.0.0.1:8445", "server 127.0.0.1:" + std::to_string(access_port_));
  config = replaced(config, "listen 8080", "listen 127.0.0.1:" + std::to_string(gateway_port_));
  config = "daemon off;\n" + replaced(config, "worker_processes auto", "worker_processes 1");
  write_text(in("gateway/nginx.conf"), config);
  nginx_ = std::make_unique<Process>(Process::start({"nginx", "-p", in("gateway"), "-e", "error.log", "-c", in("gateway/nginx.conf")}, in("gateway/nginx.log")));
  const auto up = [&] { return curl({.url = gateway_url() + "/nothing", .method = "GET", .root = {}}).status == 404; };
  if (!eventually([&] { return !nginx_->running() || up(); }) || !nginx_->running())
    throw std::runtime_error("nginx did not come up (is nginx-light installed?): " + read_text(in("gateway/nginx.log")));
}

std::unique_ptr<Process> AccessScene::start_haproxy() {
  const std::string source = std::string(TRUSTFERRY_SOURCE_DIR) + "/packaging/gateway/haproxy.cfg";
  std::string config = replaced(read_text(source), "127.0.0.1:8445", "127.0.0.1:" + std::to_string(access_port_));
  write_text(in("gateway/haproxy.cfg"), replaced(config, "bind :8080", "bind 127.0.0.1:" + std::to_string(haproxy_port_)));
  write_text(in("gateway/gateway.pem"), read_text(in("gateway/gateway.crt")) + read_text(in("gateway/gateway.key")));
  std::string map;
  for (const auto& [address, number] : numbers_) map += address + " " + number + "\n";
  write_text(in("gateway/numbers.map"), map);
  auto out = std::make_unique<Process>(Process::start({"sh", "-c", "cd '" + in("gateway") + "' && exec haproxy -db -f haproxy.cfg"}, in("gateway/haproxy.log")));
  const auto up = [&] { return curl({.url = haproxy_url() + "/nothing", .method = "GET", .root = {}}).status == 404; };
  if (!eventually([&] { return !out->running() || up(); }) || !out->running())
    throw std::runtime_error("haproxy did not come up (is it installed?): " + read_text(in("gateway/haproxy.log")));
  write_map();  // nginx's form of it
  return out;
}

void AccessScene::write_map() {
  std::string map;
  for (const auto& [address, number] : numbers_) map += fmt::format("\"{}\" {};\n", address, number);
  write_text(in("gateway/numbers.map"), map);
}

// A reload is over when a new worker answers: the old one's process id is gone from the list of its children.
void AccessScene::reload_gateway() {
  const auto workers = [&] { return run({"pgrep", "-P", std::to_string(nginx_->pid())}).out; };
  const std::string before = workers();
  nginx_->send(SIGHUP);
  if (!eventually([&] { const std::string now = workers(); return !now.empty() && now.find(before.substr(0, before.find('\n'))) == std::string::npos; }))
    throw std::runtime_error("nginx did not reload");
}

void AccessScene::put_sim(const std::string& address, const std::string& msisdn) {
  if (msisdn.empty()) numbers_.erase(address); else numbers_[address] = msisdn;
  write_map();
  reload_gateway();
}

Phone AccessScene::phone() {
  const int number = ++phones_;
  Phone out{fmt::format("PHONE{:04}", number), fmt::format("127.0.1.{}", number), fmt::format("861380000{:04}", number)};
  put_sim(out.address, out.msisdn);
  return out;
}

std::string AccessScene::code(const std::string& service, const std::string& did) {
  return ask({"access", "enrol-code", "--service", service, "--did", did}).text("code").value();
}

wire::JsonObject AccessScene::ask(std::vector<std::string> words) {
  words.insert(words.end(), {"--directory", platform(), "--json"});
  const Finished done = trustferry(words);
  must(done, words[0] + " " + words[1]);
  return json_of(done.out);
}

void AccessScene::must_run(std::vector<std::string> words) {
  words.insert(words.end(), {"--directory", platform()});
  must(trustferry(words), words[0] + " " + words[1]);
}

std::vector<std::string> AccessScene::terminal_words(const std::string& verb, const Phone& phone, const std::string& service,
                                                     const std::vector<std::string>& more) const {
  std::vector<std::string> words{"terminal", "access", verb, "--directory", in("terminals"), "--did", phone.did, "--service", service, "--json"};
  const bool talks = verb == "init" || verb == "authenticate";
  const bool elsewhere = std::ranges::find(more, "--url") != more.end();
  if (talks && !elsewhere) words.insert(words.end(), {"--url", gateway_url(), "--from", phone.address});
  if (talks && !phone.msisdn.empty()) words.insert(words.end(), {"--msisdn", phone.msisdn});
  if (verb == "init") words.insert(words.end(), {"--keys", in("platform.jwks")});
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Finished AccessScene::terminal(const std::string& verb, const Phone& phone, const std::string& service, std::vector<std::string> more) {
  return trustferry(terminal_words(verb, phone, service, more));
}

Process AccessScene::start_terminal(const std::string& verb, const Phone& phone, const std::string& service, std::vector<std::string> more) {
  auto words = terminal_words(verb, phone, service, more);
  words.insert(words.begin(), trustferry_program());
  return Process::start(words, in("phones.log"));
}

Finished AccessScene::node(const Phone& phone, const std::string& service, const std::string& code, const std::string& kind, const NodeOptions& options) {
  return run({"node", std::string(TRUSTFERRY_SOURCE_DIR) + "/tests/clients/access.mjs", gateway_url(), phone.address, service, phone.did, phone.msisdn,
              in("platform.jwks"), code, kind},
             "", {.environment = {{"SPOOF", options.spoof}, {"SUITE", options.suite}}});
}

std::string AccessScene::last_refusal(const std::string& expected) {
  std::string reason;
  static_cast<void>(eventually([&] {
    reason = sql("SELECT reason FROM audit_entries WHERE action LIKE 'access.%' AND outcome = 'refused' ORDER BY seq DESC LIMIT 1");
    return reason == expected;
  }));
  return reason;
}

// The first line of the answer.
std::string AccessScene::sql(const std::string& query) const {
  const Finished done = run({"sqlite3", "-readonly", platform() + "/trustferry.db", query});
  return done.out.substr(0, done.out.find('\n'));
}

}  // namespace tf::test
