// The reading half of a connection, and its beginning and end.
#include <sys/socket.h>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cerrno>

#include "net/body.hpp"
#include "net/server/connection.hpp"
#include "net/server/io_thread.hpp"

namespace tf::net {
namespace {

constexpr std::int64_t kLingerUs = 2'000'000;
constexpr std::int64_t kLingerWhileDrainingUs = 250'000;
constexpr std::size_t kMostDrained = 1024 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

Connection::Io Connection::result_of(int returned) {
  if (returned == 1) return Io::done;
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ: return Io::want_read;
    case SSL_ERROR_WANT_WRITE: return Io::want_write;
    case SSL_ERROR_ZERO_RETURN: return Io::ended;
    default: break;
  }
  // An end without a farewell is an end as well; nothing half read is ever used.
  const bool bare_end = ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  return bare_end ? Io::ended : Io::failed;
}

namespace {

// MSG_NOSIGNAL: a peer that has gone is an answer, not a signal.
template <class Transfer>
ssize_t uninterrupted(const Transfer& transfer) {
  ssize_t count = 0;
  do count = transfer();
  while (count < 0 && errno == EINTR);
  return count;
}
bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

}  // namespace

Connection::Io Connection::receive(MutableByteView into, std::size_t& count) {
  if (ssl_) {
    ERR_clear_error();
    return result_of(SSL_read_ex(ssl_.get(), into.data(), into.size(), &count));
  }
  const ssize_t got = uninterrupted([&] { return ::recv(fd_, into.data(), into.size(), 0); });
  if (got < 0) return would_block() ? Io::want_read : Io::failed;
  count = static_cast<std::size_t>(got);
  return got == 0 ? Io::ended : Io::done;
}

Connection::Io Connection::send(const char* data, std::size_t size, std::size_t& count) {
  if (ssl_) {
    ERR_clear_error();
    return result_of(SSL_write_ex(ssl_.get(), data, size, &count));
  }
  const ssize_t sent = uninterrupted([&] { return ::send(fd_, data, size, MSG_NOSIGNAL); });
  if (sent < 0) return would_block() ? Io::want_write : Io::failed;
  count = static_cast<std::size_t>(sent);
  return Io::done;
}

Connection::Next Connection::park(Io io) {
  // Nothing of this object may be touched after the wait has begun.
  const auto kind = io == Io::want_write ? Socket::wait_write : Socket::wait_read;
  socket_.async_wait(kind, [this](boost::system::error_code) { drive(); });
  return Next::parked;
}

Connection::Next Connection::handshake() {
  if (!ssl_) {
    enter(Phase::idle, steady_us() + in_us(shared_.options.header_timeout));
    return Next::again;
  }
  ERR_clear_error();
  const Io io = result_of(SSL_accept(ssl_.get()));
  if (io == Io::want_read || io == Io::want_write) return park(io);
  if (io != Io::done) {
    shared_.metrics.handshake_failures.add();
    if (expired()) shared_.metrics.timeouts.add();
    return close(Io::failed);
  }
  client_certificate_ = verified_certificate(ssl_.get());
  psk_identity_ = psk_identity(ssl_.get());
  enter(Phase::idle, steady_us() + in_us(shared_.options.header_timeout));
  return Next::again;
}

Connection::Next Connection::read_request() {
  while (true) {
    if (!input_.empty()) {
      if (!parser_) {
        const ServerOptions& limits = shared_.options;
        parser_.emplace(limits, client_certificate_ ? limits.max_body_bytes : std::min(limits.max_body_bytes, limits.max_unknown_body_bytes));
        request_began_us_ = steady_us();
        enter(Phase::header, request_began_us_ + in_us(shared_.options.header_timeout));
      }
      const auto progress = parser_->feed(input_);
      if (progress == RequestParser::Progress::complete) return dispatch();
      if (progress == RequestParser::Progress::refused) return refuse(parser_->status(), parser_->error());
      if (parser_->header_complete() && phase_.load(std::memory_order_relaxed) == Phase::header) {
        enter(Phase::body, steady_us() + in_us(shared_.options.body_timeout));
        if (parser_->wants_continue() && !send_continue()) return close(Io::failed);
      }
    }
    if (expired()) {
      shared_.metrics.timeouts.add();
      if (!parser_) return close(Io::ended);
      return refuse(408, Error{Code::unavailable, "net.request_timeout", {}});
    }
    std::size_t count = 0;
    const MutableByteView scratch = thread_.scratch();
    const Io io = receive(scratch, count);
    if (io == Io::want_read || io == Io::want_write) return park(io);
    if (io != Io::done) return close(io);
    append_body(input_, as_text(scratch.first(count)));
    wipe(scratch.data(), count);
  }
}

// A few bytes on an empty socket: what does not fit at once is a peer in trouble.
bool Connection::send_continue() {
  std::size_t count = 0;
  return send(kContinue.data(), kContinue.size(), count) == Io::done && count == kContinue.size();
}

// The socket is read to its end before it is closed: closing it with bytes unread makes the kernel send a reset, and
// the reset can destroy the response on its way.
Connection::Next Connection::begin_linger() {
  ERR_clear_error();
  if (ssl_ && SSL_shutdown(ssl_.get()) < 0) return close(Io::failed);
  ::shutdown(fd_, SHUT_WR);
  const bool draining = shared_.draining.load(std::memory_order_relaxed);
  enter(Phase::lingering, steady_us() + (draining ? kLingerWhileDrainingUs : kLingerUs));
  return park(Io::want_read);
}

Connection::Next Connection::linger() {
  while (drained_ < kMostDrained && !expired()) {
    const MutableByteView scratch = thread_.scratch();
    const ssize_t count = ::recv(fd_, scratch.data(), scratch.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return park(Io::want_read);
    if (count <= 0) break;
    drained_ += static_cast<std::size_t>(count);
  }
  return close(Io::failed);
}

// The next step, on the I/O thread, takes the connection off its list.
Connection::Next Connection::close(Io why) {
  if (why == Io::ended && ssl_) {
    ERR_clear_error();
    static_cast<void>(SSL_shutdown(ssl_.get()));  // our farewell, if it still fits
  }
  enter(Phase::closed, kNever);
  return Next::again;
}

}  // namespace tf::net
