#include "bench/all/company.hpp"

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "base/ports.hpp"
#include "bench/all/child.hpp"
#include "bench/all/measure.hpp"
#include "bench/all/server.hpp"
#include "crypto/keys.hpp"

namespace tf::bench {

void client_work(double us) {
  static const std::string text(400, 'm');
  static const crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
  static const crypto::PublicKey known = key.public_key();
  for (const double until = thread_cpu_us() + us; thread_cpu_us() < until;) {
    const auto signature = crypto::sign_es256(key, as_bytes(text));
    if (!signature || !crypto::verify_es256(known, as_bytes(text), *signature)) std::abort();
  }
}

Result<std::unique_ptr<Company>> Company::start(double client_us) {
  std::unique_ptr<Company> out(new Company(client_us));
  share_processors(Share::servers);  // a thread has those of who starts it
  const Status listening = out->listen();
  share_processors(Share::ours);
  TF_CHECK(listening);
  return out;
}

Status Company::listen() {
  SystemRandom random;
  psk_ = std::make_shared<const net::Psk>(net::Psk{"bench", Secret<32>(random.array<32>())});
  net::ServerOptions options{.name = "company", .io_threads = 1};
  options.idle_timeout = std::chrono::minutes(10);
  net::Service service;
  service.pool = std::make_shared<net::WorkerPool>(1, 1);
  service.prompt = [this](const net::HttpRequest&, net::Answer& answer) {
    if (left_ > 0) {
      --left_;
      const double before = thread_cpu_us();
      (*call_)();
      used_us_ += thread_cpu_us() - before;
    }
    answer({.status = 200, .content_type = {}, .body = {}, .headers = {}});
    return true;
  };
  service.handler = [](const net::HttpRequest&) { return net::HttpResponse{.status = 500, .content_type = {}, .body = {}, .headers = {}}; };
  return server_.start(std::move(options), {.psk = [psk = psk_](const std::string&) { return std::optional(psk->key.clone()); }}, std::move(service), registry_);
}

Result<double> Company::cpu_us(int calls, store::FunctionRef<void()> call) {
  call();  // what is done once
  call_ = &call, left_ = calls, used_us_ = 0;
  TF_CHECK(ask(calls));
  return used_us_ / calls;
}

Status Company::ask(int requests) const {
  std::atomic<int> next{0}, failed{0};
  const auto work = [&] {
    auto line = net::HttpClient::create({.server = {"127.0.0.1", server_.port(), true}, .psk = psk_});
    while (line && next++ < requests) {
      client_work(client_us_);
      const auto response = line->request({.method = "GET", .target = "/", .content_type = {}, .body = {}, .headers = {}});
      if (!response || response->status != 200) ++failed;
    }
    if (!line) ++failed;
  };
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kClients; ++t) threads.emplace_back(work);
  }
  if (failed == 0) return {};
  return Error{Code::unavailable, "bench.company", std::to_string(failed) + " requests failed: nothing was measured"};
}

}  // namespace tf::bench
