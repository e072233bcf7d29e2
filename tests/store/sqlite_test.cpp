#include <sqlite3.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/store/sqlite_support.hpp"

namespace tf::store::test {
namespace {

class SqliteBackend final : public Backend {
 public:
  Result<std::unique_ptr<Database>> open(const ContractLimits& limits) override {
    SqliteOptions options;
    options.path = directory_.file("contract.db");
    options.max_batch = limits.max_batch;
    options.max_queued = limits.max_queued;
    return open_sqlite(options);
  }

 private:
  tf::test::TemporaryDirectory directory_;
};

std::unique_ptr<Backend> make_sqlite_backend() { return std::make_unique<SqliteBackend>(); }
INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, testing::Values(make_sqlite_backend));

TEST_F(Sqlite, makes_its_files_readable_by_their_owner_alone) {
  const auto database = open();
  ASSERT_TRUE(ok(add(*database, 1)));
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    struct stat found {};
    ASSERT_EQ(stat((options().path + suffix).c_str(), &found), 0) << suffix;
    EXPECT_EQ(found.st_mode & 0777, 0600u) << suffix;
  }
}

TEST_F(Sqlite, takes_the_rights_of_others_away_from_an_existing_file) {
  open().reset();
  ASSERT_EQ(chmod(options().path.c_str(), 0644), 0);
  open().reset();
  struct stat found {};
  ASSERT_EQ(stat(options().path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(Sqlite, refuses_a_second_writer_of_the_same_file) {
  auto first = open();
  const auto second = open_sqlite(options());
  EXPECT_EQ(reason_of(second), "store.in_use");
  EXPECT_EQ(second.error().code, Code::conflict);
  first.reset();
  EXPECT_TRUE(ok(open_sqlite(options())));
}

TEST_F(Sqlite, lets_a_reader_in_beside_the_writer) {
  const auto writer = open();
  ASSERT_TRUE(ok(add(*writer, 1)));
  const auto reader = open(options(true));
  EXPECT_EQ(count_of(*reader, "items"), 1);
  ASSERT_TRUE(ok(add(*writer, 2)));
  EXPECT_EQ(count_of(*reader, "items"), 2);
  EXPECT_TRUE(ok(reader->check()));
  EXPECT_EQ(reason_of(add(*reader, 3)), "store.read_only");
  std::string reason;
  reader->write_async([](Session&) -> Status { return {}; }, [&](const Status& status) { reason = reason_of(status); });
  EXPECT_EQ(reason, "store.read_only");
}

TEST_F(Sqlite, compares_the_schema_of_a_read_only_database) {
  open().reset();
  const auto reader = open(options(true));
  const Migration next{2, "later", "CREATE TABLE later (id BIGINT)"};
  EXPECT_EQ(reason_of(reader->migrate("test", std::vector{kItems[0], next})), "store.schema_older");
  EXPECT_EQ(reason_of(reader->migrate("test", {})), "store.schema_newer");
}

TEST_F(Sqlite, makes_no_database_for_a_reader) {
  EXPECT_EQ(reason_of(open_sqlite(options(true))), "store.cannot_open");
  EXPECT_FALSE(std::filesystem::exists(options().path));
}

TEST_F(Sqlite, names_a_path_it_cannot_open) {
  SqliteOptions nowhere = options();
  nowhere.path = directory_.file("missing/test.db");
  EXPECT_EQ(reason_of(open_sqlite(nowhere)), "store.cannot_open");
  nowhere.path = directory_.file("folder");
  std::filesystem::create_directory(nowhere.path);
  EXPECT_FALSE(open_sqlite(nowhere));
  nowhere.path.clear();
  EXPECT_EQ(reason_of(open_sqlite(nowhere)), "store.options");
}

TEST_F(Sqlite, opens_a_path_with_characters_of_a_uri) {
  SqliteOptions odd = options();
  odd.path = directory_.file("a?b#c%41 d.db");
  open(odd).reset();
  EXPECT_TRUE(std::filesystem::exists(odd.path));
}

TEST_F(Sqlite, reports_a_lock_held_by_someone_else_and_goes_on_without_it) {
  const auto database = open();
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(options().path.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const Status locked = add(*database, 1);
  EXPECT_EQ(reason_of(locked), "store.locked");
  EXPECT_EQ(locked.error().code, Code::unavailable);
  ASSERT_EQ(sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  EXPECT_TRUE(ok(add(*database, 1)));
}

TEST_F(Sqlite, reports_a_full_file_and_goes_on_when_there_is_room) {
  SqliteOptions small = options();
  small.max_pages = 60;
  const auto database = open(small);
  const Bytes large(20000, 0xab);
  std::int64_t written = 0;
  Status last;
  while ((last = add(*database, written, large)) && written < 100) ++written;
  EXPECT_EQ(reason_of(last), "store.full");
  EXPECT_EQ(last.error().code, Code::unavailable);
  EXPECT_GT(written, 1);
  EXPECT_EQ(count_of(*database, "items"), written);
  ASSERT_TRUE(ok(database->write([](Session& session) -> Status {
    TF_CHECK(session.execute("DELETE FROM items WHERE id < 2"));
    return {};
  })));
  EXPECT_TRUE(ok(add(*database, written, large)));
  EXPECT_TRUE(ok(database->check()));
}

class Damaged : public Sqlite {
 protected:
  void SetUp() override {
    const auto database = open();
    ASSERT_TRUE(ok(database->write([](Session& session) -> Status {
      for (int i = 0; i < 2000; ++i) TF_CHECK(insert_item(session, i, Bytes(100, 0x11)));
      return {};
    })));
  }
  void overwrite(std::streamoff at, std::size_t size) {
    std::fstream file(options().path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    const std::string garbage(size, '\xa5');
    file.write(garbage.data(), static_cast<std::streamsize>(size));
    ASSERT_TRUE(file.good());
  }
};

TEST_F(Damaged, database_with_a_broken_page_is_detected) {
  for (std::streamoff page = 10; page < 20; ++page) overwrite(page * 4096, 4096);
  const auto database = open();
  const Status checked = database->check();
  EXPECT_EQ(reason_of(checked), "store.corrupt");
  EXPECT_EQ(checked.error().code, Code::integrity);
  const Status read = database->read([](Session& session) {
    return session.query("SELECT data FROM items", {}, [](const Row&) { return Status(); });
  });
  EXPECT_EQ(reason_of(read), "store.corrupt");
  const Status changed = database->write([](Session& session) -> Status {
    TF_CHECK(session.execute("UPDATE items SET name = $1", {"y"}));
    return {};
  });
  EXPECT_EQ(reason_of(changed), "store.corrupt");
}

TEST_F(Damaged, database_without_its_header_is_refused) {
  overwrite(0, 100);
  EXPECT_EQ(reason_of(open_sqlite(options())), "store.corrupt");
  EXPECT_EQ(reason_of(open_sqlite(options(true))), "store.corrupt");
}

}  // namespace
}  // namespace tf::store::test
