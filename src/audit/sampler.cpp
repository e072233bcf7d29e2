#include "audit/sampler.hpp"

#include <algorithm>
#include <utility>

namespace tf::audit {

RefusalSampler::RefusalSampler(const Clock& clock, SamplerOptions options)
    : clock_(clock), options_(options), thousandths_(options.burst * 1000), filled_at_ms_(clock.monotonic_ms()) {}

// A millisecond gives per_second thousandths of a token.
void RefusalSampler::refill() {
  const std::int64_t now = clock_.monotonic_ms();
  const std::int64_t full = options_.burst * 1000;
  const std::int64_t until_full = options_.per_second > 0 ? full / options_.per_second + 1 : 0;
  const std::int64_t passed = std::clamp<std::int64_t>(now - filled_at_ms_, 0, until_full);
  thousandths_ = std::min(full, thousandths_ + passed * options_.per_second);
  filled_at_ms_ = std::max(filled_at_ms_, now);
}

std::optional<std::uint64_t> RefusalSampler::admit() {
  const std::lock_guard lock(mutex_);
  refill();
  if (thousandths_ < 1000) {
    ++suppressed_;
    ++suppressed_total_;
    return std::nullopt;
  }
  thousandths_ -= 1000;
  return std::exchange(suppressed_, 0);
}

void RefusalSampler::give_back(std::uint64_t suppressed) {
  const std::lock_guard lock(mutex_);
  suppressed_ += suppressed + 1;
  ++suppressed_total_;
}

std::uint64_t RefusalSampler::suppressed_total() const {
  const std::lock_guard lock(mutex_);
  return suppressed_total_;
}

}  // namespace tf::audit
