// Time and chance as a test wants them: a clock that stands still and randomness that is the same each time.
#pragma once
#include <openssl/types.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/log.hpp"
#include "base/ports.hpp"
#include "base/result.hpp"

namespace tf::test {

// Moves only when told to, by any thread.
class FixedClock final : public Clock {
 public:
  static constexpr std::int64_t kStart = 1'793'491'200'000;  // 2026-11-01T00:00:00Z
  explicit FixedClock(std::int64_t now_ms = kStart) : now_ms_(now_ms) {}
  [[nodiscard]] std::int64_t now_ms() const override { return now_ms_; }
  [[nodiscard]] std::int64_t monotonic_ms() const override { return now_ms_ - kStart; }
  void set(std::int64_t now_ms) { now_ms_ = now_ms; }
  void advance_days(std::int64_t days) { now_ms_ += days * 24 * 3600 * 1000; }

 private:
  std::atomic<std::int64_t> now_ms_;
};

// SHA-256(seed ‖ counter), one block after another. Counts what was drawn.
class DeterministicRandom final : public Random {
 public:
  explicit DeterministicRandom(std::string_view seed) { reseed(seed); }
  void reseed(std::string_view seed);
  void fill(MutableByteView out) override;
  [[nodiscard]] std::uint64_t drawn() const { return drawn_; }

 private:
  Hash256 seed_{};
  Hash256 block_{};
  std::uint64_t drawn_ = 0;
};

// While it lives, all randomness inside OpenSSL (key generation, ECDSA nonces, OAEP, blinding) comes from the given
// stream. They nest; one thread only.
class OpenSslRandomness {
 public:
  explicit OpenSslRandomness(Random& source);
  ~OpenSslRandomness();
  OpenSslRandomness(const OpenSslRandomness&) = delete;
  OpenSslRandomness& operator=(const OpenSslRandomness&) = delete;

 private:
  Random* source_before_;
  const RAND_METHOD* method_before_;
};

// The value, where a test cannot go on without it.
template <class T>
T must(Result<T> result, const char* what = "a test's preparation") {
  if (!result) {
    log::error(std::string(what) + " failed: " + describe(result.error()));
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace tf::test
