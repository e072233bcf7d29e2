#include "net/tls_context.hpp"

#include "net/socket_bio.hpp"

namespace tf::net {
namespace {

Error bad_certificate(const char* what) {
  Error error = crypto::openssl_error("net.tls_config");
  error.code = Code::invalid;
  error.detail = std::string(what) + ": " + error.detail;
  return error;
}

}  // namespace

Error tls_error(const char* reason) {
  Error error = crypto::openssl_error(reason);
  error.code = Code::refused;
  return error;
}

Result<SslContext> new_context(Side side, bool allow_tls12) {
  SslContext context(SSL_CTX_new(side == Side::server ? TLS_server_method() : TLS_client_method()), SSL_CTX_free);
  if (!context) return bad_certificate("SSL_CTX_new");
  SSL_CTX* ctx = context.get();
  // Records are decrypted in place; with CLEANSE_PLAINTEXT what was read of one is wiped, and the buffer before it is given back.
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_CLEANSE_PLAINTEXT);
  // Partial writes let a response larger than the socket's buffer be taken up where it stopped.
  SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS |
                            SSL_MODE_NO_AUTO_CHAIN);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(ctx, 1);  // header and body of a record in one system call
  if (SSL_CTX_set_min_proto_version(ctx, allow_tls12 ? TLS1_2_VERSION : TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) != 1 || SSL_CTX_set_num_tickets(ctx, 0) != 1 ||
      SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1 ||
      SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384") != 1) {
    return bad_certificate("TLS settings");
  }
  SSL_CTX_set_security_level(ctx, 2);
  return context;
}

Status use_identity(SSL_CTX* context, const std::vector<Certificate>& chain, const PrivateKey& key) {
  if (chain.empty() || !key) return Error{Code::invalid, "net.tls_config", "certificate or private key is missing"};
  if (SSL_CTX_use_certificate(context, chain.front().get()) != 1) return bad_certificate("certificate");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) return bad_certificate("private key");
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1) return bad_certificate("certificate chain");
  }
  return {};
}

Status trust(SSL_CTX* context, const std::vector<Certificate>& anchors) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const Certificate& anchor : anchors) {
    if (X509_STORE_add_cert(store, anchor.get()) != 1) return bad_certificate("trust anchor");
  }
  if (X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) != 1) return bad_certificate("trust anchors");
  return {};
}

SslHandle new_ssl(SSL_CTX* context, int fd) {
  SslHandle ssl(SSL_new(context));
  if (ssl) {
    BIO* bio = new_socket_bio(fd);
    SSL_set_bio(ssl.get(), bio, bio);
  }
  return ssl;
}

}  // namespace tf::net
