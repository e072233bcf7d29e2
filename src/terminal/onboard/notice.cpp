#include "terminal/onboard/notice.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <utility>

namespace tf::terminal {
namespace {

constexpr std::size_t kMost = 2048;  // octets of a notification and more

Result<std::uint16_t> bound_port(int socket) {
  ::sockaddr_storage address{};
  ::socklen_t size = sizeof address;
  if (::getsockname(socket, reinterpret_cast<::sockaddr*>(&address), &size) != 0) return Error{Code::unavailable, "terminal.listen", std::strerror(errno)};
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<const ::sockaddr_in*>(&address)->sin_port);
  return ntohs(reinterpret_cast<const ::sockaddr_in6*>(&address)->sin6_port);
}

}  // namespace

OnboardNotices::OnboardNotices(OnboardNotices&& other) noexcept : socket_(std::exchange(other.socket_, -1)), port_(other.port_) {}
OnboardNotices::~OnboardNotices() {
  if (socket_ >= 0) ::close(socket_);
}

Result<OnboardNotices> OnboardNotices::open(const std::string& where) {
  const std::size_t colon = where.rfind(':');
  std::uint16_t number = 0;
  const char* const end = where.data() + where.size();
  const bool good = colon != std::string::npos && colon > 0 && std::from_chars(where.data() + colon + 1, end, number).ptr == end && colon + 1 < where.size();
  if (!good) return Error{Code::invalid, "terminal.listen", "not HOST:PORT: " + where};
  std::string host = where.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  ::addrinfo wanted{};
  wanted.ai_socktype = SOCK_DGRAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  ::addrinfo* found = nullptr;
  if (const int failed = ::getaddrinfo(host.c_str(), where.substr(colon + 1).c_str(), &wanted, &found); failed != 0)
    return Error{Code::unavailable, "terminal.listen", where + ": " + ::gai_strerror(failed)};
  const std::unique_ptr<::addrinfo, void (*)(::addrinfo*)> addresses(found, ::freeaddrinfo);
  OnboardNotices out(::socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), 0);
  if (out.socket_ < 0 || ::bind(out.socket_, found->ai_addr, found->ai_addrlen) != 0)
    return Error{Code::unavailable, "terminal.listen", where + ": " + std::strerror(errno)};
  out.port_ = TF_TRY(bound_port(out.socket_));
  return out;
}

std::optional<Bytes> OnboardNotices::receive(std::int64_t time_ms) {
  ::pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, static_cast<int>(std::clamp<std::int64_t>(time_ms, 0, 3'600'000))) <= 0) return std::nullopt;
  Bytes out(kMost);
  const ::ssize_t got = ::recv(socket_, out.data(), out.size(), 0);
  if (got <= 0) return std::nullopt;
  out.resize(static_cast<std::size_t>(got));
  return out;
}

}  // namespace tf::terminal
