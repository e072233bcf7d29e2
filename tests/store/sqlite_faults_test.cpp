// Every write and every sync of a batch fails once: all members get the error or all are in, and the next batch works.
#include <sqlite3.h>

#include "tests/store/faulty_vfs.hpp"
#include "tests/store/sqlite_support.hpp"

namespace tf::store::test {
namespace {

class SqliteFaults : public Sqlite {
 protected:
  // A batch of three members of two rows each, queued together as well as it goes; the reasons they got.
  static std::vector<std::string> write_three(Database& database, std::int64_t first) {
    std::promise<Status> done[3];
    for (std::int64_t i = 0; i < 3; ++i) {
      database.write_async(
          [id = first + i](Session& session) -> Status {
            TF_CHECK(insert_item(session, id, Bytes(6000, 0x22)));
            TF_CHECK(session.execute("INSERT INTO parts (item, part) VALUES ($1, $2)", {id, "p"}));
            return {};
          },
          [&promise = done[i]](Status status) { promise.set_value(std::move(status)); });
    }
    std::vector<std::string> reasons;
    for (auto& promise : done) reasons.push_back(reason_of(promise.get_future().get()));
    return reasons;
  }

  void fail_each(FaultOn what, int code, const std::string& reason, bool lasting) {
    FaultyVfs vfs;
    const auto database = open();
    std::int64_t written = 0;
    std::int64_t hits = 0;
    for (std::int64_t nth = 1; nth < 200; ++nth) {
      vfs.fail(what, nth, code, lasting);
      const auto reasons = write_three(*database, nth * 10);
      const bool hit = vfs.failures() > 0;
      vfs.heal();
      hits += hit ? 1 : 0;
      const auto good = std::ranges::count(reasons, "ok");
      EXPECT_EQ(good + std::ranges::count(reasons, reason), 3) << reasons[0];
      written += good;
      EXPECT_EQ(count_of(*database, "items"), written) << nth;
      EXPECT_EQ(count_of(*database, "parts"), written) << nth;
      EXPECT_TRUE(ok(add(*database, nth * 10 + 9))) << "the next batch starts afresh";
      ASSERT_TRUE(ok(database->write([&](Session& session) -> Status {
        TF_CHECK(session.execute("DELETE FROM items WHERE id = $1", {nth * 10 + 9}));
        return {};
      })));
      if (!hit) break;
    }
    EXPECT_GT(hits, 0);
    EXPECT_TRUE(ok(database->check()));
  }
};

TEST_F(SqliteFaults, write_on_a_full_disk) { fail_each(FaultOn::write, SQLITE_FULL, "store.full", false); }
TEST_F(SqliteFaults, writes_on_a_disk_that_stays_full) { fail_each(FaultOn::write, SQLITE_FULL, "store.full", true); }
TEST_F(SqliteFaults, write_that_fails) { fail_each(FaultOn::write, SQLITE_IOERR_WRITE, "store.io", false); }
TEST_F(SqliteFaults, sync_that_fails) { fail_each(FaultOn::sync, SQLITE_IOERR_FSYNC, "store.io", true); }
TEST_F(SqliteFaults, write_on_a_file_system_gone_read_only) {
  fail_each(FaultOn::write, SQLITE_READONLY, "store.read_only", true);
}

TEST_F(SqliteFaults, database_file_that_cannot_be_written_leaves_the_log_to_hold_everything) {
  FaultyVfs vfs;
  {
    const auto database = open();
    vfs.fail(FaultOn::main_file, 1, SQLITE_FULL, true);
    const Bytes large(100000, 0x33);
    for (std::int64_t i = 0; i < 150; ++i) ASSERT_TRUE(ok(add(*database, i, large)));
    EXPECT_GT(vfs.failures(), 0) << "the log was to be copied into the file";
    EXPECT_EQ(count_of(*database, "items"), 150);
  }
  vfs.heal();
  const auto database = open();
  EXPECT_EQ(count_of(*database, "items"), 150);
  EXPECT_TRUE(ok(database->check()));
}

}  // namespace
}  // namespace tf::store::test
