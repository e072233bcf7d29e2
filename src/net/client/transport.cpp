#include "net/client/transport.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "net/body.hpp"

namespace tf::net {
namespace {

using Clock = std::chrono::steady_clock;

Error unreachable(std::string detail) { return Error{Code::unavailable, "net.connect", std::move(detail)}; }
Error timed_out() { return Error{Code::unavailable, "net.timeout", {}}; }
Error closed(int error) {
  return Error{Code::unavailable, "net.closed", error == 0 ? std::string() : std::generic_category().message(error)};
}

struct AddressList {
  addrinfo* first = nullptr;
  ~AddressList() {
    if (first != nullptr) ::freeaddrinfo(first);
  }
};

bool is_address(const std::string& host) {
  in6_addr ignored{};
  return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 || ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

// Binds to an address of the machine; one of another family than the server's cannot reach it.
bool send_from(int fd, int family, const std::string& text) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  if (family == AF_INET && ::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1)
    return ::bind(fd, reinterpret_cast<const sockaddr*>(&v4), sizeof v4) == 0;
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  return family == AF_INET6 && ::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1 &&
         ::bind(fd, reinterpret_cast<const sockaddr*>(&v6), sizeof v6) == 0;
}

bool shows_one_of(const SSL* ssl, const std::vector<Hash256>& pinned) {
  const X509* leaf = SSL_get0_peer_certificate(ssl);
  Hash256 hash{};
  unsigned size = 0;
  return leaf != nullptr && X509_digest(leaf, EVP_sha256(), hash.data(), &size) == 1 && size == hash.size() && std::ranges::find(pinned, hash) != pinned.end();
}

}  // namespace

Status Transport::open(const ClientOptions& options) {
  close();
  plain_ = !options.server.tls;
  Status status = connect(options);
  if (status && !plain_) status = prepare(options);
  if (status && !plain_) status = handshake(options);
  if (!status) close();
  return status;
}

void Transport::close() {
  if (ssl_ && SSL_is_init_finished(ssl_.get()) == 1)
    static_cast<void>(SSL_shutdown(ssl_.get()));  // a farewell if it fits
  ERR_clear_error();
  ssl_.reset();
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Status Transport::connect(const ClientOptions& options) {
  const std::string& host = options.dial.empty() ? options.server.host : options.dial;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  AddressList list;
  const int failure = ::getaddrinfo(host.c_str(), std::to_string(options.server.port).c_str(), &hints, &list.first);
  if (failure != 0) return unreachable(host + ": " + ::gai_strerror(failure));
  Status status = unreachable(host + ": no address");
  for (const addrinfo* at = list.first; at != nullptr; at = at->ai_next) {
    status = connect_to(*at, options.local_address, Clock::now() + options.connect_timeout);
    if (status) return status;
  }
  return status;
}

Status Transport::connect_to(const addrinfo& address, const std::string& from, Deadline deadline) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return unreachable(std::generic_category().message(errno));
  if (!from.empty() && !send_from(fd_, address.ai_family, from)) return unreachable("cannot send from " + from);
  const int on = 1;
  static_cast<void>(::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
  if (::connect(fd_, address.ai_addr, address.ai_addrlen) == 0) return {};
  if (errno != EINPROGRESS) return unreachable(std::generic_category().message(errno));
  TF_CHECK(wait(POLLOUT, deadline));
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return unreachable(std::generic_category().message(error));
  return {};
}

// The name is checked by OpenSSL during the handshake: subjectAltName only, no partial wildcards.
Status Transport::prepare(const ClientOptions& options) {
  ssl_ = new_ssl(context_.get(), fd_);
  if (!ssl_) return tls_error("net.tls");
  const std::string& host = options.server.host;
  X509_VERIFY_PARAM* param = SSL_get0_param(ssl_.get());
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (is_address(host)) {
    if (X509_VERIFY_PARAM_set1_ip_asc(param, host.c_str()) != 1) return tls_error("net.tls");
  } else if (X509_VERIFY_PARAM_set1_host(param, host.c_str(), host.size()) != 1 ||
             SSL_set_tlsext_host_name(ssl_.get(), host.c_str()) != 1) {
    return tls_error("net.tls");
  }
  return {};
}

Status Transport::handshake(const ClientOptions& options) {
  const Deadline deadline = Clock::now() + options.handshake_timeout;
  while (true) {
    ERR_clear_error();
    const int returned = SSL_connect(ssl_.get());
    if (returned == 1) break;
    TF_CHECK(proceed(returned, deadline));
  }
  if (SSL_get_verify_result(ssl_.get()) != X509_V_OK)
    return Error{Code::refused, "net.tls", "certificate not verified"};
  if (!options.pinned.empty() && !shows_one_of(ssl_.get(), options.pinned))
    return Error{Code::refused, "net.tls", "the server's certificate is another than the one it is known by"};
  return {};
}

Status Transport::wait(short events, Deadline deadline) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return timed_out();
    pollfd entry{fd_, events, 0};
    const int count = ::poll(&entry, 1, static_cast<int>(std::min<long>(left, 60'000)));
    if (count > 0) return {};
    if (count < 0 && errno != EINTR) return closed(errno);
  }
}

Status Transport::proceed(int returned, Deadline deadline) {
  const int socket_error = errno;
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ: return wait(POLLIN, deadline);
    case SSL_ERROR_WANT_WRITE: return wait(POLLOUT, deadline);
    case SSL_ERROR_ZERO_RETURN: return closed(0);
    case SSL_ERROR_SYSCALL: return closed(socket_error);
    default: break;
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) return closed(0);
  const long verified = SSL_get_verify_result(ssl_.get());
  Error error = tls_error("net.tls");
  if (verified != X509_V_OK) error.detail = X509_verify_cert_error_string(verified);
  return error;
}

bool Transport::is_stale() {
  pollfd entry{fd_, POLLIN, 0};
  if (::poll(&entry, 1, 0) == 0) return false;
  // Readable: a farewell, an end, bytes nobody asked for, or a message of TLS itself, which alone is no reason.
  if (plain_) return true;
  char byte = 0;
  std::size_t count = 0;
  ERR_clear_error();
  const int returned = SSL_peek_ex(ssl_.get(), &byte, 1, &count);
  return returned == 1 || SSL_get_error(ssl_.get(), returned) != SSL_ERROR_WANT_READ;
}

Status Transport::write_plain(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      TF_CHECK(wait(POLLOUT, deadline));
    } else if (errno != EINTR) {
      return closed(errno);
    }
  }
  return {};
}

