// What was read or parsed before, to spare the work a second time. None of it is believed: what decides is asked of its source each time.
// Bounded: full, it begins anew. Any thread.
#pragma once
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace tf {

template <class T>
class Remembered {
 public:
  explicit Remembered(std::size_t most) : most_(most) {}
  [[nodiscard]] std::optional<T> find(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(key);
    return found == kept_.end() ? std::nullopt : std::optional<T>(found->second);
  }
  void keep(const std::string& key, T value) {
    const std::lock_guard lock(mutex_);
    if (kept_.size() >= most_ && !kept_.contains(key)) kept_.clear();
    kept_.insert_or_assign(key, std::move(value));
  }
  void forget(const std::string& key) {
    const std::lock_guard lock(mutex_);
    kept_.erase(key);
  }

 private:
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, T> kept_;
};

}  // namespace tf
