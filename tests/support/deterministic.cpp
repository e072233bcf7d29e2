// OpenSSL calls it deprecated, but RAND_set_rand_method is the one way that reaches every use inside libcrypto.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "tests/support/deterministic.hpp"

#include <openssl/rand.h>

#include "crypto/digest.hpp"
#include "crypto/keys.hpp"

namespace tf::test {
namespace {

Random* current = nullptr;

int fill_bytes(unsigned char* out, int size) {
  current->fill({out, static_cast<std::size_t>(size)});
  return 1;
}
int is_ready() { return 1; }
const RAND_METHOD kMethod{nullptr, fill_bytes, nullptr, nullptr, fill_bytes, is_ready};

}  // namespace

void DeterministicRandom::reseed(std::string_view seed) {
  seed_ = crypto::sha256(as_bytes(seed));
  drawn_ = 0;
}

void DeterministicRandom::fill(MutableByteView out) {
  for (std::uint8_t& byte : out) {
    const std::size_t at = drawn_ % block_.size();
    if (at == 0) {
      ByteArray<8> counter;
      for (std::size_t i = 0; i < 8; ++i)
        counter[i] = static_cast<std::uint8_t>(drawn_ / block_.size() >> (56 - 8 * i));
      block_ = crypto::sha256({seed_, counter});
    }
    byte = block_[at];
    ++drawn_;
  }
}

OpenSslRandomness::OpenSslRandomness(Random& source) : source_before_(current), method_before_(RAND_get_rand_method()) {
  // Makes what crypto makes once a process, which would otherwise draw in whatever test comes first.
  static const bool warm = !crypto::PublicKey::from_point({}).has_value();
  if (!warm) std::abort();
  current = &source;
  if (RAND_set_rand_method(&kMethod) != 1) std::abort();
}

OpenSslRandomness::~OpenSslRandomness() {
  current = source_before_;
  if (RAND_set_rand_method(method_before_) != 1) std::abort();
}

}  // namespace tf::test
