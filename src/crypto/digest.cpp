#include "crypto/digest.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <algorithm>

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

const std::uint8_t* data_of(ByteView bytes) {
  static const std::uint8_t nothing = 0;
  return bytes.empty() ? &nothing : bytes.data();
}

void hmac(ByteView key, std::initializer_list<ByteView> parts, std::span<std::uint8_t, 32> out) {
  std::size_t size = 0;
  EVP_MAC_CTX* context = hmac_context();
  bool ok = EVP_MAC_init(context, data_of(key), key.size(), nullptr) == 1;
  for (const ByteView part : parts) ok = ok && EVP_MAC_update(context, part.data(), part.size()) == 1;
  must(ok && EVP_MAC_final(context, out.data(), &size, out.size()) == 1 && size == out.size(), "HMAC-SHA256");
}

// The context lets go of the key it was given last.
void forget_key() {
  static constexpr std::uint8_t kNoKey[32] = {};
  must(EVP_MAC_init(hmac_context(), kNoKey, sizeof kNoKey, nullptr) == 1, "HMAC-SHA256");
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
  hmac(key, {data}, out);
  return out;
}

bool verify_hmac_sha256(ByteView key, ByteView data, ByteView mac) {
  return equal_in_constant_time(hmac_sha256(key, data), mac);
}

// RFC 5869 over the kept context: OpenSSL 3.0's own HKDF looks HMAC and SHA-256 up anew each time, which takes longer than they do.
Secret<32> hkdf_extract(ByteView salt, ByteView input_key) {
  Secret<32> out;
  hmac(salt, {input_key}, out.reveal_mutable().first<32>());
  forget_key();
  return out;
}

void hkdf_expand(ByteView prk, std::string_view label, ByteView context, MutableByteView out) {
  must(out.size() <= 255 * 32, "HKDF-SHA256");
  Secret<32> block;
  std::size_t known = 0;  // of the block before
  for (std::uint8_t number = 1; !out.empty(); ++number) {
    hmac(prk, {block.reveal().first(known), as_bytes(label), context, {&number, 1}}, block.reveal_mutable().first<32>());
    known = block.size();
    const std::size_t taken = std::min(known, out.size());
    std::copy_n(block.reveal().begin(), taken, out.begin());
    out = out.subspan(taken);
  }
  forget_key();
}

}  // namespace tf::crypto
