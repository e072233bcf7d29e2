// What a listener counts. Private to net/.
#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "metrics/registry.hpp"

namespace tf::net {

struct ServerMetrics {
  ServerMetrics(metrics::Registry& registry, const std::string& listener);
  void answered(int status, std::int64_t microseconds);

  std::array<metrics::Counter*, 5> requests;  // by the first digit of the status
  metrics::Histogram& seconds;
  metrics::Gauge& in_flight;
  metrics::Gauge& connections;
  metrics::Counter& accepted;
  metrics::Counter& shed_connections;
  metrics::Counter& shed_requests;
  metrics::Counter& handshake_failures;
  metrics::Counter& timeouts;
};

}  // namespace tf::net
