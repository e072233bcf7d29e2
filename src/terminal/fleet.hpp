// Many devices at once, for the demo and for load: some threads, each carrying one device after another through its
// download over its own connection.
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "terminal/device_store.hpp"
#include "terminal/download.hpp"
#include "terminal/http_transport.hpp"

namespace tf::terminal {

struct FleetOptions {
  PlatformAddress address;
  int concurrency = 32;
  bool again = false;             // download although the set is complete
  bool fresh_connections = false; // a TLS connection for each download instead of a kept one
  Patience patience;
};

// Watched by a progress bar while the fleet runs; stop ends it after the downloads in flight.
struct FleetProgress {
  std::atomic<std::int64_t> total{0};
  std::atomic<std::int64_t> done{0};
  std::atomic<std::int64_t> failed{0};
  std::atomic<bool> stop{false};
};

struct FleetReport {
  std::int64_t terminals = 0;   // in the fleet
  std::int64_t skipped = 0;     // complete already
  std::int64_t completed = 0;
  std::int64_t failed = 0;
  std::int64_t refused = 0;     // of the failed: one side did not prove itself
  std::int64_t keys = 0;
  std::int64_t retries = 0;
  std::map<std::string, std::int64_t> suites;  // completed, by suite
  double seconds = 0;
  std::vector<double> latencies_ms;            // of the completed, ascending
  std::vector<std::string> first_errors;       // at most ten, "DSN: what"

  [[nodiscard]] double percentile_ms(double share) const;
};

Result<FleetReport> run_fleet(const DeviceStore& devices, const std::vector<wire::Dsn>& fleet, const FleetOptions& options,
                              const Clock& clock, Random& random, FleetProgress& progress);

}  // namespace tf::terminal
