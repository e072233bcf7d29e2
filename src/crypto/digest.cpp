#include "crypto/digest.hpp"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "crypto/handles.hpp"

namespace tf::crypto {
namespace {

// Fetched once, shared by all threads; contexts belong to a thread. EVP_sha256() would look the algorithm up every time.
const EVP_MD* sha256_algorithm() {
  static const EvpMd md(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  return md.get();
}

EVP_MD_CTX* digest_context() {
  thread_local const EvpMdCtx context(EVP_MD_CTX_new());
  return context.get();
}

EVP_MAC_CTX* hmac_context() {
  static const EvpMac mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  thread_local const EvpMacCtx context = [] {
    EvpMacCtx made(EVP_MAC_CTX_new(mac.get()));
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_end()};
    must(made && EVP_MAC_CTX_set_params(made.get(), params) == 1, "HMAC-SHA256");
    return made;
  }();
  return context.get();
}

EVP_KDF_CTX* hkdf_context() {
  static const EvpKdf kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  thread_local const EvpKdfCtx context(EVP_KDF_CTX_new(kdf.get()));
  return context.get();
}

OSSL_PARAM octets(const char* name, ByteView bytes) {
  static std::uint8_t nothing = 0;
  void* data = bytes.empty() ? &nothing : const_cast<std::uint8_t*>(bytes.data());
  return OSSL_PARAM_construct_octet_string(name, data, bytes.size());
}

void derive(int mode, ByteView key, const OSSL_PARAM& extra, MutableByteView out) {
  char digest[] = "SHA256";
  EVP_KDF_CTX* context = hkdf_context();
  EVP_KDF_CTX_reset(context);
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
                               octets(OSSL_KDF_PARAM_KEY, key), extra, OSSL_PARAM_construct_end()};
  must(EVP_KDF_derive(context, out.data(), out.size(), params) == 1, "HKDF-SHA256");
  EVP_KDF_CTX_reset(context);  // forgets the key
}

}  // namespace

Hash256 sha256(ByteView data) { return sha256({data}); }

Hash256 sha256(std::initializer_list<ByteView> parts) {
  Hash256 out;
  EVP_MD_CTX* context = digest_context();
  bool ok = EVP_DigestInit_ex2(context, sha256_algorithm(), nullptr) == 1;
  for (const ByteView part : parts) ok = ok && EVP_DigestUpdate(context, part.data(), part.size()) == 1;
  must(ok && EVP_DigestFinal_ex(context, out.data(), nullptr) == 1, "SHA-256");
  return out;
}

Hash256 hmac_sha256(ByteView key, ByteView data) {
  Hash256 out;
  std::size_t size = 0;
  EVP_MAC_CTX* context = hmac_context();
  static const std::uint8_t nothing = 0;
  const std::uint8_t* key_data = key.empty() ? &nothing : key.data();
  must(EVP_MAC_init(context, key_data, key.size(), nullptr) == 1 &&
           EVP_MAC_update(context, data.data(), data.size()) == 1 &&
           EVP_MAC_final(context, out.data(), &size, out.size()) == 1 && size == out.size(),
       "HMAC-SHA256");
  return out;
}

bool verify_hmac_sha256(ByteView key, ByteView data, ByteView mac) {
  return equal_in_constant_time(hmac_sha256(key, data), mac);
}

Secret<32> hkdf_extract(ByteView salt, ByteView input_key) {
  Secret<32> out;
  derive(EVP_KDF_HKDF_MODE_EXTRACT_ONLY, input_key, octets(OSSL_KDF_PARAM_SALT, salt), out.reveal_mutable());
  return out;
}

void hkdf_expand(ByteView prk, std::string_view label, ByteView context, MutableByteView out) {
  Bytes info = to_bytes(as_bytes(label));
  append(info, context);
  derive(EVP_KDF_HKDF_MODE_EXPAND_ONLY, prk, octets(OSSL_KDF_PARAM_INFO, info), out);
}

}  // namespace tf::crypto
