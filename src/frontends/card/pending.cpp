#include "frontends/card/pending.hpp"

namespace tf::frontends::card {

std::optional<std::uint64_t> Pending::add(const std::string& key, Waiting&& waiting) {
  const std::scoped_lock lock(mutex_);
  if (waiting_.contains(key)) return std::nullopt;
  waiting.id = ++last_id_;
  waiting_.emplace(key, std::move(waiting));
  return last_id_;
}

std::optional<Waiting> Pending::take(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  auto node = waiting_.extract(key);
  if (node.empty()) return std::nullopt;
  return std::move(node.mapped());
}

std::optional<Waiting> Pending::take(const std::string& key, std::uint64_t id) {
  const std::scoped_lock lock(mutex_);
  const auto at = waiting_.find(key);
  if (at == waiting_.end() || at->second.id != id) return std::nullopt;
  return std::move(waiting_.extract(at).mapped());
}

std::vector<std::pair<std::string, Waiting>> Pending::take_all() {
  const std::scoped_lock lock(mutex_);
  std::vector<std::pair<std::string, Waiting>> out;
  for (auto& [key, waiting] : waiting_) out.emplace_back(key, std::move(waiting));
  waiting_.clear();
  return out;
}

std::size_t Pending::size() const {
  const std::scoped_lock lock(mutex_);
  return waiting_.size();
}

void Pending::remember_late(const std::string& key, const std::string& transaction) {
  const std::scoped_lock lock(mutex_);
  if (!late_.emplace(key, transaction).second) return;
  late_order_.push_back(key);
  if (late_order_.size() <= kLate) return;
  late_.erase(late_order_.front());
  late_order_.pop_front();
}

std::optional<std::string> Pending::take_late(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  auto node = late_.extract(key);
  if (node.empty()) return std::nullopt;
  return std::move(node.mapped());
}

}  // namespace tf::frontends::card
