#include "net/server/connection.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>

#include "base/log.hpp"
#include "base/secret.hpp"
#include "net/server/io_thread.hpp"
#include "net/server/response.hpp"

namespace tf::net {
namespace {

constexpr int kRoundsInARow = 32;                  // then others have their turn
constexpr std::size_t kKeptBuffer = 16 * 1024;     // larger ones are given back between requests

// A body may have had a secret in it.
void forget(wire::HttpRequest& request) {
  wipe(request.body.data(), request.body.size());
  request = {};
}

}  // namespace

Connection::Connection(IoThread& thread, Shared& shared, Socket socket, std::string peer, SslHandle ssl)
    : thread_(thread), shared_(shared), socket_(std::move(socket)), fd_(socket_.native_handle()), ssl_(std::move(ssl)),
      peer_(std::move(peer)) {
  shared_.metrics.connections.add();
}

Connection::~Connection() {
  for (std::string* left : {&input_, &output_}) wipe(left->data(), left->size());
  shared_.metrics.connections.subtract();
  shared_.connections.fetch_sub(1);
}

void Connection::start() {
  enter(Phase::handshake, steady_us() + in_us(shared_.options.handshake_timeout));
  drive();
}

void Connection::enforce_deadline(std::int64_t now_us) {
  if (now_us < deadline_us_.load(std::memory_order_relaxed)) return;
  const Phase phase = phase_.load(std::memory_order_relaxed);
  // Where the peer can still be told why, only reading ends.
  const bool may_answer = phase == Phase::idle || phase == Phase::header || phase == Phase::body;
  ::shutdown(fd_, may_answer ? SHUT_RD : SHUT_RDWR);
}

void Connection::close_if_idle() {
  const Phase phase = phase_.load(std::memory_order_relaxed);
  if (phase == Phase::idle) ::shutdown(fd_, SHUT_RD);
  if (phase == Phase::handshake) cut();
}

void Connection::cut() { ::shutdown(fd_, SHUT_RDWR); }

void Connection::enter(Phase phase, std::int64_t deadline_us) {
  deadline_us_.store(deadline_us, std::memory_order_relaxed);
  phase_.store(phase, std::memory_order_relaxed);
}

bool Connection::expired() const { return steady_us() >= deadline_us_.load(std::memory_order_relaxed); }

void Connection::drive() {
  for (int i = 0; i < kRoundsInARow; ++i) {
    if (step() == Next::parked) return;
  }
  asio::post(socket_.get_executor(), [this] { drive(); });
}

Connection::Next Connection::step() {
  switch (phase_.load(std::memory_order_relaxed)) {
    case Phase::handshake: return handshake();
    case Phase::idle:
    case Phase::header:
    case Phase::body: return read_request();
    case Phase::writing: return write_response();
    case Phase::lingering: return linger();
    case Phase::working:
    case Phase::closed: break;
  }
  thread_.remove(*this);  // this is gone
  return Next::parked;
}

Connection::Next Connection::dispatch() {
  request_ = parser_->take_request();
  request_.peer_address = peer_;
  request_.client_certificate = client_certificate_;
  request_.psk_identity = psk_identity_;
  head_ = parser_->is_head();
  close_after_ = !parser_->keeps_alive();
  parser_.reset();
  ++requests_;
  const std::size_t most = shared_.options.max_requests_per_connection;
  if (most != 0 && requests_ >= most) close_after_ = true;
  enter(Phase::working, kNever);
  shared_.metrics.in_flight.add();
  if (shared_.metrics.in_flight.value() > shared_.options.max_in_flight) return shed();
  if (shared_.service.prompt && offer_promptly()) {
    if (!met_.exchange(true)) return Next::parked;  // whoever holds the answer goes on
    return respond_promptly();
  }
  WorkerPool* const other = shared_.service.pool_of ? shared_.service.pool_of(request_) : nullptr;
  return (other != nullptr ? other : shared_.service.pool.get())->try_submit(*this) ? Next::parked : shed();
}

Connection::Next Connection::shed() {
  forget(request_);
  shared_.metrics.in_flight.subtract();
  shared_.metrics.shed_requests.add();
  return respond(to_problem(Error{Code::overloaded, "net.queue_full", {}}));
}

bool Connection::offer_promptly() noexcept {
  met_.store(false, std::memory_order_relaxed);
  Answer answer(*this);
  try {
    if (shared_.service.prompt(request_, answer)) return true;
    answer.dismiss();
    return false;
  } catch (const std::exception& failure) {
    log::error(fmt::format("net: handler failed: {}", log::quoted(failure.what())));
  } catch (...) {
    log::error("net: handler failed");
  }
  return true;  // the answer, let go of, says so
}

// From the prompt handler itself, or later from any thread.
void Connection::answered(HttpResponse response) noexcept {
  response_ = std::move(response);
  if (response_.status == 500 && response_.body.empty()) response_ = to_problem(Error{Code::internal, "net.handler_failed", {}});
  if (!met_.exchange(true)) return;  // the handler still has the request; dispatch() will come to it
  asio::post(socket_.get_executor(), [this] {
    if (respond_promptly() == Next::again) drive();
  });
}

Connection::Next Connection::respond_promptly() {
  forget(request_);
  shared_.metrics.in_flight.subtract();
  return respond(std::move(response_));
}

// On a worker.
void Connection::run() noexcept {
  if (respond(handle()) == Next::again) asio::post(socket_.get_executor(), [this] { drive(); });
}

HttpResponse Connection::handle() noexcept {
  HttpResponse response;
  try {
    response = shared_.service.handler(request_);
  } catch (const std::exception& failure) {
    log::error(fmt::format("net: handler failed: {}", log::quoted(failure.what())));
    response = to_problem(Error{Code::internal, "net.handler_failed", {}});
  } catch (...) {
    log::error("net: handler failed");
    response = to_problem(Error{Code::internal, "net.handler_failed", {}});
  }
  forget(request_);
  shared_.metrics.in_flight.subtract();
  return response;
}

Connection::Next Connection::refuse(int status, const Error& error) {
  head_ = parser_ && parser_->is_head();
  close_after_ = true;  // where the next request would begin is not known
  parser_.reset();
  return respond(to_problem(status, error));
}

Connection::Next Connection::respond(HttpResponse response) {
  if (shared_.draining.load(std::memory_order_relaxed)) close_after_ = true;
  output_.clear();
  written_ = 0;
  append_response(output_, response, {.without_body = head_, .close = close_after_});
  wipe(response.body.data(), response.body.size());
  const std::int64_t now = steady_us();
  shared_.metrics.answered(response.status, now - request_began_us_);
  enter(Phase::writing, now + in_us(shared_.options.write_timeout));
  return write_response();
}

Connection::Next Connection::write_response() {
  while (written_ < output_.size()) {
    std::size_t count = 0;
    const Io io = send(output_.data() + written_, output_.size() - written_, count);
    if (io == Io::want_read || io == Io::want_write) return park(io);
    if (io != Io::done) return close(io);
    written_ += count;
  }
  wipe(output_.data(), output_.size());
  if (output_.capacity() > kKeptBuffer) output_ = {};
  if (close_after_ || shared_.draining.load(std::memory_order_relaxed)) return begin_linger();
  enter(Phase::idle, steady_us() + in_us(shared_.options.idle_timeout));
  if (!input_.empty() || (ssl_ && SSL_has_pending(ssl_.get()) == 1)) return Next::again;
  if (input_.capacity() > kKeptBuffer) input_ = {};
  return park(Io::want_read);
}

}  // namespace tf::net
