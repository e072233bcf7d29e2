#include "tests/net/scripted_server.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

namespace tf::net::test {

std::string Peer::read_request() {
  std::string out;
  char c = 0;
  while (!out.ends_with("\r\n\r\n") && SSL_read(ssl_, &c, 1) == 1) out.push_back(c);
  return out;
}

void Peer::wait_for_end() {
  char c = 0;
  while (::recv(fd_, &c, 1, 0) > 0) {
  }
}

ScriptedServer::ScriptedServer(const Identity& identity, std::vector<Script> scripts) {
  std::signal(SIGPIPE, SIG_IGN);
  context_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_use_certificate(context_.get(), identity.certificate.get());
  SSL_CTX_use_PrivateKey(context_.get(), identity.key.get());
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{10, 0};  // accept() gives up as well: a test that fails must not hang
  ::setsockopt(listener_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  crypto::must(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                   ::listen(listener_, 8) == 0 &&
                   ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0,
               "listen");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, scripts = std::move(scripts)] { play(scripts); });
}

ScriptedServer::~ScriptedServer() {
  thread_.join();
  ::close(listener_);
}

void ScriptedServer::play(const std::vector<Script>& scripts) {
  for (const Script& script : scripts) {
    const int fd = ::accept(listener_, nullptr, nullptr);
    if (fd < 0) return;
    const timeval limit{10, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    const crypto::Handle<SSL, SSL_free> ssl(SSL_new(context_.get()));
    SSL_set_fd(ssl.get(), fd);
    Peer peer(ssl.get(), fd);
    if (SSL_accept(ssl.get()) == 1) script(peer);
    ::close(fd);
  }
}

}  // namespace tf::net::test