Status Transport::read_plain(std::string& out, Deadline deadline, bool& clean) {
  char buffer[16 * 1024];
  while (true) {
    const ssize_t count = ::recv(fd_, buffer, sizeof buffer, 0);
    if (count > 0) {
      out.append(buffer, static_cast<std::size_t>(count));
      return {};
    }
    clean = count == 0;  // as clean as it gets without TLS
    if (count == 0) return closed(0);
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      TF_CHECK(wait(POLLIN, deadline));
    } else if (errno != EINTR) {
      return closed(errno);
    }
  }
}

Status Transport::write(std::string_view bytes, Deadline deadline) {
  if (plain_) return write_plain(bytes, deadline);
  while (!bytes.empty()) {
    std::size_t count = 0;
    ERR_clear_error();
    const int returned = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
    if (returned != 1) TF_CHECK(proceed(returned, deadline));
    bytes.remove_prefix(count);
  }
  return {};
}

Status Transport::read(std::string& out, Deadline deadline, bool& clean) {
  if (plain_) return read_plain(out, deadline, clean);
  char buffer[16 * 1024];
  while (true) {
    std::size_t count = 0;
    ERR_clear_error();
    const int returned = SSL_read_ex(ssl_.get(), buffer, sizeof buffer, &count);
    if (returned == 1) {
      append_body(out, {buffer, count});
      wipe(buffer, count);
      return {};
    }
    clean = SSL_get_error(ssl_.get(), returned) == SSL_ERROR_ZERO_RETURN;
    TF_CHECK(proceed(returned, deadline));
  }
}

}  // namespace tf::net
