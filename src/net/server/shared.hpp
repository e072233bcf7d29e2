// What the I/O threads of one listener share. Private to net/.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>

#include "net/server/server.hpp"
#include "net/server/server_metrics.hpp"
#include "net/server/server_tls.hpp"

namespace tf::net {

inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

inline std::int64_t steady_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}
inline std::int64_t in_us(std::chrono::milliseconds time) { return time.count() * 1000; }

struct Shared {
  ServerOptions options;
  Service service;
  ServerMetrics metrics;
  ContextSlot tls;
  std::atomic<std::size_t> connections{0};
  std::atomic<bool> draining{false};
  std::atomic<std::int64_t> cut_at_us{kNever};  // the end of the grace
};

}  // namespace tf::net
