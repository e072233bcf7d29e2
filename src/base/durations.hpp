// Spans of time in milliseconds.
#pragma once
#include <cstdint>

namespace tf {

inline constexpr std::int64_t kMinuteMs = 60'000, kHourMs = 60 * kMinuteMs, kDayMs = 24 * kHourMs;

}  // namespace tf
