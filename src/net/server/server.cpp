#include "net/server/server.hpp"

#include <boost/asio/ip/address.hpp>

#include "net/server/io_thread.hpp"

namespace tf::net {

struct HttpServer::Parts {
  Shared shared;
  std::vector<std::unique_ptr<IoThread>> threads{};
  std::uint16_t port = 0;
};

HttpServer::HttpServer() = default;
HttpServer::~HttpServer() { stop(std::chrono::milliseconds(0)); }

Status HttpServer::start(ServerOptions options, const TlsServerConfig& tls, Service service,
                         metrics::Registry& registry) {
  return listen(std::move(options), TF_TRY(server_context(tls)), std::move(service), registry);
}

Status HttpServer::start_plain(ServerOptions options, Service service, metrics::Registry& registry) {
  return listen(std::move(options), nullptr, std::move(service), registry);
}

Status HttpServer::listen(ServerOptions options, std::shared_ptr<ssl_ctx_st> context, Service service,
                          metrics::Registry& registry) {
  if (parts_ || !service.handler || !service.pool || options.io_threads < 1 || options.io_threads > 256) {
    return Error{Code::invalid, "net.options", {}};
  }
  boost::system::error_code ec;
  const auto address = asio::ip::make_address(options.address, ec);
  if (ec) return Error{Code::invalid, "net.options", "not an address: " + options.address};

  ServerMetrics metrics(registry, options.name);
  auto parts = std::unique_ptr<Parts>(new Parts{.shared = {std::move(options), std::move(service), metrics, {}}});
  parts->shared.tls.set(std::move(context));
  parts->port = parts->shared.options.port;
  for (int i = 0; i < parts->shared.options.io_threads; ++i) {
    auto thread = std::make_unique<IoThread>(parts->shared);
    if (parts->threads.empty() && parts->port != 0) TF_CHECK(IoThread::check_free({address, parts->port}));
    parts->port = TF_TRY(thread->listen({address, parts->port}));
    parts->threads.push_back(std::move(thread));
  }
  for (const auto& thread : parts->threads) thread->start();
  parts_ = std::move(parts);
  return {};
}

std::uint16_t HttpServer::port() const { return parts_ ? parts_->port : 0; }

Status HttpServer::replace_tls(const TlsServerConfig& tls) {
  if (!parts_) return Error{Code::invalid, "net.options", "not started"};
  if (!parts_->shared.tls.get()) return Error{Code::invalid, "net.options", "a listener without TLS"};
  parts_->shared.tls.set(TF_TRY(server_context(tls)));
  return {};
}

void HttpServer::stop(std::chrono::milliseconds grace) {
  if (!parts_) return;
  parts_->shared.cut_at_us.store(steady_us() + in_us(grace));
  parts_->shared.draining.store(true);
  for (const auto& thread : parts_->threads) thread->begin_drain();
  for (const auto& thread : parts_->threads) thread->join();
}

}  // namespace tf::net
