#include "payment/rules/limits.hpp"

#include <algorithm>

namespace tf::payment {

std::string_view name_of(Of of) { return of == Of::user ? "user" : "terminal"; }

const Limit* Limits::find(Of of, std::string_view currency) const {
  const auto found = std::ranges::find_if(all, [&](const Limit& limit) { return limit.of == of && limit.currency == currency; });
  return found == all.end() ? nullptr : &*found;
}

std::optional<std::string> take(const Limit& limit, Usage& usage, std::int64_t amount, std::int64_t day, std::int64_t now_ms) {
  const bool today = usage.day == day;
  const std::int64_t sum = (today ? usage.sum : 0) + amount;
  const std::int64_t count = (today ? usage.count : 0) + 1;
  if (limit.amount && amount > *limit.amount) return "limit_amount";
  if (limit.sum_per_day && sum > *limit.sum_per_day) return "limit_sum";
  if (limit.count_per_day && count > *limit.count_per_day) return "limit_count";
  if (limit.within_ms > 0) {
    // What lies ahead of now was before the clock was put back: it counts.
    const auto still = std::ranges::count_if(usage.recent, [&](std::int64_t at) { return at > now_ms - limit.within_ms; });
    if (still >= limit.count) return "limit_velocity";
    std::erase_if(usage.recent, [&](std::int64_t at) { return at <= now_ms - limit.within_ms; });
    usage.recent.push_back(now_ms);
  }
  usage.day = day;
  usage.sum = sum;
  usage.count = count;
  return std::nullopt;
}

void give_back(Usage& usage, std::int64_t amount, std::int64_t day) {
  if (usage.day == day) usage.sum -= amount;
}

const std::string& who(Of of, const OrderRequest& request) { return of == Of::user ? request.user : request.terminal; }

Bytes encode_recent(const Usage& usage) {
  Bytes out;
  out.reserve(usage.recent.size() * 8);
  for (const std::int64_t at : usage.recent)
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(at) >> shift));
  return out;
}

Result<std::vector<std::int64_t>> decode_recent(ByteView bytes) {
  if (bytes.size() % 8 != 0 || bytes.size() > kMostWithin * 8) return Error{Code::integrity, "payment.recent", "not a list of moments"};
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    std::uint64_t at = 0;
    for (std::size_t j = 0; j < 8; ++j) at = at << 8 | bytes[i + j];
    out.push_back(static_cast<std::int64_t>(at));
  }
  return out;
}

}  // namespace tf::payment
