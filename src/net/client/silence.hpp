// Whoever was silent is asked last for a while, so that not everybody waits for him anew. Threads may share one.
#pragma once
#include <atomic>

#include "base/ports.hpp"

namespace tf::net {

class Silence {
 public:
  static constexpr std::int64_t kRememberedMs = 30'000;
  explicit Silence(const Clock& clock) : clock_(clock) {}
  void note(bool silent) { until_ms_.store(silent ? clock_.now_ms() + kRememberedMs : 0, std::memory_order_relaxed); }
  [[nodiscard]] bool lately() const { return clock_.now_ms() < until_ms_.load(std::memory_order_relaxed); }

 private:
  const Clock& clock_;
  std::atomic<std::int64_t> until_ms_{0};
};

}  // namespace tf::net
