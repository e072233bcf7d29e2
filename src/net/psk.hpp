// External PSKs of TLS 1.3 (RFC 8446 §4.2.11), as both ends need them. Private to net/.
#pragma once
#include <string>

#include "base/secret.hpp"
#include "net/tls_context.hpp"

namespace tf::net {

using PskSession = crypto::Handle<SSL_SESSION, SSL_SESSION_free>;

// TLS_AES_128_GCM_SHA256: a PSK goes with one hash, and stock clients take SHA-256. Null where OpenSSL cannot.
PskSession psk_session(SSL* ssl, const std::string& identity, const Secret<32>& key);

}  // namespace tf::net
