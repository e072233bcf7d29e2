#include "platform/onboard/provisioning/sessions.hpp"

namespace tf::platform::provisioning {

void DmSessions::erase(Found found) {
  (found->second.over ? over_ : under_way_).erase(found->second.place);
  sessions_.erase(found);
}

std::shared_ptr<DmSession> DmSessions::find(const std::string& user) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(user);
  return found == sessions_.end() ? nullptr : found->second.session;
}

void DmSessions::put(const std::string& user, std::shared_ptr<DmSession> session, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  if (const auto found = sessions_.find(user); found != sessions_.end()) erase(found);
  while (sessions_.size() >= most_) erase(sessions_.find(over_.empty() ? under_way_.front() : over_.front()));
  under_way_.push_back(user);
  sessions_.emplace(user, Entry{std::move(session), false, now_ms + kUnderWayMs, std::prev(under_way_.end())});
}

void DmSessions::end(const std::string& user, const std::shared_ptr<DmSession>& session, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(user);
  if (found == sessions_.end() || found->second.session != session || found->second.over) return;
  over_.splice(over_.end(), under_way_, found->second.place);
  found->second.over = true;
  found->second.ends_ms = now_ms + kOverMs;
}

void DmSessions::drop(const std::string& user, const std::shared_ptr<DmSession>& session) {
  const std::lock_guard lock(mutex_);
  if (const auto found = sessions_.find(user); found != sessions_.end() && found->second.session == session) erase(found);
}

void DmSessions::drop(const std::string& user) {
  const std::lock_guard lock(mutex_);
  if (const auto found = sessions_.find(user); found != sessions_.end()) erase(found);
}

// Each list ends in its order.
void DmSessions::forget(std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  for (std::list<std::string>* each : {&under_way_, &over_})
    while (!each->empty()) {
      const auto first = sessions_.find(each->front());
      if (first->second.ends_ms > now_ms) break;
      erase(first);
    }
}

std::size_t DmSessions::size() {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

}  // namespace tf::platform::provisioning
