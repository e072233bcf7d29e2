#include "bench/all/scene.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "base/file.hpp"
#include "bench/all/measure.hpp"
#include "factory/loader.hpp"
#include "pki/certificate_request.hpp"
#include "platform/authority.hpp"
#include "platform/batches.hpp"
#include "platform/data_directory.hpp"
#include "platform/estate.hpp"

namespace tf::bench {
namespace {

constexpr std::uint16_t kPort = 18443;
constexpr int kConcurrency = 32;
constexpr double kClientWorkUs = 250;  // a terminal computes about a millisecond for its four requests
const SecretBytes kPassphrase{as_bytes("a passphrase for measuring")};

// What a device does in the factory, without the cable.
Result<terminal::Device> personalised(factory::Loader& loader, const wire::Dsn& dsn) {
  crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
  const auto request = TF_TRY(pki::CertificateRequest::make(dsn.text(), key));
  auto given = TF_TRY(loader.personalise({dsn, request.der()}, factory::FactorKind::random));
  terminal::Device device{.identity = {.dsn = dsn, .suites = std::move(given.suites), .factor = std::move(given.factor),
                                       .classic_dik2 = std::move(given.classic_dik2), .modern_dik2 = std::nullopt,
                                       .device_key = std::move(key), .device_chain = TF_TRY(pki::chain_from_der(given.chain)),
                                       .root = TF_TRY(pki::Certificate::from_der(given.root))},
                          .keys = {}};
  if (!given.modern_dik2.empty()) device.identity.modern_dik2.emplace(given.modern_dik2.reveal().first<32>());
  return device;
}

// The server has the first half of the processors, the load generator the rest: what one does does not empty the other's
// caches, as it is with machines of their own.
enum class Share { servers, ours };
void share_processors(Share share) {
  const int all = static_cast<int>(std::thread::hardware_concurrency());
  if (all < 2) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int i = 0; i < all; ++i)
    if ((i < all / 2) == (share == Share::servers)) CPU_SET(i, &set);
  sched_setaffinity(0, sizeof set, &set);
}

Result<pid_t> spawn_server(const std::string& program, const std::string& directory) {
  const std::string data = directory + "/platform";
  const std::string passphrase = directory + "/passphrase";
  const std::string log = directory + "/server.log";
  TF_CHECK(write_private_file(passphrase, kPassphrase.reveal()));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const char* argv[] = {program.c_str(), "serve", "--directory", data.c_str(), "--passphrase-file", passphrase.c_str(), nullptr};
  pid_t pid = -1;
  share_processors(Share::servers);  // a child has its parent's processors
  const int failed = posix_spawn(&pid, program.c_str(), &actions, nullptr, const_cast<char**>(argv), environ);
  share_processors(Share::ours);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return Error{Code::unavailable, "bench.server", "cannot start " + program};
  return pid;
}

}  // namespace

void HeldDevices::put(terminal::Device device) {
  const std::lock_guard lock(mutex_);
  const std::string dsn = device.identity.dsn.text();
  devices_.insert_or_assign(dsn, std::move(device));
}

Result<terminal::Device> HeldDevices::load(const wire::Dsn& dsn) const {
  const std::lock_guard lock(mutex_);
  auto taken = devices_.extract(dsn.text());
  if (taken.empty()) return Error{Code::not_found, "bench.device", dsn.text() + " was taken already"};
  return std::move(taken.mapped());
}

Status HeldDevices::save(const terminal::Device&) const { return {}; }

