// The log's writes are held back and nobody sees a difference: not this connection, not another one, not who finds the files after a crash.
#include "store/sqlite/log_writes.hpp"

#include <sqlite3.h>

#include <filesystem>

#include "tests/store/faulty_vfs.hpp"
#include "tests/store/sqlite_support.hpp"

namespace tf::store::test {
namespace {

using sqlite::gathering_file_system;

class Raw {
 public:
  Raw(const std::string& path, const std::string& file_system) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    EXPECT_EQ(sqlite3_open_v2(path.c_str(), &db_, flags, file_system.empty() ? nullptr : file_system.c_str()), SQLITE_OK);
    // Ten pages fit into memory: what a transaction changes beyond them goes to the log before it is committed.
    run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=10; PRAGMA wal_autocheckpoint=0");
  }
  ~Raw() { sqlite3_close(db_); }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

  std::string run(const std::string& sql) {
    std::string out;
    const auto keep = [](void* to, int, char** values, char**) { return *static_cast<std::string*>(to) = values[0] != nullptr ? values[0] : "", 0; };
    char* failure = nullptr;
    sqlite3_exec(db_, sql.c_str(), keep, &out, &failure);
    if (failure != nullptr) out = failure;
    sqlite3_free(failure);
    return out;
  }
  std::string insert(int first, int last) {
    return run("WITH RECURSIVE n(i) AS (VALUES (" + std::to_string(first) + ") UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(last) +
               ") INSERT INTO items SELECT i, hex(zeroblob(600)) FROM n");
  }
  [[nodiscard]] sqlite3_file* log() const {
    sqlite3_file* out = nullptr;
    sqlite3_file_control(db_, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&out));
    return out;
  }

 private:
  sqlite3* db_ = nullptr;
};

