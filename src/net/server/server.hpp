// HTTP/1.1 over TLS (or in the clear, for what is public and signed anyway) for one listening address. Requests go to a plain function, run on a shared WorkerPool, where it may
// block; or, where it never blocks, to a prompt one on the I/O thread, which may answer later. Whatever is refused
// before the function is answered with a problem document.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "metrics/registry.hpp"
#include "net/problem.hpp"
#include "net/server/answer.hpp"
#include "net/server/worker_pool.hpp"
#include "net/tls.hpp"

struct ssl_ctx_st;

namespace tf::net {

// Called from many threads at once. HEAD arrives as GET and loses its body on the way out. What it throws becomes a
// 500.
using Handler = std::function<HttpResponse(const HttpRequest&)>;
// Called on I/O threads: takes the answer and sees to it that it is given, now or later, without ever waiting here.
// False, and the answer untouched, for a request that is the Handler's.
using PromptHandler = std::function<bool(const HttpRequest&, Answer&)>;

using PskLookup = std::function<std::optional<Secret<32>>(const std::string& identity)>;

struct TlsServerConfig {
  std::vector<Certificate> chain{};  // the server's certificate first
  PrivateKey key{};
  // Empty: clients are not asked for a certificate. Otherwise they are asked and not forced: a certificate that does
  // not verify (which includes its purpose: client authentication) ends the handshake, none at all does not.
  std::vector<Certificate> client_anchors{};
  bool allow_tls12 = false;  // ECDHE with AEAD only
  // With it there is no certificate: TLS 1.3 with an external PSK (RFC 8446 §4.2.11) and (EC)DHE. Called on I/O threads
  // with an identity nobody vouches for yet; it must not wait.
  PskLookup psk{};
};

struct ServerOptions {
  std::string name = "main";  // the listener's label in the metrics
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: the system chooses, see port()
  int io_threads = 2;
  std::size_t max_connections = 4096;           // above it a connection is closed before TLS
  std::size_t max_requests_per_connection = 0;  // 0: no limit
  std::int64_t max_in_flight = 1024;            // requests that wait for their answer; above it 503
  std::vector<std::string> kept_headers{};      // lower case; other fields are read and forgotten
  // A path that begins so is handed on as it was written, neither decoded nor looked at: for what cannot be a path of ours, as
  // the base64 of an OCSP request (RFC 6960 §A.1) with its slashes. Such a target has no query. Empty: there is none.
  std::string raw_below{};
  std::size_t max_target_bytes = 2048;          // 414
  std::size_t max_header_bytes = 8 * 1024;      // 431; the request line counts
  std::size_t max_body_bytes = 64 * 1024;       // 413
  std::size_t max_unknown_body_bytes = SIZE_MAX;  // the same for clients without a verified certificate, where less is allowed to them
  // Each is the whole time of its part, however the bytes are spread over it, kept to about a twentieth of the shortest, or a tenth of a second.
  std::chrono::milliseconds handshake_timeout{5000};
  std::chrono::milliseconds header_timeout{5000};  // also to the first request after the handshake
  std::chrono::milliseconds body_timeout{10000};
  std::chrono::milliseconds idle_timeout{30000};
  std::chrono::milliseconds write_timeout{10000};
};

struct Service {
  Handler handler{};
  std::shared_ptr<WorkerPool> pool{};
  PromptHandler prompt{};  // may be empty: everything runs on the pool
  // Another pool for this request, which outlives the server, as one pool's threads may wait for another's; null: pool. May be empty.
  std::function<WorkerPool*(const wire::HttpRequest&)> pool_of{};
};

class HttpServer {
 public:
  HttpServer();
  ~HttpServer();  // stop(0 s)
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Listening when it returns. Code::unavailable "net.listen", Code::invalid "net.tls_config" or "net.options". Once
  // only.
  Status start(ServerOptions options, const TlsServerConfig& tls, Service service, metrics::Registry& registry);
  // Without TLS: revocation lists and OCSP (RFC 5280 §8, RFC 9919 §7). Requests bear no certificate and no identity.
  Status start_plain(ServerOptions options, Service service, metrics::Registry& registry);
  [[nodiscard]] std::uint16_t port() const;
  // For connections from now on; those that stand keep what they have.
  Status replace_tls(const TlsServerConfig& tls);
  // Stops accepting, closes idle connections, lets requests in flight finish; cuts what is left after the grace.
  // A handler that is running is always waited for.
  void stop(std::chrono::milliseconds grace);

 private:
  struct Parts;
  // No context: in the clear.
  Status listen(ServerOptions options, std::shared_ptr<ssl_ctx_st> context, Service service, metrics::Registry& registry);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tf::net