Result<std::unique_ptr<Scene>> Scene::make(const std::string& directory, const std::string& program, int per_fleet) {
  std::unique_ptr<Scene> out(new Scene);
  out->directory_ = directory;
  platform::InitOptions init{.directory = directory + "/platform", .root_key_file = directory + "/root.key",
                             .ranges = {TF_TRY(wire::DsnRange::parse("TF000000..TF999999"))}, .config = {}, .scrypt = {.n = 1 << 14}};
  init.config.terminals.port = kPort;
  init.config.admin.port = kPort + 1;
  TF_TRY(platform::initialise(init, kPassphrase, kPassphrase));
  auto opened = TF_TRY(platform::open_directory(init.directory, kPassphrase));
  const Secret<32> storage(out->random_.array<32>());
  out->root_ = TF_TRY(opened->certificates->current(platform::kind::root)).certificate;
  auto loader = TF_TRY(factory::Loader::create(directory, "BENCH", *out->root_, storage, {out->clock_, out->random_}));
  int next = 0;
  for (const rki::Suite suite : {rki::Suite::classic, rki::Suite::modern}) {
    rki::SuitePolicy policy;
    policy.allow(suite);
    const auto range = TF_TRY(wire::DsnRange::parse(fmt::format("TF{:06}..TF{:06}", next, next + 2 * per_fleet - 1)));
    const std::string name(rki::name_of(suite));
    TF_CHECK(loader.receive(TF_TRY(platform::issue_batch(*opened->context, "bench", name, range, policy, factory::encode(TF_TRY(loader.request()))))));
    std::vector<platform::EstateRow> rows;
    for (const bool fresh : {false, true}) {
      for (int i = 0; i < per_fleet; ++i) {
        const auto dsn = TF_TRY(wire::Dsn::parse(fmt::format("TF{:06}", next++)));
        rows.push_back({dsn, "TF-B", name, policy});
        out->devices_.put(TF_TRY(personalised(loader, dsn)));
        out->fleets_[{suite, fresh}].push_back(dsn);
      }
    }
    TF_TRY(platform::import_estate(*opened->context, "bench", rows));
  }
  opened.reset();
  out->server_ = TF_TRY(spawn_server(program, directory));
  for (int tries = 0; tries < 100; ++tries) {
    if (out->requests(1, false, 0)) return out;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return Error{Code::unavailable, "bench.server", "the server did not come up; see " + directory + "/server.log"};
}

Scene::~Scene() {
  if (server_ <= 0) return;
  ::kill(server_, SIGTERM);
  ::waitpid(server_, nullptr, 0);
}

terminal::PlatformAddress Scene::address() const { return {.url = fmt::format("https://127.0.0.1:{}", kPort)}; }

Result<Scene::Measured> Scene::fleet(rki::Suite suite, bool fresh, int share) {
  terminal::FleetOptions options;
  options.address = address();
  options.concurrency = kConcurrency;
  options.fresh_connections = fresh;
  terminal::FleetProgress progress;
  std::vector<wire::Dsn>& waiting = fleets_[{suite, fresh}];
  const std::size_t count = waiting.size() / static_cast<std::size_t>(share);
  const std::vector<wire::Dsn> some(waiting.end() - static_cast<std::ptrdiff_t>(count), waiting.end());
  waiting.resize(waiting.size() - count, some.front());
  const double before = process_cpu_us(server_);
  const auto report = TF_TRY(terminal::run_fleet(devices_, some, options, clock_, random_, progress));
  const double used = process_cpu_us(server_) - before;
  if (report.failed != 0 || report.retries != 0)
    return Error{Code::internal, "bench.fleet", fmt::format("{} failed, {} retries: nothing was measured", report.failed, report.retries)};
  return Measured{used / static_cast<double>(report.completed), static_cast<double>(report.completed) / report.seconds};
}

// Bare requests from as many threads as a fleet has; server CPU for each. pause_us: what each client computes between
// two of its requests, so that they come at the pace of a fleet's and find a server that had time to fall asleep.
Result<double> Scene::requests(int count, bool fresh, double pause_us) {
  net::ClientOptions options;
  options.server = TF_TRY(net::parse_base_url(address().url));
  options.anchors.push_back(TF_TRY(net::certificate_from_der(root_->der())));
  std::atomic<int> failed{0};
  const double before = process_cpu_us(server_);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < std::min(kConcurrency, count); ++t) {
      threads.emplace_back([&] {
        auto client = net::HttpClient::create(options);
        for (int i = 0; client && i < std::max(1, count / kConcurrency); ++i) {
          if (fresh) client->close();
          const auto response = client->request({.method = "GET", .target = "/healthz", .content_type = {}, .body = {}, .headers = {}});
          if (!response || response->status != 200) ++failed;
          for (const double until = thread_cpu_us() + pause_us; thread_cpu_us() < until;) continue;
        }
      });
    }
  }
  if (failed > 0) return Error{Code::unavailable, "bench.requests", fmt::format("{} requests failed", failed.load())};
  return (process_cpu_us(server_) - before) / std::max(std::min(kConcurrency, count), count / kConcurrency * kConcurrency);
}

Result<double> Scene::request_cpu_us() { return requests(12'000, false, kClientWorkUs); }
Result<double> Scene::handshake_cpu_us(double request_us) { return TF_TRY(requests(1600, true, kClientWorkUs)) - request_us; }

}  // namespace tf::bench
