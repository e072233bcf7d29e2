// The rows of notices that wait to be delivered, were delivered, or were given up.
#pragma once
#include <vector>

#include "payment/notices/notice.hpp"
#include "store/session.hpp"

namespace tf::payment {

Status insert_notice(store::Session& session, const Notice& notice, std::int64_t now_ms);

struct Due {
  Notice notice{};
  std::int64_t created_ms = 0;
  std::int64_t due_ms = 0;
  int attempts = 0;  // so far
  std::string last_error{};
};
// Merchants who have one that is due by then; of one of them, the one that is due first, unless an earlier one of its order waits.
Result<std::vector<std::string>> load_merchants_due(store::Session& session, std::int64_t until_ms);
Result<std::optional<Due>> load_first_due(store::Session& session, const std::string& merchant, std::int64_t until_ms);
Status mark_delivered(store::Session& session, const Notice& notice, int attempts);
// due_ms: of the next attempt; none: it is given up.
Status mark_failed(store::Session& session, const Notice& notice, int attempts, std::optional<std::int64_t> due_ms, const std::string& error);
Result<std::vector<Due>> load_given_up(store::Session& session, std::int64_t most);
// Delivered ones before then are forgotten.
Status forget_delivered(store::Session& session, std::int64_t before_ms);

}  // namespace tf::payment
