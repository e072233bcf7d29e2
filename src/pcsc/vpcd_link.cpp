#include "pcsc/vpcd_link.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace tf::pcsc {
namespace {

constexpr std::size_t kMaxPayload = 65535;
enum Control : std::uint8_t { kOff = 0x00, kOn = 0x01, kReset = 0x02, kAtr = 0x04 };

Error broken(const std::string& what) { return Error{Code::unavailable, "pcsc.vpcd", what + ": " + std::strerror(errno)}; }

}  // namespace

Result<VpcdLink> VpcdLink::connect(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  const std::string service = std::to_string(port);
  if (const int rc = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &raw); rc != 0)
    return Error{Code::unavailable, "pcsc.vpcd", host + ": " + ::gai_strerror(rc)};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> found(raw, ::freeaddrinfo);
  for (const addrinfo* at = found.get(); at != nullptr; at = at->ai_next) {
    const int socket = ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
    if (socket < 0) continue;
    if (::connect(socket, at->ai_addr, at->ai_addrlen) == 0) {
      const int on = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      return VpcdLink(socket);
    }
    const int failed = errno;
    ::close(socket);
    errno = failed;
  }
  return broken("nobody listens on " + host + ":" + service);
}

VpcdLink::VpcdLink(VpcdLink&& other) noexcept : socket_(std::exchange(other.socket_, -1)), out_(std::move(other.out_)) {}

VpcdLink::~VpcdLink() {
  if (socket_ >= 0) ::close(socket_);
}

// Debian's vpcd sends length and payload apart, so its Nagle waits for our acknowledgement, and we would delay that by 40 ms. The option lasts for
// a moment only: it is set anew before each wait.
Result<bool> VpcdLink::receive(MutableByteView out, int stop, bool at_start) {
  std::size_t done = 0;
  while (done < out.size()) {
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    if (stop >= 0) {
      pollfd wait[] = {{socket_, POLLIN, 0}, {stop, POLLIN, 0}};
      if (::poll(wait, 2, -1) < 0 && errno != EINTR) return broken("vpcd");
      if (wait[1].revents != 0) return false;
      if (wait[0].revents == 0) continue;
    }
    const ssize_t n = ::recv(socket_, out.data() + done, out.size() - done, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n == 0 && at_start && done == 0) return false;
    if (n == 0) return Error{Code::malformed, "pcsc.vpcd_frame", "the connection ended inside a frame"};
    if (n < 0 && errno == ECONNRESET && at_start && done == 0) return false;
    if (n < 0) return broken("vpcd");
    done += static_cast<std::size_t>(n);
  }
  return true;
}

// Length and payload in one piece, for the same reason.
Status VpcdLink::send(ByteView payload) {
  if (payload.size() > kMaxPayload) return Error{Code::malformed, "pcsc.vpcd_frame", "the answer is longer than a frame"};
  out_.assign({static_cast<std::uint8_t>(payload.size() >> 8), static_cast<std::uint8_t>(payload.size())});
  append(out_, payload);
  for (std::size_t done = 0; done < out_.size();) {
    const ssize_t n = ::send(socket_, out_.data() + done, out_.size() - done, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return broken("vpcd");
    done += static_cast<std::size_t>(n);
  }
  return {};
}

Status VpcdLink::serve(Inserted& card, int stop) {
  Bytes payload;
  card.power_on();  // pcscd that saw another card in the reader a moment ago takes the power for given
  for (;;) {
    ByteArray<2> length{};
    if (!TF_TRY(receive(length, stop, true))) return {};
    payload.resize(std::size_t{length[0]} << 8 | length[1]);
    if (payload.empty()) return Error{Code::malformed, "pcsc.vpcd_frame", "an empty frame"};
    if (!TF_TRY(receive(payload, stop, false))) return {};
    if (payload.size() != 1) {
      TF_CHECK(send(card.transmit(payload)));
      continue;
    }
    switch (payload[0]) {
      case kOff: card.power_off(); break;
      case kOn: card.power_on(); break;
      case kReset: card.reset(); break;
      case kAtr: TF_CHECK(send(card.atr())); break;
      default: return Error{Code::malformed, "pcsc.vpcd_frame", "an unknown control"};
    }
  }
}

}  // namespace tf::pcsc
