// Sessions between hello and request: in memory only, for 60 seconds, so many and no more.
#pragma once
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "protocols/onboard/records.hpp"

namespace tf::platform::credentialing {

class SessionBook {
 public:
  explicit SessionBook(std::size_t most) : most_(most) {}

  // Code::overloaded "onboard.sessions" when there are too many.
  Status keep(onboard::Session session, std::int64_t now_ms) {
    const std::lock_guard lock(mutex_);
    if (sessions_.size() >= most_) forget(now_ms);
    if (sessions_.size() >= most_) return Error{Code::overloaded, "onboard.sessions", "too many sessions are under way"};
    std::string id = session.id;
    sessions_.emplace(std::move(id), std::move(session));
    return {};
  }
  // Once: it is used up, whatever comes of it.
  std::optional<onboard::Session> take(const std::string& id) {
    const std::lock_guard lock(mutex_);
    auto found = sessions_.extract(id);
    return found ? std::optional(std::move(found.mapped())) : std::nullopt;
  }
  void housekeeping(std::int64_t now_ms) {
    const std::lock_guard lock(mutex_);
    forget(now_ms);
  }

 private:
  void forget(std::int64_t now_ms) {
    std::erase_if(sessions_, [&](const auto& entry) { return entry.second.expires_ms <= now_ms; });
  }
  const std::size_t most_;
  std::mutex mutex_;
  std::map<std::string, onboard::Session> sessions_;
};

}  // namespace tf::platform::credentialing
