// One connection: opened with our settings, with the statements it has prepared. Used by one thread at a time.
#pragma once
#include <sqlite3.h>

#include <memory>
#include <string>
#include <unordered_map>

#include "store/sqlite/sqlite.hpp"
#include "store/sqlite/statement.hpp"

namespace tf::store::sqlite {

enum class Role { writer, reader };

// A statement lent for one run: reset and given back at the end.
class Lease {
 public:
  explicit Lease(Statement* cached) : statement_(cached) { statement_->in_use = true; }
  explicit Lease(std::unique_ptr<Statement> own) : own_(std::move(own)), statement_(own_.get()) {}
  Lease(Lease&& other) noexcept : own_(std::move(other.own_)), statement_(std::exchange(other.statement_, nullptr)) {}
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (statement_ == nullptr) return;
    statement_->reset();
    statement_->in_use = false;
  }
  Statement* operator->() const { return statement_; }

 private:
  std::unique_ptr<Statement> own_;
  Statement* statement_;
};

class Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const SqliteOptions& options, Role role);

  // From the cache, or prepared now; only kinds that need no migration.
  Result<Lease> statement(std::string_view sql);
  // BEGIN, COMMIT and the like, which never come from above the port.
  Status control(const char* sql);
  // Statements without parameters; the first column of the last row, as text.
  Result<std::string> pragma(const char* sql);
  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }
  [[nodiscard]] sqlite3* raw() const { return db_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  static constexpr std::size_t kMaxCached = 512;

  explicit Connection(sqlite3* db) : db_(db) {}
  Status configure(const SqliteOptions& options, Role role);

  std::unique_ptr<sqlite3, Close> db_;
  std::unordered_map<std::string, std::unique_ptr<Statement>, TextHash, std::equal_to<>> cache_;
  std::unordered_map<const char*, std::unique_ptr<Statement>> controls_;
};

}  // namespace tf::store::sqlite
