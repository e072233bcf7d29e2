// What bare requests and handshakes cost the servers of onboard, in the company of devices.
#include <atomic>
#include <thread>

#include "bench/all/company.hpp"
#include "bench/all/measure.hpp"
#include "bench/all/onboard/scene.hpp"

namespace tf::bench {
Result<OnboardScene::Request> OnboardScene::request() const {
  std::vector<std::string> over_tls;
  for (const auto& [name, server] : servers_)
    if (name != "ocsp") over_tls.push_back(name);
  Request out;
  out.server = TF_TRY(bare(over_tls, 192, false)).server;
  const Cost fresh = TF_TRY(bare(over_tls, 48, true));
  out.handshake = fresh.server - out.server;
  out.client = TF_TRY(bare({"credentialing"}, 192, false)).client;
  out.plain = TF_TRY(bare({"ocsp"}, 192, false)).server;
  out.plain_fresh = TF_TRY(bare({"ocsp"}, 48, true)).server;
  return out;
}

// Each of the devices' threads asks one server after the other, at the pace of devices.
Result<OnboardScene::Cost> OnboardScene::bare(const std::vector<std::string>& servers, int times, bool fresh) const {
  std::atomic<int> failed{0};
  std::atomic<double> client_us{0};
  const double before = cpu_us();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kDevicesAtOnce; ++t)
      threads.emplace_back([&] {
        std::vector<Result<net::HttpClient>> lines;
        for (const std::string& name : servers) lines.push_back(line_to(name));
        double own = 0;
        for (int i = 0; i < times; ++i) {
          client_work(kDeviceWorkUs);
          auto& line = lines[static_cast<std::size_t>(i) % lines.size()];
          if (line && fresh) line->close();
          const double from = thread_cpu_us();
          const auto answer = line ? line->request({.method = "GET", .target = "/healthz", .content_type = {}, .body = {}, .headers = {}}) : Result<net::HttpResponse>(line.error());
          own += thread_cpu_us() - from;
          if (!answer || answer->status != 200) ++failed;
        }
        client_us += own;
      });
  }
  if (failed != 0) return Error{Code::unavailable, "bench.onboard", std::to_string(failed) + " requests failed"};
  return Cost{(cpu_us() - before) / (kDevicesAtOnce * times), client_us / (kDevicesAtOnce * times)};
}

}  // namespace tf::bench
