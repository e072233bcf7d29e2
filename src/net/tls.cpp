#include "net/tls.hpp"

#include <openssl/pem.h>

#include <cstring>
#include <limits>

#include "crypto/handles.hpp"

namespace tf::net {
namespace {

Error from_openssl(Code code, const char* reason) {
  Error error = crypto::openssl_error(reason);
  error.code = code;
  return error;
}

crypto::BioHandle memory(const void* data, std::size_t size) {
  if (size > static_cast<std::size_t>(std::numeric_limits<int>::max())) return nullptr;
  return crypto::BioHandle(BIO_new_mem_buf(data, static_cast<int>(size)));
}

// Gives the caller's passphrase and never asks a terminal for one.
int give_passphrase(char* out, int size, int, void* context) {
  const ByteView passphrase = *static_cast<const ByteView*>(context);
  if (passphrase.empty() || passphrase.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(out, passphrase.data(), passphrase.size());
  return static_cast<int>(passphrase.size());
}

}  // namespace

Certificate share(x509_st* certificate) {
  crypto::must(X509_up_ref(certificate) == 1, "X509_up_ref");
  return {certificate, X509_free};
}

PrivateKey share(evp_pkey_st* key) {
  crypto::must(EVP_PKEY_up_ref(key) == 1, "EVP_PKEY_up_ref");
  return {key, EVP_PKEY_free};
}

Result<Certificate> certificate_from_der(ByteView der) {
  const unsigned char* at = der.data();
  Certificate out(d2i_X509(nullptr, &at, static_cast<long>(der.size())), X509_free);
  if (!out || at != der.data() + der.size()) return from_openssl(Code::malformed, "net.certificate");
  return out;
}

Result<std::vector<Certificate>> certificates_from_pem(std::string_view pem) {
  ERR_clear_error();
  const crypto::BioHandle bio = memory(pem.data(), pem.size());
  std::vector<Certificate> out;
  while (bio) {
    Certificate next(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
    if (!next) break;
    out.push_back(std::move(next));
  }
  // The end of the text is the one good reason to have stopped.
  const unsigned long last = ERR_peek_last_error();
  const bool at_end = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
  if (out.empty() || !at_end) return from_openssl(Code::malformed, "net.certificate");
  ERR_clear_error();
  return out;
}

Result<PrivateKey> private_key_from_pem(ByteView pem, ByteView passphrase) {
  const crypto::BioHandle bio = memory(pem.data(), pem.size());
  if (!bio) return from_openssl(Code::malformed, "net.private_key");
  PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, give_passphrase, &passphrase), EVP_PKEY_free);
  if (!key) return from_openssl(Code::malformed, "net.private_key");
  return key;
}

}  // namespace tf::net
