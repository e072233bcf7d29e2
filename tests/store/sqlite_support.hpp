// What the tests of the SQLite implementation share.
#pragma once
#include "store/sqlite/sqlite.hpp"
#include "tests/store/contract.hpp"
#include "tests/support/temporary_directory.hpp"

namespace tf::store::test {

inline Status insert_item(Session& session, std::int64_t id, ByteView data = {}) {
  TF_CHECK(session.execute("INSERT INTO items (id, name, data) VALUES ($1, $2, $3)", {id, "x", data}));
  return {};
}

inline std::int64_t count_of(Database& database, std::string_view table) {
  std::int64_t out = -1;
  const Status read = database.read([&](Session& session) -> Status {
    const std::string sql = "SELECT COUNT(*) FROM " + std::string(table);
    out = *TF_TRY(session.query_one(sql, {}, [](const Row& row) { return row.integer(0); }));
    return {};
  });
  EXPECT_TRUE(ok(read));
  return out;
}

class Sqlite : public testing::Test {
 protected:
  SqliteOptions options(bool read_only = false) {
    SqliteOptions out;
    out.path = directory_.file("test.db");
    out.readers = 2;
    out.busy_timeout_ms = 20;
    out.read_only = read_only;
    return out;
  }
  std::unique_ptr<Database> open(const SqliteOptions& options) {
    auto opened = open_sqlite(options);
    EXPECT_TRUE(ok(opened));
    if (!opened) return nullptr;
    EXPECT_TRUE(ok((*opened)->migrate("test", kItems)));
    return std::move(*opened);
  }
  std::unique_ptr<Database> open() { return open(options()); }

  static Status add(Database& database, std::int64_t id, ByteView data = {}) {
    return database.write([&](Session& session) { return insert_item(session, id, data); });
  }

  tf::test::TemporaryDirectory directory_;
};

}  // namespace tf::store::test
