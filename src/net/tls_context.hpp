// What the TLS contexts of server and client have in common. Private to net/.
#pragma once
#include <openssl/ssl.h>

#include <memory>
#include <vector>

#include "crypto/handles.hpp"
#include "net/tls.hpp"

namespace tf::net {

using SslHandle = crypto::Handle<SSL, SSL_free>;
using SslContext = std::shared_ptr<SSL_CTX>;

enum class Side { server, client };

// TLS 1.3, or 1.2 as well with ECDHE and AEAD suites only; no tickets, no session cache, no renegotiation, no
// compression; what was decrypted is wiped once it is read.
Result<SslContext> new_context(Side side, bool allow_tls12);
// The leaf first, then what follows it; the key must be the leaf's.
Status use_identity(SSL_CTX* context, const std::vector<Certificate>& chain, const PrivateKey& key);
// These certificates are the trust anchors, whether they are roots or not; nothing else is.
Status trust(SSL_CTX* context, const std::vector<Certificate>& anchors);
// A fresh connection on a non-blocking socket; null when memory is out.
SslHandle new_ssl(SSL_CTX* context, int fd);

Error tls_error(const char* reason);  // Code::refused with OpenSSL's newest words

}  // namespace tf::net
