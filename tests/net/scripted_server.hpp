// A server that plays a script over TLS: one script a connection, in order. For clients that must cope with anything.
#pragma once
#include <openssl/ssl.h>

#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "crypto/handles.hpp"
#include "tests/net/certificates.hpp"

namespace tf::net::test {

class Peer {
 public:
  Peer(SSL* ssl, int fd) : ssl_(ssl), fd_(fd) {}
  std::string read_request();  // to the end of its head
  void write(std::string_view bytes) { SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())); }
  void say_goodbye() { SSL_shutdown(ssl_); }
  void wait_for_end();  // until the client has closed
  [[nodiscard]] int fd() const { return fd_; }

 private:
  SSL* ssl_;
  int fd_;
};

using Script = std::function<void(Peer&)>;

class ScriptedServer {
 public:
  ScriptedServer(const Identity& identity, std::vector<Script> scripts);
  ~ScriptedServer();
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void play(const std::vector<Script>& scripts);
  int listener_ = -1;
  std::uint16_t port_ = 0;
  crypto::Handle<SSL_CTX, SSL_CTX_free> context_;
  std::thread thread_;
};

}  // namespace tf::net::test
