#include "store/sqlite/group_commit.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/log.hpp"

namespace tf::store::sqlite {

void GroupCommit::run(std::span<Member* const> members) {
  const std::lock_guard lock(observers_mutex_);
  if (attempt(members, Scheme::plain) == Outcome::finished) return;
  ++batches_rerun_;
  attempt(members, Scheme::savepoints);
}

GroupCommit::Outcome GroupCommit::attempt(std::span<Member* const> members, Scheme scheme) {
  if (const Status begun = connection_.control("BEGIN IMMEDIATE"); !begun) return fail_all(members, begun.error());
  tell(&BatchObserver::batch_begins);
  std::uint64_t kept = 0;
  for (Member* member : members) {
    tell(&BatchObserver::member_begins);
    const Ending ending = run_member(*member, scheme);
    if (ending == Ending::kept) {
      ++kept;
      continue;
    }
    if (ending == Ending::fatal) {
      roll_back();
      return fail_all(members, member->status.error());
    }
    if (ending == Ending::spoilt) {
      roll_back();
      if (members.size() > 1) return Outcome::run_again;
      ++members_failed_;
      return Outcome::finished;
    }
    tell(&BatchObserver::member_rolled_back);
  }
  return commit(members, kept);
}

GroupCommit::Ending GroupCommit::run_member(Member& member, Scheme scheme) {
  session_.start();
  if (scheme == Scheme::savepoints) return run_in_savepoint(member);
  return judge(member);
}

GroupCommit::Ending GroupCommit::judge(Member& member) {
  member.status = session_.run([&](Session& session) { return member.run(session); });
  if (session_.fatal()) return Ending::fatal;
  if (member.status) return Ending::kept;
  return session_.has_written() ? Ending::spoilt : Ending::left_out;
}

GroupCommit::Ending GroupCommit::run_in_savepoint(Member& member) {
  Status control = connection_.control("SAVEPOINT member");
  if (control) {
    const Ending ending = judge(member);
    if (ending == Ending::fatal) return ending;
    if (ending != Ending::kept) control = connection_.control("ROLLBACK TO member");
    if (control) control = connection_.control("RELEASE member");
    if (control) return ending == Ending::kept ? Ending::kept : Ending::left_out;
  }
  member.status = std::move(control);
  return Ending::fatal;
}

GroupCommit::Outcome GroupCommit::commit(std::span<Member* const> members, std::uint64_t kept) {
  if (const Status committed = connection_.control("COMMIT"); !committed) {
    roll_back();
    return fail_all(members, committed.error());
  }
  tell(&BatchObserver::batch_committed);
  ++batches_;
  members_ += kept;
  members_failed_ += members.size() - kept;
  return Outcome::finished;
}

GroupCommit::Outcome GroupCommit::fail_all(std::span<Member* const> members, const Error& cause) {
  const Error error = cause;  // cause may be a member's own status
  for (Member* member : members) member->status = error;
  ++batches_failed_;
  return Outcome::finished;
}

void GroupCommit::roll_back() {
  if (connection_.in_transaction()) {
    // ROLLBACK cannot fail while a transaction is open; were it to, later members would join a dead one.
    if (const Status done = connection_.control("ROLLBACK"); !done && connection_.in_transaction()) {
      log::error("store: a batch could not be rolled back: " + describe(done.error()));
      std::abort();
    }
  }
  tell(&BatchObserver::batch_rolled_back);
}

void GroupCommit::tell(void (BatchObserver::*event)()) {
  for (BatchObserver* observer : observers_) (observer->*event)();
}

void GroupCommit::observe(BatchObserver& observer) {
  const std::lock_guard lock(observers_mutex_);
  observers_.push_back(&observer);
}

void GroupCommit::forget(BatchObserver& observer) {
  const std::lock_guard lock(observers_mutex_);
  std::erase(observers_, &observer);
}

BatchStats GroupCommit::stats() const {
  BatchStats out;
  out.batches = batches_;
  out.members = members_;
  out.members_failed = members_failed_;
  out.batches_failed = batches_failed_;
  out.batches_rerun = batches_rerun_;
  return out;
}

}  // namespace tf::store::sqlite
