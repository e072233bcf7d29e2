#include "base/ports.hpp"

#include <openssl/rand.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>

#include "base/secret.hpp"

namespace tf {
namespace {

// Random octets drawn ahead: a call of the generator costs the same for 16 octets as for 512, and protocols ask for few at
// a time. What is given out is wiped here as it leaves; a forked child begins with none of its parent's.
class Reservoir {
 public:
  static constexpr std::size_t kLargest = 64;  // requests that are served from it

  void take(MutableByteView out) {
    if (left_ < out.size() || life_ != lives()) fill();
    left_ -= out.size();
    std::copy_n(octets_.reveal().begin() + static_cast<std::ptrdiff_t>(left_), out.size(), out.begin());
    wipe(octets_.reveal_mutable().data() + left_, out.size());
  }

 private:
  static std::atomic<std::uint64_t>& lives() {
    static std::atomic<std::uint64_t> count{1};
    static const int registered = ::pthread_atfork(nullptr, nullptr, [] { ++lives(); });
    if (registered != 0) std::abort();
    return count;
  }
  void fill() {
    life_ = lives();
    if (RAND_priv_bytes(octets_.reveal_mutable().data(), static_cast<int>(octets_.size())) != 1) std::abort();
    left_ = octets_.size();
  }

  Secret<512> octets_;
  std::size_t left_ = 0;
  std::uint64_t life_ = 0;
};

}  // namespace

std::int64_t SystemClock::now_ms() const {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::int64_t SystemClock::monotonic_ms() const {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

void SystemRandom::fill(MutableByteView out) {
  thread_local Reservoir reservoir;
  if (out.size() <= Reservoir::kLargest) return reservoir.take(out);
  if (RAND_priv_bytes(out.data(), static_cast<int>(out.size())) != 1) std::abort();
}

}  // namespace tf
