#include "net/local/stream.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

namespace tf::net {
namespace {

Error failed(const char* reason, const std::string& what) {
  return {Code::unavailable, reason, what + ": " + std::strerror(errno)};
}

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return Error{Code::invalid, "net.local_path", "a socket's path has 1 to 107 bytes: " + path};
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

Descriptor make_socket() { return Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

using Moment = std::chrono::steady_clock::time_point;
Moment in_ms(int timeout_ms) { return std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms); }

// Waits until fd can be read. False: the time is over.
Result<bool> readable(int fd, Moment end) {
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    pollfd waiting{fd, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) return failed("net.local_io", "poll");
  }
}

Status read_exactly(int fd, char* out, std::size_t size, Moment end) {
  while (size > 0) {
    if (!TF_TRY(readable(fd, end))) return Error{Code::unavailable, "net.local_timeout", "the other end is silent"};
    const ssize_t got = ::recv(fd, out, size, 0);
    if (got == 0) return Error{Code::unavailable, "net.local_closed", "the other end hung up"};
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("net.local_closed", "receive");
    out += got;
    size -= static_cast<std::size_t>(got);
  }
  return {};
}

// end: of the whole frame, however its bytes are spread over the time.
Result<std::size_t> read_size(int fd, std::size_t max_size, Moment end) {
  unsigned char prefix[4];
  TF_CHECK(read_exactly(fd, reinterpret_cast<char*>(prefix), sizeof prefix, end));
  std::size_t size = 0;
  for (const unsigned char byte : prefix) size = size << 8 | byte;
  if (size > max_size) return Error{Code::malformed, "net.local_frame", "a frame is larger than allowed"};
  return size;
}

// Length and bytes in one call where the system takes them; the bytes are not copied.
Status send_frame(int fd, ByteView frame) {
  std::uint8_t prefix[4];
  for (std::size_t i = 0; i < 4; ++i) prefix[i] = static_cast<std::uint8_t>(frame.size() >> (24 - 8 * i));
  for (std::size_t done = 0; done < sizeof prefix + frame.size();) {
    iovec parts[2];
    msghdr message{};
    message.msg_iov = parts;
    if (done < sizeof prefix) parts[message.msg_iovlen++] = {prefix + done, sizeof prefix - done};
    const std::size_t from = done < sizeof prefix ? 0 : done - sizeof prefix;
    parts[message.msg_iovlen++] = {const_cast<std::uint8_t*>(frame.data()) + from, frame.size() - from};
    const ssize_t sent = ::sendmsg(fd, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return failed("net.local_closed", "send");
    done += static_cast<std::size_t>(sent);
  }
  return {};
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Result<LocalStream> LocalStream::connect(const std::string& path) {
  const sockaddr_un address = TF_TRY(address_of(path));
  Descriptor fd = make_socket();
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return failed("net.local_connect", "cannot reach " + path);
  return LocalStream(std::move(fd));
}

Status LocalStream::send(std::string_view frame) { return send_frame(fd_.get(), as_bytes(frame)); }
Status LocalStream::send(const SecretBytes& frame) { return send_frame(fd_.get(), frame.reveal()); }

Result<std::string> LocalStream::receive(std::size_t max_size, int timeout_ms) {
  const Moment end = in_ms(timeout_ms);
  std::string out(TF_TRY(read_size(fd_.get(), max_size, end)), '\0');
  TF_CHECK(read_exactly(fd_.get(), out.data(), out.size(), end));
  return out;
}

Result<SecretBytes> LocalStream::receive_secret(std::size_t max_size, int timeout_ms) {
  const Moment end = in_ms(timeout_ms);
  SecretBytes out(TF_TRY(read_size(fd_.get(), max_size, end)));
  TF_CHECK(read_exactly(fd_.get(), reinterpret_cast<char*>(out.reveal_mutable().data()), out.size(), end));
  return out;
}

Result<LocalListener> LocalListener::bind(const std::string& path) {
  const sockaddr_un address = TF_TRY(address_of(path));
  if (LocalStream::connect(path)) return Error{Code::conflict, "net.local_in_use", "somebody listens on " + path + " already"};
  struct stat there {};
  if (::lstat(path.c_str(), &there) == 0) {
    if (!S_ISSOCK(there.st_mode)) return Error{Code::conflict, "net.local_path_taken", path + " is there and is no socket"};
    ::unlink(path.c_str());
  }
  Descriptor fd = make_socket();
  const mode_t before = ::umask(0077);
  const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::umask(before);
  if (bound != 0 || ::listen(fd.get(), 64) != 0) return failed("net.local_bind", "cannot listen on " + path);
  return LocalListener(std::move(fd), path);
}

LocalListener::~LocalListener() {
  if (fd_.get() >= 0) ::unlink(path_.c_str());
}

Result<std::optional<LocalStream>> LocalListener::accept(int timeout_ms) {
  if (!TF_TRY(readable(fd_.get(), in_ms(timeout_ms)))) return std::optional<LocalStream>();
  const int fd = ::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) return failed("net.local_accept", "accept");
  return std::optional(LocalStream(Descriptor(fd)));
}

}  // namespace tf::net
