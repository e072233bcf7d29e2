// When a result that could not be written is tried again.
#pragma once
#include <algorithm>
#include <cstdint>

namespace tf::payment {

// After 0.1 s, each time twice as long, 5 s at most.
constexpr std::int64_t write_again_ms(int failures) { return std::min<std::int64_t>(std::int64_t{100} << std::min(failures, 10), 5'000); }

}  // namespace tf::payment
