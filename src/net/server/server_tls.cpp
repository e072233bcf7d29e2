#include "net/server/server_tls.hpp"

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

}  // namespace

Result<SslContext> server_context(const TlsServerConfig& config) {
  SslContext context = TF_TRY(new_context(Side::server, config.allow_tls12));
  TF_CHECK(use_identity(context.get(), config.chain, config.key));
  // Requests say their own length; a peer that ends without a farewell still gets ours.
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  // OpenSSL wants a name for sessions as soon as clients are verified, even if none is ever resumed.
  if (SSL_CTX_set_session_id_context(context.get(), kSessionContext, sizeof kSessionContext - 1) != 1) {
    return tls_error("net.tls_config");
  }
  if (!config.client_anchors.empty()) TF_CHECK(ask_for_client_certificate(context.get(), config.client_anchors));
  return context;
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
