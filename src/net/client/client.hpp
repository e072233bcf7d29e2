// An HTTP/1.1 client for one server over one TLS connection that is kept. Synchronous, one request at a time, not for
// sharing between threads. Links nothing of the server.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "net/client/base_url.hpp"
#include "net/problem.hpp"
#include "net/tls.hpp"

namespace tf::net {

// An external PSK, by which both ends know each other.
struct Psk {
  std::string identity;
  Secret<32> key;
};

struct ClientOptions {
  BaseUrl server{};                    // the certificate must name this host or address in its subjectAltName
  std::string local_address{};         // to send from: the interface of a modem, say; empty: the system chooses
  std::string dial{};                  // where to connect if it is not server.host; the name checked stays
  std::vector<Certificate> anchors{};  // the only trust there is
  std::vector<Certificate> chain{};    // the client's own certificate first; empty: none
  PrivateKey key{};
  std::vector<Hash256> pinned{};       // SHA-256 of the one certificate that the server may show, or of several; empty: any under the anchors
  std::shared_ptr<const Psk> psk{};   // instead of certificates on either side; TLS 1.3
  bool allow_tls12 = false;            // ECDHE with AEAD only
  // For each address of the host; looking up the name follows the system's own limits.
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds handshake_timeout{5000};
  std::chrono::milliseconds response_timeout{30000};  // from the first byte sent to the last one received
  std::size_t max_response_bytes = 1024 * 1024;       // of the body
};

struct ClientRequest {
  std::string method = "GET";
  std::string target = "/";  // encoded: path and query
  std::string content_type{};
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};
  // Sent again if a kept connection ends before any byte of the response: only where twice is as good as once.
  bool repeatable = false;
};

class HttpClient {
 public:
  static Result<HttpClient> create(ClientOptions options);  // Code::invalid "net.tls_config"
  // A client of another server, or one more of the same, alike in all else: what TLS is set up with is made once and shared.
  [[nodiscard]] Result<HttpClient> beside(BaseUrl server) const;
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;
  ~HttpClient();

  // Any response with a status is a value; redirects are not followed. Errors:
  //   unavailable "net.connect", "net.timeout", "net.closed"
  //   refused     "net.tls"        the server's certificate or TLS version, or the server refused ours; why is in the
  //   detail malformed   "net.response"   not HTTP; "net.response_too_large" invalid     "net.request"    a field that
  //   cannot be sent
  // After an error the connection is gone, and the next request makes a new one.
  Result<HttpResponse> request(const ClientRequest& request);
  void close();

 private:
  struct State;
  explicit HttpClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tf::net
