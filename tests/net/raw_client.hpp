// A client that does what it is told, well-behaved or not: bytes over TCP, with TLS on top or without. Checks no
// certificates. Every read ends after ten seconds at the latest.
#pragma once
#include <openssl/ssl.h>

#include <string>
#include <string_view>

#include "crypto/handles.hpp"
#include "tests/net/certificates.hpp"

namespace tf::net::test {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool handshake(int version = TLS1_3_VERSION, const Identity* own = nullptr);
  bool send(std::string_view bytes);        // over TLS once the handshake is done, else as they are
  std::string receive_response();           // head and body by Content-Length; shorter if the connection ends
  std::string receive_all();                // until the connection ends
  std::string request(std::string_view bytes) { return send(bytes) ? receive_response() : std::string(); }
  [[nodiscard]] Bytes server_certificate() const;
  [[nodiscard]] const char* tls_version() const { return SSL_get_version(ssl_.get()); }
  [[nodiscard]] bool resumable() const;     // did the server give a ticket or a session to come back with?
  void reset();                             // closes with a TCP reset

 private:
  bool receive_some();

  int fd_ = -1;
  crypto::Handle<SSL_CTX, SSL_CTX_free> context_;
  crypto::Handle<SSL, SSL_free> ssl_;
  std::string input_;
};

std::string get(std::string_view target);  // a minimal GET
std::string post(std::string_view target, std::string_view body);
int status_in(std::string_view response);  // 0 when there is none

}  // namespace tf::net::test
