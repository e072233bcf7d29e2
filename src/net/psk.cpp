#include "net/psk.hpp"

namespace tf::net {
namespace {

constexpr unsigned char kAes128GcmSha256[] = {0x13, 0x01};

}  // namespace

PskSession psk_session(SSL* ssl, const std::string& identity, const Secret<32>& key) {
  PskSession session(SSL_SESSION_new());
  const SSL_CIPHER* cipher = SSL_CIPHER_find(ssl, kAes128GcmSha256);
  const bool made = session && cipher != nullptr && SSL_SESSION_set1_master_key(session.get(), key.reveal().data(), key.size()) == 1 &&
                    SSL_SESSION_set_cipher(session.get(), cipher) == 1 &&
                    SSL_SESSION_set_protocol_version(session.get(), TLS1_3_VERSION) == 1 &&
                    SSL_SESSION_set1_ticket_appdata(session.get(), identity.data(), identity.size()) == 1;
  return made ? std::move(session) : PskSession();
}

}  // namespace tf::net
