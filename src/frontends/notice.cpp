#include "frontends/notice.hpp"

#include <fmt/format.h>

#include "base/log.hpp"

namespace tf::frontends {

bool Heard::before(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  return ids_.contains(id);
}

void Heard::remember(const std::string& id) {
  const std::lock_guard lock(mutex_);
  if (!ids_.insert(id).second) return;
  order_.push_back(id);
  if (order_.size() <= kKept) return;
  ids_.erase(order_.front());
  order_.pop_front();
}

Status check_notice_form(const wire::HttpRequest& request) {
  if (request.method == "POST" && request.content_type == "application/x-www-form-urlencoded") return {};
  return Error{Code::malformed, "frontends.notification", "not a form"};
}

// A notice sent again is the same but for its time; what it says is what tells it from others.
Status deliver_once(const Books& books, Heard& heard, const payment::Payment& payment, const payment::Outcome& outcome) {
  const std::string id = payment.transaction + "\n" + outcome.code + "\n" + outcome.reference;
  if (heard.before(id)) return {};
  TF_CHECK(books.deliver(payment, outcome));
  heard.remember(id);
  return {};
}

wire::HttpResponse answer_notice(const std::string& front_end, const Status& taken, const char* good) {
  if (taken) return {200, "text/plain", good, {}};
  log::warn(fmt::format("{}: a notification was not taken: {}", front_end, log::quoted(describe(taken.error()))));
  const bool theirs = taken.error().code == Code::refused || taken.error().code == Code::malformed;
  return {theirs ? 400 : 503, "text/plain", "failure", {}};
}

}  // namespace tf::frontends
