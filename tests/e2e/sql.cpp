#include "tests/e2e/sql.hpp"

#include <sqlite3.h>

#include <stdexcept>

namespace tf::test {

std::vector<SqlRow> sql_rows(const std::string& database, const std::string& query) {
  sqlite3* db = nullptr;
  std::vector<SqlRow> out;
  const auto keep = [](void* rows, int count, char** values, char**) {
    SqlRow row;
    for (int i = 0; i < count; ++i) row.emplace_back(values[i] != nullptr ? values[i] : "");
    static_cast<std::vector<SqlRow>*>(rows)->push_back(std::move(row));
    return 0;
  };
  int code = sqlite3_open_v2(database.c_str(), &db, SQLITE_OPEN_READONLY, nullptr);
  sqlite3_busy_timeout(db, 5000);
  if (code == SQLITE_OK) code = sqlite3_exec(db, query.c_str(), keep, &out, nullptr);
  const std::string message = sqlite3_errmsg(db);
  sqlite3_close(db);
  if (code != SQLITE_OK) throw std::runtime_error(query + ": " + message);
  return out;
}

std::int64_t sql_number(const std::string& database, const std::string& query) {
  const auto rows = sql_rows(database, query);
  if (rows.size() != 1 || rows.front().size() != 1) throw std::runtime_error(query + ": not one number");
  return std::stoll(rows.front().front());
}

}  // namespace tf::test
