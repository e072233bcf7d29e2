#include "tests/terminal_onboard/site.hpp"

#include "tests/support/deterministic.hpp"

namespace tf::terminal::test {

using tf::test::must;

Site::Site(Handler handler, const TlsIdentity* tls) : handler_(std::move(handler)), secure_(tls != nullptr) {
  net::ServerOptions options{.io_threads = 1, .kept_headers = {"authorization", "x-syncml-hmac"}};
  net::Service service{.handler = [this](const wire::HttpRequest& request) { return handle(request); }, .pool = std::make_shared<net::WorkerPool>(2, 16)};
  if (tls == nullptr) {
    must(server_.start_plain(options, std::move(service), registry_));
  } else {
    net::TlsServerConfig config{.key = net::share(tls->key.native())};
    for (const auto& each : tls->chain) config.chain.push_back(net::share(each.native()));
    must(server_.start(options, config, std::move(service), registry_));
  }
}

std::string Site::url() const { return (secure_ ? "https://localhost:" : "http://localhost:") + std::to_string(server_.port()); }

int Site::asked(const std::string& route) const { return static_cast<int>(requests(route).size()); }

std::vector<wire::HttpRequest> Site::requests(const std::string& route) const {
  const std::scoped_lock lock(mutex_);
  const auto found = requests_.find(route);
  return found == requests_.end() ? std::vector<wire::HttpRequest>() : found->second;
}

wire::HttpResponse Site::handle(const wire::HttpRequest& request) {
  constexpr std::string_view kPrefix = "/onboard/v1/";
  const std::string route = request.path.starts_with(kPrefix) ? request.path.substr(kPrefix.size()) : request.path;
  int count = 0;
  {
    const std::scoped_lock lock(mutex_);
    requests_[route].push_back(request);
    count = static_cast<int>(requests_[route].size());
  }
  if (before)
    if (auto instead = before(route, count)) return *instead;
  auto answer = [&] {
    static std::mutex one;
    const std::scoped_lock lock(one);
    return handler_(route, request);
  }();
  if (after)
    if (auto instead = after(route, count)) return *instead;
  return answer;
}

}  // namespace tf::terminal::test
