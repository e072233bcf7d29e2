// The orders that phones wait for at this moment.
#pragma once
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace tf::platform {

class OrdersUnderWay {
 public:
  void add(const std::string& registration, const std::string& order) {
    const std::lock_guard lock(mutex_);
    orders_.emplace(registration, order);
  }
  void remove(const std::string& registration, const std::string& order) {
    const std::lock_guard lock(mutex_);
    if (const auto found = orders_.find({registration, order}); found != orders_.end()) orders_.erase(found);
  }
  [[nodiscard]] bool has(const std::string& registration, const std::string& order) const {
    const std::lock_guard lock(mutex_);
    return orders_.contains({registration, order});
  }

 private:
  mutable std::mutex mutex_;
  std::multiset<std::pair<std::string, std::string>> orders_;  // a repetition is one more
};

}  // namespace tf::platform
