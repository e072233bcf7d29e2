// Refusals of peers who proved nothing are counted all and written some, so that nobody can fill the disk.
#pragma once
#include <cstdint>
#include <mutex>
#include <optional>

#include "base/ports.hpp"

namespace tf::audit {

struct SamplerOptions {
  std::int64_t burst = 100;      // entries at once
  std::int64_t per_second = 10;  // entries in the long run
};

// A token bucket. Threads may share it.
class RefusalSampler {
 public:
  explicit RefusalSampler(const Clock& clock, SamplerOptions options = {});

  // nullopt: count this one and do not write it. Otherwise write it, with the number of those suppressed since the last
  // one written as member "suppressed" of its detail.
  std::optional<std::uint64_t> admit();
  // The entry admitted could not be written: its number goes to the next one, which counts it too.
  void give_back(std::uint64_t suppressed);
  [[nodiscard]] std::uint64_t suppressed_total() const;

 private:
  void refill();

  const Clock& clock_;
  const SamplerOptions options_;
  mutable std::mutex mutex_;
  std::int64_t thousandths_;  // of a token
  std::int64_t filled_at_ms_;
  std::uint64_t suppressed_ = 0;
  std::uint64_t suppressed_total_ = 0;
};

}  // namespace tf::audit
