#include "bench/all/http_load.hpp"

#include <atomic>
#include <thread>

namespace tf::bench {

Status send(const HttpLoad& load) {
  std::atomic<int> next{0}, failed{0};
  const auto work = [&] {
    net::ClientOptions options;
    options.server = {.host = "127.0.0.1", .port = load.port, .tls = false};
    auto line = net::HttpClient::create(std::move(options));
    while (line && next++ < load.requests) {
      if (load.fresh) line->close();
      const auto response = line->request(load.next());
      if (!response || response->status != load.status || response->body.size() < load.least_bytes) ++failed;
    }
    if (!line) ++failed;
  };
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < load.clients; ++t) threads.emplace_back(work);
  }
  if (failed == 0) return {};
  return Error{Code::unavailable, "bench.load", std::to_string(failed) + " requests failed: nothing was measured"};
}

}  // namespace tf::bench
