#include "bench/all/row_floor.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "bench/all/measure.hpp"

namespace tf::bench {
namespace {

using Connection = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;
using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

constexpr const char* kTables =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
    "CREATE TABLE terminals (dsn TEXT NOT NULL PRIMARY KEY, model TEXT, grp TEXT, suites TEXT, completed_set BIGINT, completed_at_ms BIGINT);"
    "CREATE TABLE rki_keys (dsn TEXT NOT NULL, set_no BIGINT NOT NULL, slot TEXT NOT NULL, part INTEGER, suite TEXT, kek TEXT, wrapped BYTEA,"
    " kcv TEXT, status TEXT, grace_until_ms BIGINT, PRIMARY KEY (dsn, set_no, slot));"
    "CREATE UNIQUE INDEX one_active ON rki_keys (dsn, slot) WHERE status = 'active';"
    "CREATE TABLE audit_entries (node TEXT, seq BIGINT, at_ms BIGINT, actor TEXT, action TEXT, subject TEXT, outcome TEXT, reason TEXT,"
    " detail TEXT, hash BYTEA, PRIMARY KEY (node, seq));";

class Rows {
 public:
  static Result<std::unique_ptr<Rows>> open(const std::string& path) {
    sqlite3* raw = nullptr;
    if (sqlite3_open(path.c_str(), &raw) != SQLITE_OK) return Error{Code::unavailable, "bench.sqlite", path};
    std::unique_ptr<Rows> out(new Rows(raw));
    if (sqlite3_exec(raw, kTables, nullptr, nullptr, nullptr) != SQLITE_OK) return Error{Code::internal, "bench.sqlite", sqlite3_errmsg(raw)};
    out->prepare_all();
    return out;
  }

  void begin() { step(begin_); }
  void commit() { step(commit_); }

  void terminal(int number) {
    text(insert_terminal_, 1, dsn(number));
    step(insert_terminal_);
  }
  void delivery(int number) {
    for (const char* slot : {"tmk", "pin", "mac", "data"}) {
      text(insert_key_, 1, dsn(number));
      text(insert_key_, 2, slot);
      sqlite3_bind_blob(insert_key_.get(), 3, blob_.data(), 60, SQLITE_STATIC);
      step(insert_key_);
    }
    audit();
  }
  void receipt(int number) {
    text(activate_, 1, dsn(number));
    step(activate_);
    text(complete_, 1, dsn(number));
    step(complete_);
    audit();
  }

 private:
  explicit Rows(sqlite3* raw) : connection_(raw, sqlite3_close) {}

  static Statement none() { return {nullptr, sqlite3_finalize}; }
  void prepare_all() {
    begin_ = prepare("BEGIN IMMEDIATE");
    commit_ = prepare("COMMIT");
    insert_terminal_ = prepare("INSERT INTO terminals VALUES (?1, 'TF-M1', 'new', 'modern', 0, NULL)");
    insert_key_ = prepare("INSERT INTO rki_keys VALUES (?1, 1, ?2, 1, 'modern', 'kek-1', ?3, 'A1B2C3', 'delivered', NULL)");
    activate_ = prepare("UPDATE rki_keys SET status = 'active' WHERE dsn = ?1 AND set_no = 1 AND part = 1 AND status IN ('delivered', 'active')");
    complete_ = prepare("UPDATE terminals SET completed_set = 1, completed_at_ms = 1 WHERE dsn = ?1");
    insert_audit_ = prepare("INSERT INTO audit_entries VALUES ('main', ?1, 1, 'terminal:TF1000000', 'rki.deliver', 'TF1000000', 'accepted', '', ?2, ?3)");
  }

  static std::string dsn(int number) { return "TF" + std::to_string(1'000'000 + number); }
  Statement prepare(const char* sql) {
    sqlite3_stmt* raw = nullptr;
    sqlite3_prepare_v3(connection_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    return Statement(raw, sqlite3_finalize);
  }
  static void text(Statement& statement, int at, const std::string& value) {
    sqlite3_bind_text(statement.get(), at, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
  }
  static void step(Statement& statement) {
    sqlite3_step(statement.get());
    sqlite3_reset(statement.get());
  }
  void audit() {
    sqlite3_bind_int64(insert_audit_.get(), 1, ++seq_);
    text(insert_audit_, 2, detail_);
    sqlite3_bind_blob(insert_audit_.get(), 3, blob_.data(), 32, SQLITE_STATIC);
    step(insert_audit_);
  }

  Connection connection_;
  Statement begin_ = none(), commit_ = none(), insert_terminal_ = none(), insert_key_ = none(), activate_ = none(), complete_ = none(),
            insert_audit_ = none();
  std::vector<char> blob_ = std::vector<char>(64, 'x');
  std::string detail_ = std::string(230, 'd');
  std::int64_t seq_ = 0;
};

}  // namespace

Result<double> rows_cpu_us(const std::string& directory, int members_per_commit) {
  const auto rows = TF_TRY(Rows::open(directory + ".db"));
  constexpr int downloads = 3000;
  rows->begin();
  for (int i = 0; i < downloads; ++i) rows->terminal(i);
  rows->commit();
  const double before = thread_cpu_us();
  for (int i = 0; i < downloads; i += members_per_commit) {
    const int end = std::min(downloads, i + members_per_commit);
    rows->begin();
    for (int d = i; d < end; ++d) rows->delivery(d);
    rows->commit();
    rows->begin();
    for (int d = i; d < end; ++d) rows->receipt(d);
    rows->commit();
  }
  return (thread_cpu_us() - before) / downloads;
}

}  // namespace tf::bench
