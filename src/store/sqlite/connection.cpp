#include "store/sqlite/connection.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "store/sqlite/errors.hpp"
#include "store/sqlite/log_writes.hpp"

namespace tf::store::sqlite {
namespace {

// A tool on read-only media finds no write-ahead log and cannot make one; then nobody else can either, and the file
// may be read as it is.
std::string uri_of(const SqliteOptions& options) {
  std::string uri = "file:";
  for (const char c : options.path) {
    if (c == '?' || c == '#' || c == '%') {
      fmt::format_to(std::back_inserter(uri), "%{:02X}", static_cast<unsigned>(c));
    } else {
      uri.push_back(c);
    }
  }
  const std::size_t slash = options.path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : options.path.substr(0, slash + 1);
  const bool unchanging =
      access(directory.c_str(), W_OK) != 0 && access((options.path + "-wal").c_str(), F_OK) != 0;
  return options.read_only && unchanging ? uri + "?immutable=1" : uri;
}

// SQLite would keep statistics of its memory under one lock of all threads; nobody reads them.
void keep_no_statistics() {
  static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);  // before the first connection, else it changes nothing
  (void)once;
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const SqliteOptions& options, Role role) {
  keep_no_statistics();
  sqlite3* db = nullptr;
  const int access_flag = options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  const int flags = access_flag | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
                    SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(uri_of(options).c_str(), &db, flags, gathering_file_system().c_str());
  std::unique_ptr<Connection> made(new Connection(db));
  if (code != SQLITE_OK) return to_error(code, fmt::format("{}: {}", options.path, sqlite3_errstr(code)).c_str());
  TF_CHECK(made->configure(options, role));
  return made;
}

Status Connection::configure(const SqliteOptions& options, Role role) {
  sqlite3_busy_timeout(raw(), options.busy_timeout_ms);
  for (const int turn_off : {SQLITE_DBCONFIG_DQS_DDL, SQLITE_DBCONFIG_DQS_DML, SQLITE_DBCONFIG_TRUSTED_SCHEMA})
    sqlite3_db_config(raw(), turn_off, 0, nullptr);
  sqlite3_db_config(raw(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // temp_store: what is sorted never spills into a file. cache_size: in KiB.
  TF_CHECK(pragma("PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; PRAGMA cell_size_check=ON;"
                  "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16000"));
  if (!options.read_only && sqlite3_db_readonly(raw(), "main") == 1)
    return Error{Code::unavailable, "store.read_only", options.path + " cannot be written"};
  if (role == Role::reader) {
    TF_CHECK(pragma("PRAGMA query_only=ON"));
  } else {
    if (TF_TRY(pragma("PRAGMA journal_mode=WAL")) != "wal")
      return Error{Code::unavailable, "store.no_wal", "the file system cannot hold a write-ahead log"};
    TF_CHECK(pragma("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=2000; PRAGMA journal_size_limit=67108864"));
    if (options.max_pages > 0)
      TF_CHECK(pragma(fmt::format("PRAGMA max_page_count={}", options.max_pages).c_str()));
  }
  // The first page is read here: what is no database, or a broken one, is refused now and not at the first request.
  TF_CHECK(pragma("SELECT count(*) FROM sqlite_schema"));
  return {};
}

Result<Lease> Connection::statement(std::string_view sql) {
  if (const auto found = cache_.find(sql); found != cache_.end() && !found->second->in_use)
    return Lease(found->second.get());
  const auto kind = classify(sql);
  if (!kind || *kind == Kind::schema) return Error{Code::internal, "store.sql", "not a statement for repositories"};
  auto made = TF_TRY(Statement::prepare(raw(), sql, nullptr));
  if (cache_.contains(sql)) return Lease(std::move(made));  // runs inside its own callback
  if (cache_.size() >= kMaxCached) std::erase_if(cache_, [](const auto& entry) { return !entry.second->in_use; });
  return Lease(cache_.emplace(sql, std::move(made)).first->second.get());
}

Status Connection::control(const char* sql) {
  auto& kept = controls_[sql];
  if (!kept) kept = TF_TRY(Statement::prepare(raw(), sql, nullptr));
  const int code = kept->step();
  Status out;
  if (code != SQLITE_DONE) out = last_error(raw());
  kept->reset();
  return out;
}

Result<std::string> Connection::pragma(const char* sql) {
  std::string first_column;
  const auto keep = [](void* out, int count, char** values, char**) {
    *static_cast<std::string*>(out) = count > 0 && values[0] != nullptr ? values[0] : "";
    return 0;
  };
  if (sqlite3_exec(raw(), sql, keep, &first_column, nullptr) != SQLITE_OK) return last_error(raw());
  return first_column;
}

}  // namespace tf::store::sqlite
