#include "frontends/notice.hpp"

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

}  // namespace tf::frontends
