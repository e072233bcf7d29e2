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
#include "wire/http.hpp"

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

// The request is a form. Code::malformed "frontends.notification".
Status check_notice_form(const wire::HttpRequest& request);
// The books hear of it, once; an error is to be answered with.
Status deliver_once(const Books& books, Heard& heard, const payment::Payment& payment, const payment::Outcome& outcome);
// What the gateway is answered: good, in its own words, where the notice was taken; 400 "failure" for one that is not to be believed, 503 "failure"
// where the books could not take it: it comes again.
wire::HttpResponse answer_notice(const std::string& front_end, const Status& taken, const char* good);

}  // namespace tf::frontends
