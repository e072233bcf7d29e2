#include "apps/trustferry/demo/demo_phones.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>
#include <vector>

#include "apps/trustferry/access/gateway_conf.hpp"
#include "apps/trustferry/line/child_process.hpp"
#include "base/file.hpp"
#include "crypto/jose/jose.hpp"
#include "terminal/access.hpp"

namespace tf::cli {
namespace {

namespace fs = std::filesystem;

std::string nginx_program() {
  for (const char* path : {"/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"})
    if (fs::exists(path)) return path;
  return {};
}

std::string address_of(int phone) { return fmt::format("127.0.{}.{}", 2 + phone / 250, 1 + phone % 250); }
std::string number_of(int phone) { return fmt::format("86139{:08}", phone); }

Status replace(std::string& text, std::string_view from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) return Error{Code::internal, "demo.gateway", "the gateway's configuration has no " + std::string(from)};
  text.replace(at, from.size(), to);
  return {};
}

Status write_gateway(const PhoneScene& scene) {
  std::error_code error;
  fs::create_directories(scene.directory, error);
  for (const auto& [from, to] : {std::pair{scene.gateway_certificate, "gateway.crt"}, {scene.gateway_key, "gateway.key"}, {scene.root, "root.crt"}}) {
    fs::copy_file(from, scene.directory + "/" + to, fs::copy_options::overwrite_existing, error);
    if (error) return Error{Code::unavailable, "demo.gateway", "cannot copy " + from + ": " + error.message()};
  }
  std::string map;
  for (int i = 0; i < scene.phones; ++i) map += fmt::format("\"{}\" {};\n", address_of(i), number_of(i));
  TF_CHECK(write_file_atomic(scene.directory + "/numbers.map", as_bytes(map), 0600));
  std::string conf = "daemon off;\n" + std::string(kGatewayConf);
  TF_CHECK(replace(conf, "server 127.0.0.1:8445", fmt::format("server 127.0.0.1:{}", scene.access_port)));
  TF_CHECK(replace(conf, "listen 8080", fmt::format("listen 127.0.0.1:{}", scene.gateway_port)));
  return write_file_atomic(scene.directory + "/nginx.conf", as_bytes(conf), 0644);
}

class Phones {
 public:
  Phones(const PhoneScene& scene, crypto::PublishedKey key) : scene_(scene), key_(std::move(key)) {}

  Result<PhoneReport> run() {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < scene_.phones; ++i) devices_.push_back(device(fmt::format("PHONE{:05}", i), i));
    std::vector<std::jthread> threads;
    for (int t = 0; t < 16; ++t) threads.emplace_back([this] { work(); });
    threads.clear();
    report_.bound = bound_;
    report_.tickets = tickets_;
    report_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    for (const auto& [phone, sim] : {std::pair{0, 1}, {1, 0}})
      if (!client(sim) || !client(sim)->authenticate(devices_[static_cast<std::size_t>(phone)])) ++report_.swapped_refused;
    terminal::AccessDevice stranger = device("ANOTHER-HANDSET", 2);
    if (!client(2)->initialise(stranger)) ++report_.foreign_refused;
    return report_;
  }

  // The gateway answers, and the platform behind it.
  bool ready() {
    auto access = client(0);
    return access && access->reachable();
  }

 private:
  terminal::AccessDevice device(const std::string& did, int sim) {
    return {.identity = {.suite = sim % 2 == 0 ? access::Suite::modern : access::Suite::classic, .did = did, .service = kPhoneService, .msisdn = number_of(sim), .info = "demo phone", .platform_kid = key_.kid,
                         .platform_key = key_.key, .device_key = {}, .device_chain = {}, .code = {}},
            .binding = {}};
  }

  std::optional<terminal::AccessClient> client(int sim) {
    net::ClientOptions options;
    options.server = {.host = "127.0.0.1", .port = static_cast<std::uint16_t>(scene_.gateway_port), .tls = false};
    options.local_address = address_of(sim);
    auto made = net::HttpClient::create(std::move(options));
    if (!made) return std::nullopt;
    return terminal::AccessClient(terminal::over(std::move(*made)), {.clock = clock_, .random = random_, .save = [](const terminal::AccessDevice&) { return Status(); }, .route = {}});
  }

  void work() {
    for (int i = next_++; i < scene_.phones; i = next_++) {
      auto access = client(i);
      if (!access || !access->initialise(devices_[static_cast<std::size_t>(i)])) continue;
      ++bound_;
      if (access->authenticate(devices_[static_cast<std::size_t>(i)])) ++tickets_;
    }
  }

  const PhoneScene& scene_;
  crypto::PublishedKey key_;
  SystemClock clock_;
  SystemRandom random_;
  std::vector<terminal::AccessDevice> devices_;
  std::atomic<int> next_{0};
  std::atomic<std::int64_t> bound_{0}, tickets_{0};
  PhoneReport report_;
};

}  // namespace

Result<PhoneReport> run_phones(const PhoneScene& scene) {
  const std::string nginx = nginx_program();
  if (nginx.empty()) return Error{Code::not_found, "demo.nginx", "nginx is not installed (apt-get install nginx-light)"};
  TF_CHECK(write_gateway(scene));
  const std::string prefix = fs::absolute(scene.directory).string();
  auto gateway = TF_TRY(ChildProcess::start({nginx, "-p", prefix, "-e", "error.log", "-c", prefix + "/nginx.conf"}, scene.directory + "/nginx.log"));
  const Bytes set = TF_TRY(read_file(scene.keys, 64 * 1024));
  const auto keys = TF_TRY(crypto::read_jwk_set(as_text(set), "enc"));
  if (keys.empty()) return Error{Code::internal, "demo.keys", "the platform publishes no key"};
  Phones phones(scene, keys.front());
  for (int tries = 0; !phones.ready(); ++tries) {
    if (tries == 100 || !gateway.running()) return Error{Code::unavailable, "demo.gateway", "the gateway did not come up; see " + scene.directory + "/nginx.log"};
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  auto report = phones.run();
  gateway.terminate();
  return report;
}

}  // namespace tf::cli
