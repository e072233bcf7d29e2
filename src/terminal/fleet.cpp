#include "terminal/fleet.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>

namespace tf::terminal {
namespace {

using SteadyClock = std::chrono::steady_clock;

double ms_since(SteadyClock::time_point start) {
  return std::chrono::duration<double, std::milli>(SteadyClock::now() - start).count();
}

class Fleet {
 public:
  Fleet(const DeviceStore& devices, const std::vector<wire::Dsn>& fleet, const FleetOptions& options, const Clock& clock, Random& random,
        FleetProgress& progress)
      : devices_(devices), fleet_(fleet), options_(options), clock_(clock), random_(random), progress_(progress) {}

  FleetReport run() {
    progress_.total = static_cast<std::int64_t>(fleet_.size());
    const auto start = SteadyClock::now();
    {
      std::vector<std::jthread> threads;
      const auto count = std::min<std::size_t>(static_cast<std::size_t>(options_.concurrency), fleet_.size());
      for (std::size_t i = 0; i < count; ++i) threads.emplace_back([this] { work(); });
    }
    report_.seconds = ms_since(start) / 1000;
    report_.terminals = static_cast<std::int64_t>(fleet_.size());
    std::ranges::sort(report_.latencies_ms);
    return std::move(report_);
  }

 private:
  void work() {
    std::optional<HttpTransport> transport;
    while (!progress_.stop) {
      const std::size_t index = next_++;
      if (index >= fleet_.size()) return;
      if (options_.fresh_connections) transport.reset();
      carry(fleet_[index], transport);
      ++progress_.done;
    }
  }

  void carry(const wire::Dsn& dsn, std::optional<HttpTransport>& transport) {
    auto device = devices_.load(dsn);
    if (!device) return note_failure(dsn, device.error());
    if (device->complete() && !options_.again) return note_skipped();
    if (!transport) {
      auto made = HttpTransport::create(options_.address, device->identity.root);
      if (!made) return note_failure(dsn, made.error());
      transport.emplace(std::move(*made));
    }
    const auto start = SteadyClock::now();
    const auto save = [this](const Device& changed) { return devices_.save(changed); };
    const auto done = download(*device, *transport, {clock_, random_, &known_}, save, options_.patience);
    if (!done) return note_failure(dsn, done.error());
    const double latency = ms_since(start);
    const std::lock_guard lock(mutex_);
    ++report_.completed;
    report_.keys += done->keys;
    report_.retries += done->retries;
    ++report_.suites[std::string(rki::name_of(done->suite))];
    report_.latencies_ms.push_back(latency);
  }

  void note_skipped() {
    const std::lock_guard lock(mutex_);
    ++report_.skipped;
  }

  void note_failure(const wire::Dsn& dsn, const Error& error) {
    ++progress_.failed;
    const std::lock_guard lock(mutex_);
    ++report_.failed;
    if (error.code == Code::refused) ++report_.refused;
    if (report_.first_errors.size() < 10) report_.first_errors.push_back(dsn.text() + ": " + describe(error));
  }

  const DeviceStore& devices_;
  const std::vector<wire::Dsn>& fleet_;
  const FleetOptions& options_;
  const Clock& clock_;
  Random& random_;
  rki::KnownPlatform known_;
  FleetProgress& progress_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  FleetReport report_;
};

}  // namespace

double FleetReport::percentile_ms(double share) const {
  if (latencies_ms.empty()) return 0;
  const auto index = static_cast<std::size_t>(share * static_cast<double>(latencies_ms.size() - 1) + 0.5);
  return latencies_ms[std::min(index, latencies_ms.size() - 1)];
}

Result<FleetReport> run_fleet(const DeviceStore& devices, const std::vector<wire::Dsn>& fleet, const FleetOptions& options,
                              const Clock& clock, Random& random, FleetProgress& progress) {
  if (fleet.empty()) return Error{Code::not_found, "terminal.no_fleet", "no personalised device in the directory"};
  if (options.concurrency < 1 || options.concurrency > 1024)
    return Error{Code::invalid, "terminal.concurrency", "concurrency is 1 to 1024"};
  return Fleet(devices, fleet, options, clock, random, progress).run();
}

}  // namespace tf::terminal
