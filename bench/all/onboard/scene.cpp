#include "bench/all/onboard/scene.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/file.hpp"
#include "bench/all/measure.hpp"
#include "bench/all/rows.hpp"
#include "bench/all/server.hpp"
#include "crypto/storage_key.hpp"
#include "terminal/onboard/onboard.hpp"
#include "wire/json.hpp"

namespace tf::bench {
namespace {

using namespace std::chrono_literals;

struct Known {
  const char* role;
  int port;
  const char* key;      // beside tls
  const char* profile;  // of that
  const char* subject;
};
constexpr int kPort = 18520;  // the platform's; admin and public follow
constexpr int kOcspPort = kPort + 3;
constexpr int kMetrics = 20;  // so far behind a server's port is that of its metrics
constexpr Known kServers[] = {{"registration", kPort + 4, "registration", "onboard-registration", "registration"},
                              {"phlr", kPort + 5, "access", "onboard-access", "phlr"},
                              {"credentialing", kPort + 6, "operator", "onboard-operator", "op-1"},
                              {"hss", kPort + 7, "issuer", "onboard-issuer", "op-1"},
                              {"provisioning", kPort + 8, "", "", ""},
                              {"contract", kPort + 9, "", "", ""}};

const Known& known(const std::string& name) {
  return *std::ranges::find_if(kServers, [&](const Known& one) { return name == one.role; });
}

std::string ocsp_url() { return fmt::format("http://127.0.0.1:{}/ocsp", kOcspPort); }

// The sum of a counter's lines.
double counter_in(std::string_view text, std::string_view name) {
  double sum = 0;
  for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    if (at != 0 && text[at - 1] != '\n') continue;
    const std::size_t end = text.find('\n', at), blank = text.rfind(' ', end);
    sum += std::stod(std::string(text.substr(blank + 1, end - blank - 1)));
  }
  return sum;
}

}  // namespace

std::string OnboardScene::url(const std::string& server) const { return fmt::format("https://localhost:{}", known(server).port); }

