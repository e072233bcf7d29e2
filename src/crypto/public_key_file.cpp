#include "crypto/public_key_file.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>

#include "crypto/handles.hpp"

namespace tf::crypto {
namespace {

// RFC 7468 text made and read by OpenSSL; what is between is a SubjectPublicKeyInfo.
constexpr const char* kLabel = "PUBLIC KEY";

}  // namespace

std::string public_key_to_pem(const PublicKey& key) {
  const BioHandle out(BIO_new(BIO_s_mem()));
  const Bytes spki = key.spki();
  must(out && PEM_write_bio(out.get(), kLabel, "", spki.data(), static_cast<long>(spki.size())) > 0, "PEM");
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

Result<PublicKey> public_key_from_pem(std::string_view pem) {
  const Error bad{Code::malformed, "crypto.public_key", "not a public key in PEM"};
  const BioHandle in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  char* label = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (!in || PEM_read_bio(in.get(), &label, &header, &data, &size) != 1) return bad;
  const bool ours = std::string_view(label) == kLabel && *header == '\0';
  const Bytes der(data, data + size);
  OPENSSL_free(label);
  OPENSSL_free(header);
  OPENSSL_free(data);
  if (!ours) return bad;
  return PublicKey::from_spki(der);
}

}  // namespace tf::crypto
