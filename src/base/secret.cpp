#include "base/secret.hpp"

#include <openssl/crypto.h>
#include <string.h>  // explicit_bzero

namespace tf {

void wipe(void* data, std::size_t size) {
  if (size != 0) ::explicit_bzero(data, size);  // several times as fast as OPENSSL_cleanse
}

bool equal_in_constant_time(ByteView a, ByteView b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

void SecretBytes::shorten(std::size_t size) {
  if (size >= bytes_.size()) return;
  wipe(bytes_.data() + size, bytes_.size() - size);
  bytes_.resize(size);
}

void SecretBytes::clear() {
  wipe(bytes_.data(), bytes_.size());
  bytes_.clear();
}

}  // namespace tf