Status OnboardScene::command(std::vector<std::string> words) const {
  words.insert(words.begin(), program_);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int out : {STDOUT_FILENO, STDERR_FILENO}) posix_spawn_file_actions_addopen(&actions, out, in("commands.log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid_t pid = -1;
  int status = 0;
  const int failed = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed == 0 && ::waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  const auto log = read_file(in("commands.log"), 1 << 20);
  return Error{Code::internal, "bench.command", fmt::format("{} {}: {}", words[1], words[2], log ? std::string(as_text(*log)) : "")};
}

Result<std::unique_ptr<OnboardScene>> OnboardScene::make(const std::string& directory, const std::string& program) {
  auto devices = TF_TRY(MemoryDirectory::make());
  std::unique_ptr<OnboardScene> out(new OnboardScene(directory, program, std::move(devices)));
  TF_CHECK(write_private_file(out->in("passphrase"), kPassphrase.reveal()));
  TF_CHECK(out->make_platform());
  TF_CHECK(out->make_responder());
  for (const Known& one : kServers) TF_CHECK(out->make_server(one.role));
  TF_CHECK(out->introduce());
  out->servers_["ocsp"] = TF_TRY(Child::start({program, "serve", "--role", "ocsp", "--directory", out->in("ocsp")}, out->in("ocsp.log")));
  for (const Known& one : kServers) TF_CHECK(out->start(one.role));
  return out;
}

Status OnboardScene::make_platform() {
  TF_CHECK(command({"init", "--directory", in("platform"), "--root-key", in("root.key"), "--range", "TF000000..TF999999", "--port", std::to_string(kPort), "--admin-port", std::to_string(kPort + 1),
                    "--public-port", std::to_string(kPort + 2), "--passphrase-file", in("passphrase"), "--root-passphrase-file", in("passphrase")}));
  root_ = TF_TRY(pki::Certificate::from_pem(as_text(TF_TRY(read_file(in("platform/root.crt"), 64 * 1024)))));
  for (const char* authority : {"modules", "onboard"}) {
    const std::string profile = fmt::format("name = \"ocsp-signer-{0}\"\npurpose = \"ocsp-signer\"\nauthority = \"{0}\"\nvalidity_days_max = 30\n[key]\nkinds = [\"P-256\"]\n"
                                            "usage = [\"digitalSignature\"]\nextended_usage = [\"OCSPSigning\"]\n[subject]\nrequired = [\"commonName\"]\n", authority);
    TF_CHECK(write_file_atomic(fmt::format("{}/profiles/ocsp-signer-{}.toml", in("platform"), authority), as_bytes(profile), 0644));
  }
  platform_ = TF_TRY(Child::start({program_, "serve", "--directory", in("platform"), "--passphrase-file", in("passphrase")}, in("platform.log")));
  for (int tries = 0; tries < 100; ++tries, std::this_thread::sleep_for(100ms)) {
    auto plain = TF_TRY(net::HttpClient::create({.server = {"127.0.0.1", kPort + 2, false}}));
    const auto answer = plain.request({.method = "GET", .target = "/ca/modules.crt", .content_type = {}, .body = {}, .headers = {}});
    if (answer && answer->status == 200) return {};
  }
  return Error{Code::unavailable, "bench.server", "the platform did not come up; see " + in("platform.log")};
}

Status OnboardScene::issue(const std::string& csr, const std::string& profile, const std::string& subject, const std::string& out, bool tls) const {
  std::vector<std::string> words{"pki", "issue", "--profile", profile, "--csr", csr, "--subject", "commonName=" + subject, "--holder", "bench:" + profile, "--out", out, "--directory", in("platform")};
  if (tls) words.insert(words.end(), {"--alt", "dns:localhost"});
  return command(std::move(words));
}

Status OnboardScene::make_responder() {
  auto plain = TF_TRY(net::HttpClient::create({.server = {"127.0.0.1", kPort + 2, false}}));
  for (const std::string authority : {"modules", "onboard"}) {
    const auto answer = TF_TRY(plain.request({.method = "GET", .target = "/ca/" + authority + ".crt", .content_type = {}, .body = {}, .headers = {}}));
    const auto ca = TF_TRY(pki::Certificate::from_der(as_bytes(answer.body)));
    TF_CHECK(write_file_atomic(in(authority + "-ca.pem"), as_bytes(ca.to_pem()), 0644));
    TF_CHECK(command({"ocsp", "request", authority, "--out", in(authority + ".csr"), "--directory", in("ocsp")}));
    TF_CHECK(issue(in(authority + ".csr"), "ocsp-signer-" + authority, "OCSP for " + authority, in(authority + ".ocsp.crt"), false));
    TF_CHECK(command({"ocsp", "install", authority, "--certificate", in(authority + ".ocsp.crt"), "--ca", in(authority + "-ca.pem"), "--lists",
                      fmt::format("http://127.0.0.1:{}/crl/{}/{{shard}}.crl", kPort + 2, authority), "--shards", "64", "--directory", in("ocsp")}));
  }
  return write_file_atomic(in("ocsp/ocsp.toml"), as_bytes(fmt::format("listen = \"127.0.0.1:{}\"\nmetrics = \"127.0.0.1:{}\"\nrefresh_seconds = 3600\n", kOcspPort, kOcspPort + kMetrics)), 0644);
}

Status OnboardScene::make_server(const std::string& name) {
  const Known& one = known(name);
  std::vector<std::string> words{"onboard", "init", "--directory", in(name), "--role", name, "--name", name, "--operator", "op-1", "--listen", fmt::format("127.0.0.1:{}", one.port),
                                 "--metrics", fmt::format("127.0.0.1:{}", one.port + kMetrics), "--root", in("platform/root.crt"), "--passphrase-file", in("passphrase")};
  if (name == "phlr") {
    for (const Known& each : kServers) words.insert(words.end(), {"--token-host", fmt::format("localhost:{}", each.port)});
    words.insert(words.end(), {"--token-host", fmt::format("127.0.0.1:{}", kOcspPort)});
  }
  TF_CHECK(command(words));
  std::vector<std::string> install{"onboard", "install", "--directory", in(name), in(name + "-tls.crt")};
  TF_CHECK(issue(in(name) + "/requests/tls.csr", "onboard-server", "localhost", in(name + "-tls.crt"), true));
  if (*one.key != '\0') {
    TF_CHECK(issue(fmt::format("{}/requests/{}.csr", in(name), one.key), one.profile, one.subject, in(name + "-key.crt"), false));
    install.push_back(in(name + "-key.crt"));
  }
  return command(install);
}

Status OnboardScene::introduce() {
  for (const Known& at : kServers) {
    for (const Known& other : kServers)
      TF_CHECK(command({"onboard", "peer", "--directory", in(at.role), "--role", other.role, "--url", url(other.role), "--operator", "op-1", "--certificate",
                        in(other.role) + "/certificates/tls.crt"}));
    TF_CHECK(command({"onboard", "peer", "--directory", in(at.role), "--role", "ocsp", "--url", ocsp_url()}));
    TF_CHECK(command({"onboard", "peer", "--directory", in(at.role), "--role", "staff", "--certificate", in("platform/operators/operator.crt")}));
  }
  return {};
}

Result<net::HttpClient> OnboardScene::client(const std::string& server) const {
  net::ClientOptions options;
  options.server = TF_TRY(net::parse_base_url(url(server)));
  options.anchors.push_back(TF_TRY(net::certificate_from_der(root_->der())));
  return net::HttpClient::create(std::move(options));
}

Result<net::HttpClient> OnboardScene::line_to(const std::string& server) const {
  return server == "ocsp" ? net::HttpClient::create({.server = {"127.0.0.1", kOcspPort, false}}) : client(server);
}

Status OnboardScene::start(const std::string& name) {
  servers_[name] = TF_TRY(Child::start({program_, "serve", "--role", name, "--directory", in(name), "--passphrase-file", in("passphrase")}, in(name + ".log")));
  for (int tries = 0; tries < 100; ++tries, std::this_thread::sleep_for(100ms)) {
    auto line = TF_TRY(client(name));
    const auto answer = line.request({.method = "GET", .target = "/readyz", .content_type = {}, .body = {}, .headers = {}});
    if (answer && answer->status == 200) return {};
  }
  return Error{Code::unavailable, "bench.server", name + " did not come up; see " + in(name + ".log")};
}

Status OnboardScene::manufacture(int count) {
  last_ = count;
  made_ += count;
  return command({"onboard", "manufacture", "--count", std::to_string(count), "--first", std::to_string(made_ - count + 1), "--out", devices_.path(), "--phlr", url("phlr"), "--registration",
                  "registration=" + url("registration"), "--ocsp", ocsp_url(), "--authenticate", url("hss"), "--platform", in("platform")});
}

double OnboardScene::cpu_us() const {
  double out = 0;
  for (const auto& [name, server] : servers_) out += server->cpu_us();
  return out;
}

Result<std::map<std::string, double>> OnboardScene::counts() const {
  std::map<std::string, double> out;
  for (const auto& [name, server] : servers_) {
    auto line = TF_TRY(net::HttpClient::create({.server = {"127.0.0.1", static_cast<std::uint16_t>((name == "ocsp" ? kOcspPort : known(name).port) + kMetrics), false}}));
    const auto answer = TF_TRY(line.request({.method = "GET", .target = "/metrics", .content_type = {}, .body = {}, .headers = {}}));
    out["requests"] += counter_in(answer.body, "trustferry_http_requests_total");
    if (name == "ocsp") continue;
    out["handshakes"] += counter_in(answer.body, "trustferry_http_connections_total");
    out["commits"] += counter_in(answer.body, "trustferry_store_commits_total");
  }
  return out;
}

Status OnboardScene::run(int first, int last) {
  // The header and the lines of these devices, which are in their order.
  const std::string all(as_text(TF_TRY(read_file(devices_.path() + "/modules.csv", 1 << 24)))), orders = fmt::format("{}/orders-{}.csv", devices_.path(), first);
  std::vector<std::string> lines;
  for (std::size_t at = 0, end = 0; (end = all.find('\n', at)) != std::string::npos; at = end + 1) lines.push_back(all.substr(at, end + 1 - at));
  std::string text = lines.front();
  for (int number = first; number <= last; ++number) text += lines[static_cast<std::size_t>(number - (made_ - last_))];
  TF_CHECK(write_file_atomic(orders, as_bytes(text), 0644));
  TF_CHECK(command({"onboard", "subscribe", "--csv", orders, "--contract", url("contract"), "--platform", in("platform")}));
  std::atomic<int> next{first};
  std::mutex mutex;
  Status outcome;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kDevicesAtOnce; ++t)
      threads.emplace_back([&] {
        SystemClock clock;
        SystemRandom random;
        for (int number = next++; number <= last; number = next++) {
          const std::string device = fmt::format("{}/M2M-{:06}", devices_.path(), number);
          const Status done = [&]() -> Status {
            std::string said;  // of what it waited for last
            const auto note = [&](std::string_view step, const std::string& what) { said = step == "waiting" || step == "delivery" ? what : said; };
            auto opened = TF_TRY(terminal::OnboardDevice::open(device, TF_TRY(crypto::storage_key_from_file(device, random)), {.clock = clock, .random = random, .progress = note}));
            const auto facts = opened.run({});
            if (facts && facts->used) return {};
            return Error{Code::internal, "bench.onboard", fmt::format("{}: {}; {}", device, facts ? "did not use its subscription" : describe(facts.error()), said)};
          }();
          const std::lock_guard lock(mutex);
          if (!done) outcome = done;
        }
      });
  }
  return outcome;
}

