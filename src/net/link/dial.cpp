#include "net/link/dial.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace tf::net {
namespace {

struct Addresses {
  addrinfo* first = nullptr;
  Addresses() = default;
  Addresses(const Addresses&) = delete;
  Addresses& operator=(const Addresses&) = delete;
  ~Addresses() {
    if (first != nullptr) ::freeaddrinfo(first);
  }
};

Error failed(const char* reason, const std::string& what) { return {Code::unavailable, reason, what}; }
std::string system_says() { return std::generic_category().message(errno); }

Status resolve(const char* reason, const std::string& host, std::uint16_t port, int flags, Addresses& out) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | flags;
  const int failure = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &out.first);
  if (failure != 0) return failed(reason, host + ": " + ::gai_strerror(failure));
  return {};
}

Result<Descriptor> dial_one(const addrinfo& address, std::chrono::milliseconds timeout) {
  Descriptor socket(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return failed("link.connect", system_says());
  if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0) return socket;
  if (errno != EINPROGRESS) return failed("link.connect", system_says());
  pollfd waiting{socket.get(), POLLOUT, 0};
  if (::poll(&waiting, 1, static_cast<int>(timeout.count())) != 1) return failed("link.connect", "no answer");
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return failed("link.connect", std::generic_category().message(error));
  return socket;
}

std::uint16_t port_of(int socket) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return 0;
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                                           : reinterpret_cast<const sockaddr_in&>(bound).sin_port);
}

}  // namespace

Result<Descriptor> dial(const std::string& host, std::uint16_t port, std::chrono::milliseconds timeout) {
  Addresses addresses;
  TF_CHECK(resolve("link.connect", host, port, 0, addresses));
  Result<Descriptor> last = failed("link.connect", host + ": no address");
  for (const addrinfo* at = addresses.first; at != nullptr; at = at->ai_next) {
    last = dial_one(*at, timeout);
    if (last) break;
  }
  return last;
}

Result<Listening> listen_at(const std::string& host, std::uint16_t port) {
  Addresses addresses;
  TF_CHECK(resolve("link.listen", host, port, AI_PASSIVE, addresses));
  const addrinfo& address = *addresses.first;
  Descriptor socket(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (socket.get() < 0 || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(socket.get(), address.ai_addr, address.ai_addrlen) != 0 || ::listen(socket.get(), 128) != 0)
    return failed("link.listen", host + ":" + std::to_string(port) + ": " + system_says());
  const std::uint16_t bound = port_of(socket.get());
  return Listening{std::move(socket), bound};
}

}  // namespace tf::net
