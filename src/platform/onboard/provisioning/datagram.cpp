#include "platform/onboard/provisioning/datagram.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <memory>

namespace tf::platform {

Status send_datagram(const std::string& to, ByteView content) {
  const std::size_t colon = to.rfind(':');
  if (colon == std::string::npos || colon == 0) return Error{Code::invalid, "onboard.address", to + " is not host:port"};
  std::string host = to.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (const int failed = ::getaddrinfo(host.c_str(), to.c_str() + colon + 1, &hints, &found); failed != 0)
    return Error{Code::unavailable, "onboard.datagram", to + ": " + ::gai_strerror(failed)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
  const int descriptor = ::socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return Error{Code::unavailable, "onboard.datagram", std::strerror(errno)};
  const ssize_t sent = ::sendto(descriptor, content.data(), content.size(), MSG_NOSIGNAL, found->ai_addr, found->ai_addrlen);
  const int error = errno;
  ::close(descriptor);
  if (sent != static_cast<ssize_t>(content.size())) return Error{Code::unavailable, "onboard.datagram", to + ": " + std::strerror(error)};
  return {};
}

}  // namespace tf::platform
