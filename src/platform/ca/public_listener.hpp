// The listener for everybody: revocation lists and OCSP, over plain HTTP, as both are signed (RFC 5280 §8, RFC 9919 §7). Parts hook their
// routes in before it starts; what no route takes is 404.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "net/server/server.hpp"
#include "platform/config.hpp"

namespace tf::platform {

class PublicListener {
 public:
  // A path is the prefix's when it is equal to it or goes on behind it with '/'; the longest prefix counts. A method that the route does
  // not name is 405.
  struct Route {
    std::string prefix;                // "/crl"
    std::vector<std::string> methods;  // "GET" (HEAD comes as GET), "POST"
    net::PromptHandler prompt{};       // on the I/O thread: must not wait
    net::Handler handler{};            // on the worker pool; one of the two
  };
  void add(Route route) { routes_.push_back(std::move(route)); }

  Status start(const Listen& listen, std::size_t connections, std::shared_ptr<net::WorkerPool> pool, metrics::Registry& registry);
  void stop(std::chrono::milliseconds grace) { server_.stop(grace); }
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }  // 0: not started
  // As the server would.
  [[nodiscard]] const Route* route_of(const std::string& path) const;

 private:
  bool promptly(const wire::HttpRequest& request, net::Answer& answer) const;
  [[nodiscard]] wire::HttpResponse waiting(const wire::HttpRequest& request) const;

  std::vector<Route> routes_;
  net::HttpServer server_;
};

}  // namespace tf::platform
