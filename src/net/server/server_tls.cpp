#include "net/server/server_tls.hpp"

#include "net/psk.hpp"

namespace tf::net {
namespace {

constexpr unsigned char kSessionContext[] = "trustferry";

// Anchors double as the names a client sees in the request, to choose its certificate by.
Status ask_for_client_certificate(SSL_CTX* context, const std::vector<Certificate>& anchors) {
  TF_CHECK(trust(context, anchors));
  for (const Certificate& anchor : anchors) {
    if (SSL_CTX_add_client_CA(context, anchor.get()) != 1) return tls_error("net.tls_config");
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  return {};
}

constexpr std::size_t kLongestIdentity = 128;

// No session and 1: there is no such PSK, and as there is no certificate either, the handshake ends.
int find_psk(SSL* ssl, const unsigned char* identity, std::size_t size, SSL_SESSION** out) {
  *out = nullptr;
  if (size == 0 || size > kLongestIdentity) return 1;
  const auto* lookup = static_cast<const PskLookup*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  try {
    const std::string text(reinterpret_cast<const char*>(identity), size);
    if (const auto key = (*lookup)(text)) *out = psk_session(ssl, text, *key).release();
  } catch (...) {
    return 0;
  }
  return 1;
}

// The context that comes back keeps the lookup alive.
SslContext with_psk(SslContext context, PskLookup lookup) {
  const auto kept = std::make_shared<PskLookup>(std::move(lookup));
  SSL_CTX* const raw = context.get();
  SSL_CTX_set_app_data(raw, kept.get());
  SSL_CTX_set_psk_find_session_callback(raw, find_psk);
  return {raw, [context, kept](SSL_CTX*) {}};
}

}  // namespace

Result<SslContext> server_context(const TlsServerConfig& config) {
  SslContext context = TF_TRY(new_context(Side::server, config.allow_tls12));
  if (config.psk) {
    if (SSL_CTX_set_ciphersuites(context.get(), "TLS_AES_128_GCM_SHA256") != 1) return tls_error("net.tls_config");
    context = with_psk(std::move(context), config.psk);
  } else {
    TF_CHECK(use_identity(context.get(), config.chain, config.key));
  }
  // Requests say their own length; a peer that ends without a farewell still gets ours.
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  // OpenSSL wants a name for sessions as soon as clients are verified, even if none is ever resumed.
  if (SSL_CTX_set_session_id_context(context.get(), kSessionContext, sizeof kSessionContext - 1) != 1) {
    return tls_error("net.tls_config");
  }
  if (!config.client_anchors.empty()) TF_CHECK(ask_for_client_certificate(context.get(), config.client_anchors));
  return context;
}

std::string psk_identity(const SSL* ssl) {
  if (SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)) == nullptr) return {};
  void* data = nullptr;
  std::size_t size = 0;
  SSL_SESSION* session = SSL_get_session(ssl);
  if (session == nullptr || SSL_SESSION_get0_ticket_appdata(session, &data, &size) != 1 || data == nullptr) return {};
  return {static_cast<const char*>(data), size};
}

std::optional<Bytes> verified_certificate(const SSL* ssl) {
  const X509* certificate = SSL_get0_peer_certificate(ssl);
  if (certificate == nullptr || SSL_get_verify_result(ssl) != X509_V_OK) return std::nullopt;
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0) return std::nullopt;
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* at = der.data();
  if (i2d_X509(certificate, &at) != size) return std::nullopt;
  return der;
}

}  // namespace tf::net
