#include "base/ports.hpp"

#include <openssl/rand.h>

#include <chrono>
#include <cstdlib>

namespace tf {

std::int64_t SystemClock::now_ms() const {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::int64_t SystemClock::monotonic_ms() const {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

void SystemRandom::fill(MutableByteView out) {
  if (RAND_priv_bytes(out.data(), static_cast<int>(out.size())) != 1) std::abort();
}

}  // namespace tf
