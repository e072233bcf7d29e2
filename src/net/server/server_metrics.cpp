#include "net/server/server_metrics.hpp"

#include <algorithm>

namespace tf::net {

ServerMetrics::ServerMetrics(metrics::Registry& registry, const std::string& listener)
    : requests{},
      seconds(registry.histogram("trustferry_http_request_seconds", "From the first byte of a request to its response.",
                                 metrics::latency_buckets(), {{"listener", listener}})),
      in_flight(
          registry.gauge("trustferry_http_requests_in_flight", "Requests being handled.", {{"listener", listener}})),
      connections(registry.gauge("trustferry_http_connections", "Open connections.", {{"listener", listener}})),
      accepted(
          registry.counter("trustferry_http_connections_total", "Connections accepted.", {{"listener", listener}})),
      shed_connections(registry.counter("trustferry_http_shed_total", "Refused because there was too much to do.",
                                        {{"listener", listener}, {"what", "connection"}})),
      shed_requests(registry.counter("trustferry_http_shed_total", "Refused because there was too much to do.",
                                     {{"listener", listener}, {"what", "request"}})),
      handshake_failures(registry.counter("trustferry_http_handshake_failures_total", "TLS handshakes that failed.",
                                          {{"listener", listener}})),
      timeouts(registry.counter("trustferry_http_timeouts_total", "Connections cut by a deadline.",
                                {{"listener", listener}})) {
  static constexpr const char* classes[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i] = &registry.counter("trustferry_http_requests_total", "Requests answered, by status class.",
                                    {{"listener", listener}, {"status", classes[i]}});
  }
}

void ServerMetrics::answered(int status, std::int64_t microseconds) {
  requests[static_cast<std::size_t>(std::clamp(status / 100, 1, 5)) - 1]->add();
  seconds.observe(static_cast<double>(microseconds) / 1e6);
}

}  // namespace tf::net
