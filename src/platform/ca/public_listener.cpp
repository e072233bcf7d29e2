#include "platform/ca/public_listener.hpp"

#include <algorithm>

#include "net/problem.hpp"

namespace tf::platform {
namespace {

bool begins(const std::string& path, const std::string& prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || prefix == "/" || path[prefix.size()] == '/');
}

bool takes(const PublicListener::Route& route, const std::string& method) { return std::ranges::find(route.methods, method) != route.methods.end(); }

wire::HttpResponse nothing_here() { return net::to_problem(Error{Code::not_found, "public.no_such_route", "there is nothing at this path"}); }

}  // namespace

const PublicListener::Route* PublicListener::route_of(const std::string& path) const {
  const Route* found = nullptr;
  for (const Route& route : routes_)
    if (begins(path, route.prefix) && (found == nullptr || route.prefix.size() > found->prefix.size())) found = &route;
  return found;
}

bool PublicListener::promptly(const wire::HttpRequest& request, net::Answer& answer) const {
  const Route* route = route_of(request.path);
  if (route != nullptr && takes(*route, request.method)) return route->prompt && route->prompt(request, answer);
  answer(route == nullptr ? nothing_here() : net::to_problem(405, Error{Code::invalid, "public.method", "another method is expected here"}));
  return true;
}

wire::HttpResponse PublicListener::waiting(const wire::HttpRequest& request) const {
  const Route* route = route_of(request.path);
  return route != nullptr && route->handler ? route->handler(request) : nothing_here();
}

Status PublicListener::start(const Listen& listen, std::size_t connections, std::shared_ptr<net::WorkerPool> pool, metrics::Registry& registry) {
  net::ServerOptions options;
  options.name = "public";
  options.address = listen.address;
  options.port = listen.port;
  options.max_connections = connections;
  options.raw_below = "/ocsp/";
  options.kept_headers = {"if-none-match"};
  return server_.start_plain(std::move(options),
                             {.handler = [this](const wire::HttpRequest& request) { return waiting(request); },
                              .pool = std::move(pool),
                              .prompt = [this](const wire::HttpRequest& request, net::Answer& answer) { return promptly(request, answer); }},
                             registry);
}

}  // namespace tf::platform
