#include "store/sqlite/session.hpp"

#include <exception>

#include "store/sqlite/errors.hpp"

namespace tf::store::sqlite {

void SqliteSession::start() {
  failed_.reset();
  fatal_.reset();
  schema_changed_ = false;
  changes_before_ = sqlite3_total_changes64(connection_.raw());
}

Status SqliteSession::run(FunctionRef<Status(Session&)> fn) {
  Status own;
  try {
    own = fn(*this);
  } catch (const std::exception& thrown) {
    own = Error{Code::internal, "store.member_threw", thrown.what()};
  } catch (...) {
    own = Error{Code::internal, "store.member_threw", ""};
  }
  if (fatal_) return *fatal_;
  if (own && failed_) return *failed_;
  return own;
}

bool SqliteSession::has_written() const {
  return schema_changed_ || sqlite3_total_changes64(connection_.raw()) != changes_before_;
}

Error SqliteSession::fail(Error error) {
  if (!failed_) failed_ = error;
  return error;
}

Error SqliteSession::fail_step() {
  const int code = sqlite3_extended_errcode(connection_.raw());
  Error error = last_error(connection_.raw());
  // SQLite gives up the whole transaction by itself in some of these cases; we always do.
  if (is_environmental(code) || !connection_.in_transaction()) fatal_ = error;
  return fail(std::move(error));
}

Result<Lease> SqliteSession::ready(std::string_view sql, Values params) {
  if (failed_) return *failed_;
  auto lease = connection_.statement(sql);
  if (!lease) {
    if (is_environmental(sqlite3_errcode(connection_.raw()))) fatal_ = lease.error();
    return fail(lease.error());
  }
  if (role_ == Role::reader && !(*lease)->reads_only())
    return fail({Code::internal, "store.write_in_read", "a read snapshot cannot write"});
  if (const Status bound = (*lease)->bind(params); !bound) return fail(bound.error());
  return lease;
}

Status SqliteSession::do_query(std::string_view sql, Values params, FunctionRef<Status(const Row&)> each) {
  const Lease lease = TF_TRY(ready(sql, params));
  for (;;) {
    const int code = lease->step();
    if (code == SQLITE_DONE) return {};
    if (code != SQLITE_ROW) return fail_step();
    const StatementRow row(lease->raw());
    const Status taken = each(row);
    if (row.wrong_type()) return *row.wrong_type();  // the statement was good: others may follow
    if (!taken) return taken;
  }
}

Result<std::int64_t> SqliteSession::do_execute(std::string_view sql, Values params) {
  const Lease lease = TF_TRY(ready(sql, params));
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = lease->step();
  if (code != SQLITE_DONE) return fail_step();
  return lease->reads_only() ? 0 : sqlite3_changes64(connection_.raw());
}

Status SqliteSession::script(std::string_view sql) {
  if (failed_) return *failed_;
  if (role_ == Role::reader) return fail({Code::internal, "store.write_in_read", "a read snapshot cannot write"});
  schema_changed_ = true;
  while (!sql.empty()) {
    const std::string_view here = sql;
    auto statement = Statement::prepare(connection_.raw(), here, &sql);
    if (!statement) return fail(statement.error());
    if ((*statement)->empty()) continue;
    if (!classify(here)) return fail({Code::internal, "store.sql", "not a statement for a script"});
    if (const Status bound = (*statement)->bind({}); !bound) return fail(bound.error());
    int code = SQLITE_ROW;
    while (code == SQLITE_ROW) code = (*statement)->step();
    if (code != SQLITE_DONE) return fail_step();
  }
  return {};
}

}  // namespace tf::store::sqlite
