// What only shows between processes: the lock, the rights, and a writer killed at any moment.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/store/sqlite_support.hpp"

namespace tf::store::test {
namespace {

// Runs body in a child; true when it returned true.
template <class F>
bool in_child(F body) {
  const pid_t child = fork();
  if (child == 0) _exit(body() ? 0 : 1);
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// Root may write anything; the test of rights needs someone who may not.
void become_nobody() {
  if (geteuid() != 0) return;
  if (setgid(65534) != 0 || setuid(65534) != 0) _exit(2);
}

TEST_F(Sqlite, refuses_a_writer_in_another_process_and_lets_it_in_afterwards) {
  int ready[2];
  int stop[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(stop), 0);
  const pid_t holder = fork();
  if (holder == 0) {
    close(stop[1]);
    const auto database = open_sqlite(options());
    char byte = database ? 'y' : 'n';
    if (write(ready[1], &byte, 1) != 1) _exit(1);
    (void)!read(stop[0], &byte, 1);  // until the parent closes its end
    _exit(0);                        // without closing the database
  }
  close(stop[0]);
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
  EXPECT_EQ(reason_of(open_sqlite(options())), "store.in_use");
  close(stop[1]);
  int status = 0;
  waitpid(holder, &status, 0);
  EXPECT_TRUE(ok(open_sqlite(options())));
  close(ready[0]);
  close(ready[1]);
}

TEST_F(Sqlite, reads_and_does_not_write_where_it_has_no_right_to) {
  {
    const auto database = open();
    ASSERT_TRUE(ok(add(*database, 1)));
  }
  std::filesystem::remove(options().path + ".lock");
  ASSERT_EQ(chmod(options().path.c_str(), 0444), 0);
  ASSERT_EQ(chmod(directory_.path().c_str(), 0555), 0);
  EXPECT_TRUE(in_child([this] {
    become_nobody();
    const auto writer = open_sqlite(options());
    const auto reader = open_sqlite(options(true));
    return reason_of(writer) == "store.read_only" && reader && count_of(**reader, "items") == 1;
  }));
  ASSERT_EQ(chmod(directory_.path().c_str(), 0777), 0);
  EXPECT_TRUE(in_child([this] {
    become_nobody();
    return reason_of(open_sqlite(options())) == "store.read_only";  // the directory alone is not enough
  }));
  ASSERT_EQ(chmod(directory_.path().c_str(), 0755), 0);
}

// Writes without end, and says on the pipe what was acknowledged.
[[noreturn]] void write_forever(const SqliteOptions& options, std::int64_t first, int pipe_end) {
  auto database = open_sqlite(options);
  if (!database || !(*database)->migrate("test", kItems)) _exit(1);
  std::vector<std::thread> threads;
  for (std::int64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::int64_t id = first + t;; id += 4) {
        const Status written = (*database)->write([&](Session& session) -> Status {
          TF_CHECK(insert_item(session, id));
          TF_CHECK(session.execute("INSERT INTO parts (item, part) VALUES ($1, $2)", {id, "p"}));
          return {};
        });
        if (!written || write(pipe_end, &id, sizeof id) != sizeof id) _exit(1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  _exit(0);
}

TEST_F(Sqlite, keeps_every_acknowledged_write_of_a_writer_that_is_killed) {
  std::vector<std::int64_t> acknowledged;
  for (int round = 0; round < 20; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) write_forever(options(), round * 1'000'000 + 1, ends[1]);
    close(ends[1]);
    std::int64_t id = 0;
    for (int seen = 0; read(ends[0], &id, sizeof id) == sizeof id; ++seen) {
      acknowledged.push_back(id);
      if (seen == round * 3) kill(child, SIGKILL);  // and read what was still said
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));

    const auto database = open();
    for (const std::int64_t each : acknowledged) {
      ASSERT_TRUE(ok(database->read([&](Session& session) -> Status {
        EXPECT_TRUE(TF_TRY(session.query_one("SELECT item FROM parts WHERE item = $1", {each},
                                             [](const Row& row) { return row.integer(0); })))
            << each;
        return {};
      })));
    }
    EXPECT_EQ(count_of(*database, "items"), count_of(*database, "parts")) << "members are whole";
    EXPECT_TRUE(ok(database->check()));
  }
  EXPECT_GT(acknowledged.size(), 500u);
}

}  // namespace
}  // namespace tf::store::test
