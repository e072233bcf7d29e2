// A process's metrics (Prometheus' text) at an address of their own, over plain HTTP: what devices and the public reach does not have them.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "net/server/server.hpp"
#include "platform/config/listen.hpp"

namespace tf::platform {

class MetricsListener {
 public:
  // GET /metrics gives text(), from a thread of the listener. Without an address there is none. Code::unavailable "net.…" when it is taken.
  Status start(const std::optional<Listen>& at, std::function<std::string()> text, metrics::Registry& registry);
  void stop();
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }

 private:
  std::function<std::string()> text_;
  net::HttpServer server_;
};

}  // namespace tf::platform