class LogWrites : public testing::Test {
 protected:
  std::string path(const std::string& name = "test.db") { return directory_.file(name); }
  // The database as it would be found were the process to end now.
  std::string found_after_a_crash(const std::string& sql) {
    for (const char* end : {"", "-wal"})
      std::filesystem::copy_file(path() + end, path("found.db") + end, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::remove(path("found.db") + "-shm");
    return Raw(path("found.db"), "").run(sql);
  }

  tf::test::TemporaryDirectory directory_;
};

constexpr const char* kTable = "CREATE TABLE items (id INTEGER PRIMARY KEY, text TEXT NOT NULL)";

TEST_F(LogWrites, transaction_goes_to_the_log_in_few_writes) {
  FaultyVfs counting;
  const auto writes_of = [&](const std::string& file_system) {
    Raw database(path(file_system.empty() ? "plain.db" : "gathered.db"), file_system);
    database.run(kTable);
    counting.fail(FaultOn::write, 1'000'000, SQLITE_IOERR, false);
    EXPECT_EQ(database.insert(1, 15), "");
    const auto writes = counting.seen();
    counting.heal();
    return writes;
  };
  EXPECT_GE(writes_of(""), 10) << "two for each page";
  EXPECT_EQ(writes_of(gathering_file_system()), 1);
}

TEST_F(LogWrites, transaction_sees_what_it_wrote_and_changed_again) {
  Raw database(path(), gathering_file_system());
  database.run(kTable);
  database.run("BEGIN");
  EXPECT_EQ(database.insert(1, 2000), "");
  EXPECT_EQ(database.run("SELECT sum(length(text)) FROM items"), "2400000");
  database.run("UPDATE items SET text = 'x' WHERE id % 7 = 0");
  EXPECT_EQ(database.run("SELECT count(*) FROM items WHERE text = 'x'"), "285");
  EXPECT_EQ(found_after_a_crash("SELECT count(*) FROM items"), "0") << "nothing is committed yet";
  EXPECT_EQ(database.run("COMMIT"), "");
  EXPECT_EQ(found_after_a_crash("SELECT count(*) FROM items"), "2000");
  EXPECT_EQ(found_after_a_crash("SELECT count(*) FROM items WHERE text = 'x'"), "285");
  EXPECT_EQ(found_after_a_crash("PRAGMA integrity_check"), "ok");
}

// What stayed held back would one day be written over what another process committed in the same place.
TEST_F(LogWrites, nothing_is_held_back_once_the_writers_lock_is_let_go) {
  Raw database(path(), gathering_file_system());
  database.run(kTable);
  EXPECT_EQ(database.run("BEGIN IMMEDIATE"), "");
  sqlite3_file* const log = database.log();
  const auto before = std::filesystem::file_size(path() + "-wal");
  const auto at = static_cast<sqlite3_int64>(before);
  EXPECT_EQ(log->pMethods->xWrite(log, "left by a transaction", 21, at), SQLITE_OK);
  EXPECT_EQ(std::filesystem::file_size(path() + "-wal"), before);
  EXPECT_EQ(database.run("ROLLBACK"), "");
  EXPECT_EQ(std::filesystem::file_size(path() + "-wal"), before + 21);
  EXPECT_EQ(database.insert(1, 10), "");
  EXPECT_EQ(found_after_a_crash("SELECT count(*) FROM items"), "10");
}

TEST_F(LogWrites, size_and_end_of_a_log_count_what_is_held_back) {
  Raw database(path(), gathering_file_system());
  database.run(kTable);
  EXPECT_EQ(database.run("BEGIN IMMEDIATE"), "");
  sqlite3_file* const log = database.log();
  sqlite3_int64 before = 0, after = 0;
  EXPECT_EQ(log->pMethods->xFileSize(log, &before), SQLITE_OK);
  EXPECT_EQ(log->pMethods->xWrite(log, "twelve bytes", 12, before), SQLITE_OK);
  EXPECT_EQ(log->pMethods->xFileSize(log, &after), SQLITE_OK);
  EXPECT_EQ(after, before + 12);
  EXPECT_EQ(log->pMethods->xWrite(log, "twelve bytes", 12, after), SQLITE_OK);
  EXPECT_EQ(log->pMethods->xTruncate(log, before), SQLITE_OK);
  EXPECT_EQ(log->pMethods->xSync(log, SQLITE_SYNC_NORMAL), SQLITE_OK);
  EXPECT_EQ(std::filesystem::file_size(path() + "-wal"), static_cast<std::uintmax_t>(before));
}

TEST_F(LogWrites, savepoint_that_was_taken_back_is_written_over) {
  Raw database(path(), gathering_file_system());
  database.run(kTable);
  database.run("BEGIN");
  database.insert(1, 100);
  database.run("SAVEPOINT before");
  database.insert(101, 300);
  database.run("ROLLBACK TO before; RELEASE before");
  database.insert(401, 450);
  database.run("COMMIT");
  EXPECT_EQ(found_after_a_crash("SELECT count(*) || ' ' || max(id) FROM items"), "150 450");
  EXPECT_EQ(found_after_a_crash("PRAGMA integrity_check"), "ok");
}

TEST_F(LogWrites, log_begins_anew_and_is_shortened) {
  Raw database(path(), gathering_file_system());
  database.run(kTable);
  database.run("PRAGMA journal_size_limit=20000");
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(database.insert(round * 1000, round * 1000 + 99), "");
    EXPECT_EQ(database.run("PRAGMA wal_checkpoint(RESTART)"), "0");
    EXPECT_EQ(database.insert(round * 1000 + 500, round * 1000 + 500), "");
    EXPECT_LT(std::filesystem::file_size(path() + "-wal"), 40'000U);
    EXPECT_EQ(found_after_a_crash("SELECT count(*) FROM items"), std::to_string((round + 1) * 101));
  }
  EXPECT_EQ(found_after_a_crash("PRAGMA integrity_check"), "ok");
}

}  // namespace
}  // namespace tf::store::test
