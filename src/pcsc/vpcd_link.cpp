#include "pcsc/vpcd_link.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <thread>
#include <utility>

#include "base/secret.hpp"

namespace tf::pcsc {
namespace {

constexpr std::size_t kHead = 2;  // octets of a frame's length
constexpr std::size_t kMaxPayload = 65535;
constexpr std::size_t kUsual = 4096;  // room for what comes at once; grows with the longest frame
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

VpcdLink::VpcdLink(VpcdLink&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), in_(std::move(other.in_)), out_(std::move(other.out_)), have_(std::exchange(other.have_, 0)),
      taken_(std::exchange(other.taken_, 0)) {}

VpcdLink::~VpcdLink() {
  if (socket_ >= 0) ::close(socket_);
}

// A thread of its own waits for stop and then ends the connection under whoever waits for a command: asking about stop before each command would
// be two system calls more for each.
class VpcdLink::Watch {
 public:
  Watch(int socket, int stop) {
    if (stop < 0) return;
    done_ = ::eventfd(0, EFD_CLOEXEC);
    if (done_ >= 0) thread_ = std::thread([this, socket, stop] { wait(socket, stop); });
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() {
    if (thread_.joinable()) {
      (void)::eventfd_write(done_, 1);
      thread_.join();
    }
    if (done_ >= 0) ::close(done_);
  }
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  void wait(int socket, int stop) {
    pollfd both[] = {{stop, POLLIN, 0}, {done_, POLLIN, 0}};
    while (::poll(both, 2, -1) < 0 && errno == EINTR) {}
    if (both[0].revents == 0) return;
    stopped_ = true;
    ::shutdown(socket, SHUT_RDWR);
  }
  int done_ = -1;
  std::atomic<bool> stopped_ = false;
  std::thread thread_{};
};

// Debian's vpcd sends length and payload apart, so its Nagle waits for our acknowledgement, and we would delay that by 40 ms. The option lasts for
// a moment only: it is set anew before each wait. What has come meanwhile is taken at once, most often both.
Result<bool> VpcdLink::fill(std::size_t octets, const Watch& watch) {
  if (in_.size() < octets) in_.resize(octets);
  while (have_ < octets) {
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    const ssize_t n = ::recv(socket_, in_.data() + have_, in_.size() - have_, 0);
    if (watch.stopped()) return false;
    if (n < 0 && errno == EINTR) continue;
    if (have_ == 0 && (n == 0 || (n < 0 && errno == ECONNRESET))) return false;
    if (n == 0) return Error{Code::malformed, "pcsc.vpcd_frame", "the connection ended inside a frame"};
    if (n < 0) return broken("vpcd");
    have_ += static_cast<std::size_t>(n);
  }
  return true;
}

Result<std::optional<ByteView>> VpcdLink::receive(const Watch& watch) {
  wipe(in_.data(), taken_);  // it may have been a PIN
  std::memmove(in_.data(), in_.data() + taken_, have_ - taken_);
  have_ -= std::exchange(taken_, 0);
  if (!TF_TRY(fill(kHead, watch))) return std::nullopt;
  const std::size_t length = std::size_t{in_[0]} << 8 | in_[1];
  if (length == 0) return Error{Code::malformed, "pcsc.vpcd_frame", "an empty frame"};
  if (!TF_TRY(fill(kHead + length, watch))) return std::nullopt;
  taken_ = kHead + length;
  return std::optional(ByteView(in_).subspan(kHead, length));
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
  if (in_.empty()) in_.resize(kUsual);
  const Watch watch(socket_, stop);
  card.power_on();  // pcscd that saw another card in the reader a moment ago takes the power for given
  for (;;) {
    const auto payload = TF_TRY(receive(watch));
    if (!payload) return {};
    const auto sent = [&](ByteView answer) -> Status {
      auto out = send(answer);
      if (!out && watch.stopped()) return {};  // the next receive() says so
      return out;
    };
    if (payload->size() != 1) {
      TF_CHECK(sent(card.transmit(*payload)));
      continue;
    }
    switch ((*payload)[0]) {
      case kOff: card.power_off(); break;
      case kOn: card.power_on(); break;
      case kReset: card.reset(); break;
      case kAtr: TF_CHECK(sent(card.atr())); break;
      default: return Error{Code::malformed, "pcsc.vpcd_frame", "an unknown control"};
    }
  }
}

}  // namespace tf::pcsc
