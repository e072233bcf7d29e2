// Bare SQLite with the settings of ours: WAL, synchronous=FULL, secure_delete. What rows cost with nothing around them.
#pragma once
#include <algorithm>
#include <memory>
#include <string>

#include <sqlite3.h>

#include "base/result.hpp"
#include "bench/all/company.hpp"
#include "bench/all/measure.hpp"

namespace tf::bench {

class RawDatabase {
 public:
  using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

  // tables: CREATE statements, beside the audit trail's
  static Result<RawDatabase> open(const std::string& path, const char* tables);

  void begin() { step(begin_); }
  void commit() { step(commit_); }
  void audit();
  [[nodiscard]] Statement prepare(const char* sql) const;
  static void text(Statement& statement, int at, const std::string& value);
  void blob(Statement& statement, int at, int size) const;
  static void step(Statement& statement);

 private:
  explicit RawDatabase(sqlite3* raw) : connection_(raw, sqlite3_close) {}

  std::unique_ptr<sqlite3, decltype(&sqlite3_close)> connection_;
  Statement begin_{nullptr, sqlite3_finalize}, commit_{nullptr, sqlite3_finalize}, insert_audit_{nullptr, sqlite3_finalize};
  std::string blob_ = std::string(64, 'x');
  std::string detail_ = std::string(230, 'd');
  std::int64_t seq_ = 0;
};

// CPU of one, when so many share a commit; a commit in each request.
template <class F>
Result<double> in_batches(Company& company, RawDatabase& database, int operations, int members, F&& write) {
  int next = 0;
  const int batches = (operations + members - 1) / members;
  const double batch = TF_TRY(company.cpu_us(batches, [&] {
    database.begin();
    for (const int end = next + members; next < end; ++next) write(next);
    database.commit();
  }));
  return batch / members;
}

// The same without company, one after the other.
template <class F>
double in_a_row(RawDatabase& database, int operations, int members, F&& write) {
  const double before = thread_cpu_us();
  for (int i = 0; i < operations; i += members) {
    database.begin();
    for (int each = i; each < std::min(operations, i + members); ++each) write(each);
    database.commit();
  }
  return (thread_cpu_us() - before) / operations;
}

}  // namespace tf::bench
