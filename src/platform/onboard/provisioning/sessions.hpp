// The DM sessions under way, by user. One that is over stays for a minute, for a device that missed the last reply and says its last message
// again; when there is no place, those that are over give way first and then the oldest, whose devices are challenged anew.
#pragma once
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "dm/server.hpp"
#include "platform/onboard/provisioning/store.hpp"

namespace tf::platform::provisioning {

struct DmSession {
  DmSession(Row of, std::string id, dm::ServerSettings settings) : row(std::move(of)), session_id(std::move(id)), dm(std::move(settings), row.nonces) {}
  std::mutex turn;  // one message at a time
  Row row;
  std::string session_id;
  dm::ServerSession dm;
  bool ordered = false;
};

class DmSessions {
 public:
  static constexpr std::size_t kMost = 10'000;
  static constexpr std::int64_t kUnderWayMs = 10 * 60 * 1000, kOverMs = 60 * 1000;
  explicit DmSessions(std::size_t most = kMost) : most_(most) {}

  std::shared_ptr<DmSession> find(const std::string& user);  // null
  // In the place of the user's other one.
  void put(const std::string& user, std::shared_ptr<DmSession> session, std::int64_t now_ms);
  // What the session said last is still there for a while. Of this session alone, not of one that took its place.
  void end(const std::string& user, const std::shared_ptr<DmSession>& session, std::int64_t now_ms);
  void drop(const std::string& user, const std::shared_ptr<DmSession>& session);
  void drop(const std::string& user);
  void forget(std::int64_t now_ms);
  [[nodiscard]] std::size_t size();

 private:
  struct Entry {
    std::shared_ptr<DmSession> session;
    bool over = false;
    std::int64_t ends_ms = 0;
    std::list<std::string>::iterator place{};  // in one of the two lists
  };
  using Found = std::unordered_map<std::string, Entry>::iterator;
  void erase(Found found);

  const std::size_t most_;
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> sessions_;
  std::list<std::string> under_way_, over_;  // users, the oldest first
};

}  // namespace tf::platform::provisioning
