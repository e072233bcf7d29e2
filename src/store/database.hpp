// The port to the database. SQLite implements it; PostgreSQL can. Writes are grouped: concurrent members share one
// durable commit, and each is acknowledged only after it.
//
// Errors every implementation gives: Code::conflict "store.conflict" (a UNIQUE, PRIMARY KEY or FOREIGN KEY constraint),
// Code::unavailable "store.full", "store.read_only", "store.locked", "store.io", "store.closed",
// Code::overloaded "store.queue_full", Code::integrity "store.corrupt", "store.column_type",
// Code::invalid "store.text" (text that is not UTF-8 or holds NUL), Code::internal "store.sql".
#pragma once
#include <functional>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "store/session.hpp"

namespace tf::store {

// What a member of a batch does. It runs on the writer's thread, which may be that of anybody who waits for a write, must be quick, and MAY RUN MORE THAN ONCE: when another
// member fails the batch may be rolled back and run again, so it must give the same answer and have no effect but its
// statements (assigning, not adding to, what it captured). An Error rolls back this member alone. Constraints must not
// be DEFERRABLE: they would fail the whole batch at its commit.
using WriteFn = std::move_only_function<Status(Session&)>;
using DoneFn = std::move_only_function<void(Status)>;

// One step of a schema. Steps are known by (component, version): each room has a list of its own.
struct Migration {
  int version = 0;  // ascending within a component, from 1
  const char* name = "";
  const char* sql = "";  // portable, several statements
};

// Follows the batches, on the writer's thread, one call at a time. State kept beside the rows (the tail of the audit chain) is marked and put
// back with these calls. A batch that is run again begins again.
class BatchObserver {
 public:
  virtual ~BatchObserver() = default;
  virtual void batch_begins() = 0;
  virtual void member_begins() = 0;
  virtual void member_rolled_back() = 0;
  virtual void batch_committed() = 0;
  virtual void batch_rolled_back() = 0;
};

struct BatchStats {
  std::uint64_t batches = 0;         // committed
  std::uint64_t members = 0;         // acknowledged as written
  std::uint64_t members_failed = 0;  // by their own error
  std::uint64_t batches_failed = 0;  // every member got the database's error
  std::uint64_t batches_rerun = 0;   // run a second time because a member failed after it had written
  std::uint64_t queued = 0;          // waiting now
};

class Database {
 public:
  virtual ~Database() = default;  // finishes what is queued

  // Runs fn on the caller's thread over one consistent snapshot, which holds every write acknowledged before.
  virtual Status read(FunctionRef<Status(Session&)> fn) = 0;
  // Runs fn as a member of a group commit, and returns when it is durable or has failed: with fn's own error, or with
  // that of the batch. Not from inside a member (Code::internal "store.write_inside_write").
  virtual Status write(FunctionRef<Status(Session&)> fn) = 0;
  // The same without waiting. done is called on the writer's thread after the commit, or at once when the write cannot
  // be queued; it must be quick, and take no lock that anybody holds while he waits for a write.
  virtual void write_async(WriteFn fn, DoneFn done) = 0;

  // Brings the component's tables up to the last of these versions, all or nothing. A database newer than the program
  // is refused (Code::conflict "store.schema_newer"). On a read-only database it only compares ("store.schema_older").
  Status migrate(std::string_view component, std::span<const Migration> migrations);

  // Reads every page and checks the structure. Slow; for start and for tools. Code::integrity "store.corrupt".
  virtual Status check() = 0;
  [[nodiscard]] virtual bool read_only() const = 0;
  [[nodiscard]] virtual BatchStats stats() const = 0;

  // An observer is told of every batch between these two calls, neither of which may come from inside a member.
  virtual void observe(BatchObserver& observer) = 0;
  virtual void forget(BatchObserver& observer) = 0;
};

}  // namespace tf::store
