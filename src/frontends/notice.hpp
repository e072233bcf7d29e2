// A gateway's own word about a payment, sent to an endpoint of ours. Whatever it says is checked against the books before
// anybody hears of it.
#pragma once
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "payment/front_end.hpp"

namespace tf::frontends {

struct Books {
  // The payment of that transaction number through this front end; nothing: there is none.
  std::function<Result<std::optional<payment::Payment>>(const std::string& transaction)> find;
  // Takes what the gateway said. The same may come again, in any order and long after (a restart forgets what was heard):
  // the books let it change nothing once the payment is settled. An error: the gateway is to send it again.
  std::function<Status(const payment::Payment& payment, const payment::Outcome& outcome)> deliver;
};

// The notices that were delivered lately; one that comes again is answered and not delivered. Any thread.
class Heard {
 public:
  [[nodiscard]] bool before(const std::string& id) const;
  void remember(const std::string& id);

 private:
  static constexpr std::size_t kKept = 4096;
  mutable std::mutex mutex_;
  std::set<std::string> ids_;
  std::deque<std::string> order_;
};

}  // namespace tf::frontends
