// The server's TLS context and the place where it is exchanged at run time. Private to net/.
#pragma once
#include <mutex>

#include "net/server/server.hpp"
#include "net/tls_context.hpp"

namespace tf::net {

Result<SslContext> server_context(const TlsServerConfig& config);

class ContextSlot {
 public:
  void set(SslContext context) {
    const std::lock_guard lock(mutex_);
    context_.swap(context);
  }
  [[nodiscard]] SslContext get() const {
    const std::lock_guard lock(mutex_);
    return context_;
  }

 private:
  mutable std::mutex mutex_;
  SslContext context_;
};

// DER of the client's certificate if it showed one and TLS verified it.
std::optional<Bytes> verified_certificate(const SSL* ssl);
// The identity of the external PSK of this connection; empty without one.
std::string psk_identity(const SSL* ssl);

}  // namespace tf::net
