#include "simulate/ewallet/relay.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace tf::simulate::ewallet {
namespace {

constexpr int kGlance_ms = 200;  // how often it is looked whether to stop

Error failed(const std::string& what) {
  return {Code::unavailable, "simulate.listen", what + ": " + std::generic_category().message(errno)};
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

void at_once(int fd) {
  const int on = 1;
  static_cast<void>(::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
}

// One read and as many writes as it needs; false at the end.
bool move_some(int from, int to) {
  std::array<char, 16384> buffer;
  const ssize_t got = ::recv(from, buffer.data(), buffer.size(), 0);
  if (got <= 0) return false;
  for (ssize_t sent = 0; sent < got;) {
    const ssize_t count = ::send(to, buffer.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += count;
  }
  return true;
}

}  // namespace

Relay::~Relay() { stop(); }

Status Relay::start(const std::string& address, std::uint16_t port, std::uint16_t to) {
  to_ = to;
  listener_ = net::Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in at = loopback(port);
  if (::inet_pton(AF_INET, address.c_str(), &at.sin_addr) != 1) return Error{Code::invalid, "simulate.listen", "an IPv4 address is needed"};
  const int on = 1;
  static_cast<void>(::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
  if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 || ::listen(listener_.get(), 128) != 0)
    return failed(address);
  socklen_t size = sizeof at;
  if (::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&at), &size) != 0) return failed(address);
  port_ = ntohs(at.sin_port);
  thread_ = std::thread([this] { accept_loop(); });
  return {};
}

void Relay::accept_loop() {
  while (!stopping_) {
    pollfd wait{listener_.get(), POLLIN, 0};
    if (::poll(&wait, 1, kGlance_ms) == 1) accept_one();
    std::erase_if(lines_, [](const std::unique_ptr<Line>& line) {
      if (!line->ended) return false;
      line->thread.join();
      return true;
    });
  }
}

void Relay::accept_one() {
  auto line = std::make_unique<Line>();
  line->outer = net::Descriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  line->inner = net::Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in server = loopback(to_);
  sockaddr_in own{};
  socklen_t size = sizeof own;
  if (line->outer.get() < 0 || ::connect(line->inner.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0 ||
      ::getsockname(line->inner.get(), reinterpret_cast<sockaddr*>(&own), &size) != 0)
    return;
  at_once(line->outer.get());
  at_once(line->inner.get());
  const std::string peer = "127.0.0.1:" + std::to_string(ntohs(own.sin_port));
  Line& open = *line;
  {
    const std::lock_guard lock(mutex_);
    by_peer_[peer] = &open;
  }
  lines_.push_back(std::move(line));
  open.thread = std::thread([this, &open, peer] { pass_on(open, peer); });
}

void Relay::pass_on(Line& line, const std::string& peer) {
  std::array<pollfd, 2> both{{{line.outer.get(), POLLIN, 0}, {line.inner.get(), POLLIN, 0}}};
  bool going = true;
  while (going && !stopping_) {
    if (::poll(both.data(), both.size(), kGlance_ms) < 0 && errno != EINTR) break;
    if (both[0].revents != 0) going = move_some(both[0].fd, both[1].fd);
    if (going && both[1].revents != 0) going = move_some(both[1].fd, both[0].fd);
  }
  {
    const std::lock_guard lock(mutex_);
    by_peer_.erase(peer);
  }
  ::shutdown(line.outer.get(), SHUT_RDWR);
  ::shutdown(line.inner.get(), SHUT_RDWR);
  line.ended = true;
}

void Relay::cut(const std::string& peer) {
  const std::lock_guard lock(mutex_);
  const auto found = by_peer_.find(peer);
  if (found == by_peer_.end()) return;
  ::shutdown(found->second->outer.get(), SHUT_RDWR);
  ::shutdown(found->second->inner.get(), SHUT_RDWR);
}

void Relay::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  for (const auto& line : lines_)
    if (line->thread.joinable()) line->thread.join();
  lines_.clear();
}

}  // namespace tf::simulate::ewallet
