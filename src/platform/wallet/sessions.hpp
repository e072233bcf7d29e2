// Sessions of logged-in phones: in memory only, bounded, each until its end. A new login of a registration ends the one before.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/ports.hpp"
#include "protocols/wallet/records.hpp"

namespace tf::platform {

class WalletSessions {
 public:
  WalletSessions(const Clock& clock, std::size_t most) : clock_(clock), most_(most) {}

  // Code::overloaded "wallet.sessions_full".
  Status put(wallet::Session session) {
    const std::lock_guard lock(mutex_);
    forget_ended();
    if (const auto before = of_registration_.find(session.registration); before != of_registration_.end()) {
      sessions_.erase(before->second);
      of_registration_.erase(before);
    }
    if (sessions_.size() >= most_) return Error{Code::overloaded, "wallet.sessions_full", "too many phones are logged in"};
    of_registration_[session.registration] = session.id;
    ends_.emplace(session.expires_ms, session.id);
    const std::string id = session.id;
    sessions_.insert_or_assign(id, std::make_shared<const wallet::Session>(std::move(session)));
    return {};
  }
  // Null when there is none, or its time is over.
  [[nodiscard]] std::shared_ptr<const wallet::Session> find(const std::string& id) {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(id);
    if (found == sessions_.end() || found->second->expires_ms <= clock_.now_ms()) return nullptr;
    return found->second;
  }
  void end_of(const std::string& registration) {
    const std::lock_guard lock(mutex_);
    const auto found = of_registration_.find(registration);
    if (found == of_registration_.end()) return;
    sessions_.erase(found->second);
    of_registration_.erase(found);
  }

 private:
  void forget_ended() {
    const std::int64_t now = clock_.now_ms();
    while (!ends_.empty() && ends_.begin()->first <= now) {
      const auto found = sessions_.find(ends_.begin()->second);
      if (found != sessions_.end()) {
        of_registration_.erase(found->second->registration);
        sessions_.erase(found);
      }
      ends_.erase(ends_.begin());
    }
  }

  const Clock& clock_;
  const std::size_t most_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const wallet::Session>> sessions_;
  std::map<std::string, std::string> of_registration_;
  std::multimap<std::int64_t, std::string> ends_;
};

}  // namespace tf::platform
