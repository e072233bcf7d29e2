#include "platform/metrics_listener.hpp"

#include "net/problem.hpp"

namespace tf::platform {

Status MetricsListener::start(const std::optional<Listen>& at, std::function<std::string()> text, metrics::Registry& registry) {
  if (!at) return {};
  text_ = std::move(text);
  net::ServerOptions options;
  options.name = "metrics";
  options.address = at->address;
  options.port = at->port;
  options.max_connections = 64;
  const auto handle = [this](const wire::HttpRequest& request) -> wire::HttpResponse {
    if (request.path != "/metrics") return net::to_problem(Error{Code::not_found, "metrics.no_such_route", "only /metrics is here"});
    if (request.method != "GET") return net::to_problem(405, Error{Code::invalid, "metrics.method", "GET is expected here"});
    return {.status = 200, .content_type = std::string(metrics::Registry::content_type), .body = text_(), .headers = {}};
  };
  return server_.start_plain(std::move(options), {.handler = handle, .pool = std::make_shared<net::WorkerPool>(1)}, registry);
}

void MetricsListener::stop() { server_.stop(std::chrono::seconds(1)); }

}  // namespace tf::platform
