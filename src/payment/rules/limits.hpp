// Risk limits: how much and how often a user, or a terminal, may pay. Each is of one currency. The books keep a Usage for each
// (who, currency) and change it in the transaction of the order, so that the limits are exact.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "payment/order.hpp"

namespace tf::payment {

enum class Of { user, terminal };
std::string_view name_of(Of of);

struct Limit {
  Of of = Of::user;
  std::string currency;
  std::optional<std::int64_t> amount;         // of one payment, minor units; all inclusive
  std::optional<std::int64_t> sum_per_day;
  std::optional<std::int64_t> count_per_day;
  std::int64_t count = 0;                     // at most so many (up to 100) …
  std::int64_t within_ms = 0;                 // … in any stretch of this length; 0: no such limit
};
inline constexpr std::int64_t kMostWithin = 100;

struct Limits {
  std::vector<Limit> all;
  int utc_offset_minutes = 0;  // the books' day
  // That of whom, in this currency; null: none.
  [[nodiscard]] const Limit* find(Of of, std::string_view currency) const;
};

struct Usage {
  std::int64_t day = 0;  // YYYYMMDD of sum and count
  std::int64_t sum = 0;
  std::int64_t count = 0;
  std::vector<std::int64_t> recent;  // when the last ones were, oldest first; as many as a limit needs
};

// Counts the payment, or gives the code of the limit it breaks and changes nothing: "limit_amount", "limit_sum", "limit_count",
// "limit_velocity".
std::optional<std::string> take(const Limit& limit, Usage& usage, std::int64_t amount, std::int64_t day, std::int64_t now_ms);
// The payment of that day did not come about: its amount is free again.
void give_back(Usage& usage, std::int64_t amount, std::int64_t day);

const std::string& who(Of of, const OrderRequest& request);
Bytes encode_recent(const Usage& usage);
Result<std::vector<std::int64_t>> decode_recent(ByteView bytes);  // Code::integrity "payment.recent"

}  // namespace tf::payment
