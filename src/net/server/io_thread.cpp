#include "net/server/io_thread.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>

#include <algorithm>

#include "base/log.hpp"

namespace tf::net {
namespace {

constexpr std::size_t kScratch = 17 * 1024;  // a TLS record and some
constexpr std::chrono::milliseconds kOften{50}, kSeldom{250};
constexpr std::chrono::milliseconds kAcceptPause{100};

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

std::string text_of(const asio::ip::tcp::endpoint& endpoint) {
  const bool v6 = endpoint.address().is_v6();
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", endpoint.address().to_string(), v6 ? "]" : "", endpoint.port());
}

}  // namespace

std::chrono::milliseconds watch_every(const ServerOptions& options) {
  const auto shortest = std::min({options.handshake_timeout, options.header_timeout, options.body_timeout, options.idle_timeout, options.write_timeout});
  return std::clamp(shortest / 20, kOften, kSeldom);
}

IoThread::IoThread(Shared& shared)
    : shared_(shared), acceptor_(io_.get_executor()), timer_(io_.get_executor()), retry_(io_.get_executor()),
      every_(watch_every(shared.options)), scratch_(kScratch) {}

Result<std::uint16_t> IoThread::listen(const asio::ip::tcp::endpoint& endpoint) {
  const auto failed = [&](boost::system::error_code ec) {
    return Error{Code::unavailable, "net.listen", text_of(endpoint) + ": " + ec.message()};
  };
  boost::system::error_code ec;
  acceptor_.open(endpoint.protocol(), ec);
  if (!ec) acceptor_.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor_.set_option(ReusePort(true), ec);
  if (!ec) acceptor_.bind(endpoint, ec);
  if (!ec) acceptor_.listen(asio::socket_base::max_listen_connections, ec);
  if (ec) return failed(ec);
  const auto bound = acceptor_.local_endpoint(ec);
  if (ec) return failed(ec);
  return bound.port();
}

Status IoThread::check_free(const asio::ip::tcp::endpoint& endpoint) {
  asio::io_context io;
  asio::ip::tcp::acceptor probe(io);
  boost::system::error_code ec;
  probe.open(endpoint.protocol(), ec);
  if (!ec) probe.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) probe.bind(endpoint, ec);
  if (!ec) return {};
  return Error{Code::unavailable, "net.listen", text_of(endpoint) + ": " + ec.message()};
}

void IoThread::start() {
  accept_next();
  tick();
  thread_ = std::thread([this] { io_.run(); });
}

void IoThread::begin_drain() {
  asio::post(io_.get_executor(), [this] {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel();
    timer_.cancel();
    tick();
  });
}

void IoThread::join() {
  if (thread_.joinable()) thread_.join();
}

void IoThread::accept_next() {
  acceptor_.async_accept([this](boost::system::error_code ec, Socket socket) { on_accept(ec, std::move(socket)); });
}

void IoThread::on_accept(boost::system::error_code ec, Socket socket) {
  if (!acceptor_.is_open()) return;
  if (!ec) {
    admit(std::move(socket));
    return accept_next();
  }
  // Out of file descriptors, mostly: trying again at once would only burn the processor.
  log::warn(fmt::format("net: accept failed: {}", ec.message()));
  retry_.expires_after(kAcceptPause);
  retry_.async_wait([this](boost::system::error_code stopped) {
    if (!stopped && acceptor_.is_open()) accept_next();
  });
}

void IoThread::admit(Socket socket) {
  if (shared_.connections.fetch_add(1) >= shared_.options.max_connections) {
    shared_.connections.fetch_sub(1);
    shared_.metrics.shed_connections.add();
    return;
  }
  boost::system::error_code ec;
  const auto peer = socket.remote_endpoint(ec);
  if (!ec) socket.set_option(asio::ip::tcp::no_delay(true), ec);
  if (!ec) socket.native_non_blocking(true, ec);
  const SslContext context = shared_.tls.get();
  SslHandle ssl = ec || !context ? nullptr : new_ssl(context.get(), socket.native_handle());
  if (ec || (context && !ssl)) {
    shared_.connections.fetch_sub(1);
    return;
  }
  shared_.metrics.accepted.add();
  auto connection = std::make_unique<Connection>(*this, shared_, std::move(socket), text_of(peer), std::move(ssl));
  Connection& admitted = *connection;
  admitted.place = connections_.insert(connections_.end(), std::move(connection));
  admitted.start();
}

void IoThread::remove(Connection& connection) {
  connections_.erase(connection.place);
  if (connections_.empty() && shared_.draining.load(std::memory_order_relaxed)) timer_.cancel();
}

// Deadlines by looking at all of them now and then: a timer for each connection would cost every request more than
// this. Looking wakes a thread that has nothing else to do, so it is done no oftener than deadlines want it.
void IoThread::tick() {
  const std::int64_t now = steady_us();
  const bool draining = shared_.draining.load(std::memory_order_relaxed);
  const bool cutting = now >= shared_.cut_at_us.load(std::memory_order_relaxed);
  for (const auto& connection : connections_) {
    if (cutting) connection->cut();
    if (draining) connection->close_if_idle();
    connection->enforce_deadline(now);
  }
  if (draining && connections_.empty()) return;
  timer_.expires_after(draining ? kOften : every_);
  timer_.async_wait([this](boost::system::error_code stopped) {
    if (!stopped) tick();
  });
}

}  // namespace tf::net
