#include "bench/all/rki/scene.hpp"

#include <fmt/format.h>

#include "factory/loader.hpp"
#include "pki/request/certificate_request.hpp"
#include "platform/authority.hpp"
#include "platform/data_directory.hpp"
#include "platform/estate.hpp"
#include "platform/rki/batches.hpp"

namespace tf::bench {
namespace {

constexpr std::uint16_t kPort = 18443;

// What a device does in the factory, without the cable.
Result<terminal::Device> personalised(factory::Loader& loader, const wire::Dsn& dsn) {
  crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
  const auto request = TF_TRY(pki::CertificateRequest::make(dsn.text(), key));
  auto given = TF_TRY(loader.personalise({dsn, request.der()}, factory::FactorKind::random));
  terminal::Device device{.identity = {.dsn = dsn, .suites = std::move(given.suites), .factor = std::move(given.secrets.factor),
                                       .classic_dik2 = std::move(given.secrets.classic_dik2), .modern_dik2 = std::nullopt,
                                       .device_key = std::move(key), .device_chain = TF_TRY(pki::chain_from_der(given.chain)),
                                       .root = TF_TRY(pki::Certificate::from_der(given.root))},
                          .keys = {}};
  if (!given.secrets.modern_dik2.empty()) device.identity.modern_dik2.emplace(given.secrets.modern_dik2.reveal().first<32>());
  return device;
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
  platform::InitOptions init = TF_TRY(init_options(directory, kPort));
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
  out->server_ = TF_TRY(Server::start(program, directory, {.url = out->address().url, .root = *out->root_, .chain = {}, .key = {}}));
  return out;
}

terminal::PlatformAddress Scene::address() const { return {.url = fmt::format("https://127.0.0.1:{}", kPort)}; }

Result<Scene::Measured> Scene::fleet(rki::Suite suite, bool fresh, int share) {
  terminal::FleetOptions options;
  options.address = address();
  options.concurrency = kClients;
  options.fresh_connections = fresh;
  terminal::FleetProgress progress;
  std::vector<wire::Dsn>& waiting = fleets_[{suite, fresh}];
  const std::size_t count = waiting.size() / static_cast<std::size_t>(share);
  const std::vector<wire::Dsn> some(waiting.end() - static_cast<std::ptrdiff_t>(count), waiting.end());
  waiting.resize(waiting.size() - count, some.front());
  const double before = server_->cpu_us();
  const auto report = TF_TRY(terminal::run_fleet(devices_, some, options, clock_, random_, progress));
  const double used = server_->cpu_us() - before;
  if (report.failed != 0 || report.retries != 0)
    return Error{Code::internal, "bench.fleet", fmt::format("{} failed, {} retries: nothing was measured", report.failed, report.retries)};
  const auto done = static_cast<double>(report.completed);
  return Measured{used / done, done / report.seconds, fresh ? 1 : kClients / done};
}

Result<double> Scene::request_cpu_us() { return server_->request_cpu_us(kClientWorkUs); }
Result<double> Scene::handshake_cpu_us(double request_us) { return server_->handshake_cpu_us(kClientWorkUs, request_us); }

}  // namespace tf::bench
