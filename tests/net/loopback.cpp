// Measures the server by hand: listens on loopback, answers "{}" to /pool on the worker pool and to /inline on the I/O
// thread, and says at the end of its input what a request cost. With "handshakes <n>" it connects to itself n times.
//   net_loopback [threads]   then: wrk -t1 -c32 -d5 https://127.0.0.1:<port>/pool
#include <sys/resource.h>

#include <cstdio>
#include <iostream>

#include "net/client/client.hpp"
#include "net/server/server.hpp"
#include "tests/net/certificates.hpp"

namespace {

double cpu_us(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

void report(tf::metrics::Registry& registry, double& last_cpu, double& last_count) {
  const double cpu = cpu_us(RUSAGE_SELF);
  const auto count = static_cast<double>(
      registry.counter("trustferry_http_requests_total", "", {{"listener", "main"}, {"status", "2xx"}}).value());
  std::printf("requests %.0f, server CPU %.2f us a request\n", count - last_count,
              (cpu - last_cpu) / (count - last_count));
  std::fflush(stdout);
  last_cpu = cpu;
  last_count = count;
}

}  // namespace

int main(int count, char** arguments) {
  using namespace tf::net;
  const int threads = count > 1 ? std::atoi(arguments[1]) : 2;
  const int workers = count > 2 ? std::atoi(arguments[2]) : 64;
  const test::Identity root = test::make_identity({.name = "root", .is_authority = true});
  const test::Identity leaf = test::make_identity({.name = "leaf", .alternative_name = "IP:127.0.0.1"}, &root);
  tf::metrics::Registry registry;
  HttpServer server;
  Service service{[](const HttpRequest&) {
                    return HttpResponse{200, "application/json", "{}", {}};
                  },
                  std::make_shared<WorkerPool>(workers, 1024),
                  [](const HttpRequest& r) { return r.path == "/inline"; }};
  ServerOptions options;
  options.io_threads = threads;
  if (!server.start(options, {{leaf.certificate}, leaf.key, {}, false}, std::move(service), registry)) return 1;
  std::printf("https://127.0.0.1:%d/pool and /inline\n", server.port());
  std::fflush(stdout);
  double last_cpu = cpu_us(RUSAGE_SELF);
  double last_count = 0;
  for (std::string line; std::getline(std::cin, line);) {
    if (line.starts_with("handshakes ")) {
      const int rounds = std::atoi(line.c_str() + 11);
      double own = 0;
      const double before = cpu_us(RUSAGE_SELF);
      for (int i = 0; i < rounds; ++i) {
        const double start = cpu_us(RUSAGE_THREAD);
        auto client = HttpClient::create({.server = {"127.0.0.1", server.port()}, .anchors = {root.certificate}});
        if (!client || !client->request({.target = "/inline"})) return 2;
        client->close();
        own += cpu_us(RUSAGE_THREAD) - start;
      }
      std::printf("server CPU %.0f us a connection with one request\n", (cpu_us(RUSAGE_SELF) - before - own) / rounds);
      std::fflush(stdout);
    } else {
      report(registry, last_cpu, last_count);
    }
  }
  return 0;
}