Result<OnboardScene::Whole> OnboardScene::onboard(int unmeasured) {
  const int first = made_ - last_ + 1 + unmeasured, devices = last_ - unmeasured;
  if (unmeasured != 0) TF_CHECK(run(made_ - last_ + 1, first - 1));
  const auto counted = TF_TRY(counts());
  const double before = cpu_us(), own = process_cpu_us(getpid());
  std::map<std::string, double> each;
  for (const auto& [name, server] : servers_) each[name] = server->cpu_us();
  TF_CHECK(run(first, made_));
  const double used = cpu_us() - before;
  std::string shares;
  for (const auto& [name, server] : servers_) shares += fmt::format(" {} {:.0f}", name, (server->cpu_us() - each.at(name)) / devices);
  say(fmt::format("us of an onboarding:{}; of a device: {:.0f}", shares, (process_cpu_us(getpid()) - own) / devices));
  const auto after = TF_TRY(counts());
  const auto asked = static_cast<double>(servers_.size());  // each by counts() once more, and by TLS all but the responder
  return Whole{used / devices, (after.at("requests") - counted.at("requests") - asked) / devices, (after.at("handshakes") - counted.at("handshakes") - (asked - 1)) / devices,
               (after.at("commits") - counted.at("commits")) / devices};
}

Result<double> OnboardScene::batch(int contracts) {
  std::string text = "dsim_id,owner,plan\n";
  for (int i = 0; i < contracts; ++i) text += fmt::format("BATCH-{:06},Waterworks Nord,standard\n", i);
  TF_CHECK(write_file_atomic(in("batch.csv"), as_bytes(text), 0644));
  const auto start = std::chrono::steady_clock::now();
  TF_CHECK(command({"onboard", "subscribe", "--csv", in("batch.csv"), "--contract", url("contract"), "--platform", in("platform")}));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const std::string progress(as_text(TF_TRY(read_file(in("batch.csv.progress"), 1 << 20))));
  auto read = TF_TRY(wire::JsonObject::parse(progress));
  if (TF_TRY(read.integer("registered", 0, INT64_MAX)) != contracts) return Error{Code::internal, "bench.onboard", "not all contracts were registered: " + progress};
  return seconds;
}

}  // namespace tf::bench
