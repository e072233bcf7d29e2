#include "tests/net/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

namespace tf::net::test {

RawClient::RawClient(std::uint16_t port) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL's own socket BIO is in use here
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{10, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

RawClient::~RawClient() {
  ssl_.reset();
  if (fd_ >= 0) ::close(fd_);
}

bool RawClient::handshake(int version, const Identity* own) {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_min_proto_version(context_.get(), version);
  SSL_CTX_set_max_proto_version(context_.get(), version);
  if (own != nullptr) {
    SSL_CTX_use_certificate(context_.get(), own->certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), own->key.get());
  }
  ssl_.reset(SSL_new(context_.get()));
  SSL_set_fd(ssl_.get(), fd_);
  return SSL_connect(ssl_.get()) == 1;
}

bool RawClient::send(std::string_view bytes) {
  if (fd_ < 0) return false;
  if (ssl_)
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size());
  return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

bool RawClient::receive_some() {
  char buffer[4096];
  const ssize_t count = ssl_ ? SSL_read(ssl_.get(), buffer, sizeof buffer) : ::recv(fd_, buffer, sizeof buffer, 0);
  if (count > 0) input_.append(buffer, static_cast<std::size_t>(count));
  return count > 0;
}

std::string RawClient::receive_response() {
  while (input_.find("\r\n\r\n") == std::string::npos && receive_some()) {
  }
  const std::size_t head = input_.find("\r\n\r\n");
  std::size_t size = input_.size();
  if (head != std::string::npos) {
    const std::size_t length = input_.find("Content-Length: ");
    size = head + 4 + (length < head ? std::stoul(input_.substr(length + 16)) : 0);
    while (input_.size() < size && receive_some()) {
    }
  }
  std::string out = input_.substr(0, size);
  input_.erase(0, out.size());
  return out;
}

std::string RawClient::receive_all() {
  while (receive_some()) {
  }
  return std::exchange(input_, {});
}

Bytes RawClient::server_certificate() const {
  const Certificate certificate(SSL_get1_peer_certificate(ssl_.get()), X509_free);
  return der_of(certificate);
}

bool RawClient::resumable() const { return SSL_SESSION_is_resumable(SSL_get0_session(ssl_.get())) == 1; }

void RawClient::reset() {
  const linger now{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(fd_);
  fd_ = -1;
}

std::string get(std::string_view target) {
  return std::string("GET ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

std::string post(std::string_view target, std::string_view body) {
  return std::string("POST ")
      .append(target)
      .append(" HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: ")
      .append(std::to_string(body.size()))
      .append("\r\n\r\n")
      .append(body);
}

int status_in(std::string_view response) {
  return response.starts_with("HTTP/1.1 ") && response.size() >= 12 ? std::stoi(std::string(response.substr(9, 3))) : 0;
}

}  // namespace tf::net::test
