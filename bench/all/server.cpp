#include "bench/all/server.hpp"

#include <atomic>
#include <thread>

#include "base/file.hpp"
#include "bench/all/company.hpp"

namespace tf::bench {
namespace {

Result<std::unique_ptr<Child>> spawn_server(const std::string& program, const std::string& directory) {
  const std::string passphrase = directory + "/passphrase";
  TF_CHECK(write_private_file(passphrase, kPassphrase.reveal()));
  return Child::start({program, "serve", "--directory", directory + "/platform", "--passphrase-file", passphrase}, directory + "/server.log");
}

}  // namespace

Result<platform::InitOptions> init_options(const std::string& directory, int port) {
  platform::InitOptions out{.directory = directory + "/platform", .root_key_file = directory + "/root.key", .ranges = {TF_TRY(wire::DsnRange::parse("TF000000..TF999999"))},
                            .config = {}, .scrypt = {.n = 1 << 14}};
  out.config.terminals.port = static_cast<std::uint16_t>(port);
  out.config.admin.port = static_cast<std::uint16_t>(port + 1);
  return out;
}

Result<net::HttpClient> client_at(std::uint16_t port, const pki::Certificate& root) {
  net::ClientOptions options;
  options.server = {.host = "127.0.0.1", .port = port, .tls = true};
  options.anchors.push_back(TF_TRY(net::certificate_from_der(root.der())));
  return net::HttpClient::create(std::move(options));
}

Result<std::unique_ptr<Server>> Server::start(const std::string& program, const std::string& directory, Address address) {
  std::unique_ptr<Server> out(new Server(TF_TRY(spawn_server(program, directory)), std::move(address)));
  for (int tries = 0; tries < 100; ++tries) {
    if (out->requests(1, false, 0)) return out;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return Error{Code::unavailable, "bench.server", "the server did not come up; see " + directory + "/server.log"};
}

double Server::cpu_us() const { return child_->cpu_us(); }

Result<net::HttpClient> Server::client() const {
  net::ClientOptions options;
  options.server = TF_TRY(net::parse_base_url(address_.url));
  options.anchors.push_back(TF_TRY(net::certificate_from_der(address_.root.der())));
  for (const auto& certificate : address_.chain) options.chain.push_back(TF_TRY(net::certificate_from_der(certificate.der())));
  options.key = address_.key;
  return net::HttpClient::create(std::move(options));
}

Result<double> Server::requests(int count, bool fresh, double pause_us) const {
  std::atomic<int> failed{0};
  const double before = cpu_us();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < std::min(kClients, count); ++t) {
      threads.emplace_back([&] {
        auto own = client();
        for (int i = 0; own && i < std::max(1, count / kClients); ++i) {
          if (fresh) own->close();
          const auto response = own->request({.method = "GET", .target = "/healthz", .content_type = {}, .body = {}, .headers = {}});
          if (!response || response->status != 200) ++failed;
          if (pause_us > 0) client_work(pause_us);
        }
      });
    }
  }
  if (failed > 0) return Error{Code::unavailable, "bench.requests", std::to_string(failed) + " requests failed"};
  return (cpu_us() - before) / std::max(std::min(kClients, count), count / kClients * kClients);
}

Result<double> Server::request_cpu_us(double pause_us) const { return requests(12'000, false, pause_us); }
Result<double> Server::handshake_cpu_us(double pause_us, double request_us) const { return TF_TRY(requests(1600, true, pause_us)) - request_us; }

}  // namespace tf::bench
