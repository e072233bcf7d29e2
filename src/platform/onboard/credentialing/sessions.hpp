// Sessions between hello and request: in memory only, for 60 seconds, so many and no more. Hello proves nothing, so a registration has four
// at most; the oldest gives way to a fifth.
#pragma once
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "protocols/onboard/records.hpp"

namespace tf::platform::credentialing {

class SessionBook {
 public:
  static constexpr std::size_t kMostOfOne = 4;
  explicit SessionBook(std::size_t most) : most_(most) {}

  // Code::overloaded "onboard.sessions" when there are too many.
  Status keep(onboard::Session session, std::int64_t now_ms) {
    const std::lock_guard lock(mutex_);
    forget(now_ms);
    auto& own = by_registration_[session.registration];
    if (own.size() >= kMostOfOne) remove(own.front());
    else if (by_id_.size() >= most_) {
      if (own.empty()) by_registration_.erase(session.registration);
      return Error{Code::overloaded, "onboard.sessions", "too many sessions are under way"};
    }
    by_age_.push_back(std::move(session));
    const auto place = std::prev(by_age_.end());
    by_id_.emplace(place->id, place);
    by_registration_[place->registration].push_back(place);
    return {};
  }
  // Once: it is used up, whatever comes of it.
  std::optional<onboard::Session> take(const std::string& id) {
    const std::lock_guard lock(mutex_);
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? std::nullopt : std::optional(remove(found->second));
  }
  void housekeeping(std::int64_t now_ms) {
    const std::lock_guard lock(mutex_);
    forget(now_ms);
  }
  [[nodiscard]] std::size_t size() {
    const std::lock_guard lock(mutex_);
    return by_id_.size();
  }

 private:
  using Place = std::list<onboard::Session>::iterator;

  // All live equally long, so those that are over are in front.
  void forget(std::int64_t now_ms) {
    while (!by_age_.empty() && by_age_.front().expires_ms <= now_ms) remove(by_age_.begin());
  }
  onboard::Session remove(Place place) {
    by_id_.erase(place->id);
    auto& own = by_registration_.at(place->registration);
    std::erase(own, place);
    if (own.empty()) by_registration_.erase(place->registration);
    onboard::Session out = std::move(*place);
    by_age_.erase(place);
    return out;
  }

  const std::size_t most_;
  std::mutex mutex_;
  std::list<onboard::Session> by_age_;  // the oldest first
  std::unordered_map<std::string, Place> by_id_;
  std::unordered_map<std::string, std::vector<Place>> by_registration_;
};

}  // namespace tf::platform::credentialing
