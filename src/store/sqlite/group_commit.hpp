// Runs a batch of members in one transaction. First all of them one after another, without savepoints: that is nearly
// always enough, and cheap. A member that fails before it has written anything is simply left out. Only when one fails
// after it has written is the batch rolled back and run again, each member in a savepoint of its own.
#pragma once
#include <atomic>
#include <mutex>
#include <span>
#include <vector>

#include "store/sqlite/session.hpp"
#include "store/write_queue.hpp"

namespace tf::store::sqlite {

class GroupCommit {
 public:
  explicit GroupCommit(Connection& connection) : connection_(connection), session_(connection, Role::writer) {}

  // Leaves a status in every member. Nothing of a batch that failed is written.
  void run(std::span<Member* const> members);

  void observe(BatchObserver& observer);
  void forget(BatchObserver& observer);
  [[nodiscard]] BatchStats stats() const;

 private:
  enum class Scheme { plain, savepoints };
  enum class Outcome { finished, run_again };
  enum class Ending { kept, left_out, spoilt, fatal };

  Outcome attempt(std::span<Member* const> members, Scheme scheme);
  Ending run_member(Member& member, Scheme scheme);
  Ending run_in_savepoint(Member& member);
  Ending judge(Member& member);
  Outcome commit(std::span<Member* const> members, std::uint64_t kept);
  Outcome fail_all(std::span<Member* const> members, const Error& error);
  void roll_back();
  void tell(void (BatchObserver::*event)());

  Connection& connection_;
  SqliteSession session_;
  std::mutex observers_mutex_;
  std::vector<BatchObserver*> observers_;
  std::atomic<std::uint64_t> batches_ = 0;
  std::atomic<std::uint64_t> members_ = 0;
  std::atomic<std::uint64_t> members_failed_ = 0;
  std::atomic<std::uint64_t> batches_failed_ = 0;
  std::atomic<std::uint64_t> batches_rerun_ = 0;
};

}  // namespace tf::store::sqlite
