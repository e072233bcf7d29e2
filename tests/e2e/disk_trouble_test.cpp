// A database that is locked or whose disk is full: terminals are told to come back, nothing is half written, and all goes on
// once the trouble is over.
#include <gmock/gmock.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <set>

#include "tests/e2e/conversation.hpp"
#include "tests/e2e/scene.hpp"

namespace tf::test {
namespace {

// Another process's exclusive lock, as a backup tool gone wrong would hold it.
class HeldLock {
 public:
  HeldLock() {
    EXPECT_EQ(sqlite3_open(Scene::get().database().c_str(), &db_), SQLITE_OK);
    sqlite3_busy_timeout(db_, 5000);
    EXPECT_EQ(sqlite3_exec(db_, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
  }
  ~HeldLock() {
    sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
    sqlite3_close(db_);
  }
  HeldLock(const HeldLock&) = delete;
  HeldLock& operator=(const HeldLock&) = delete;

 private:
  sqlite3* db_ = nullptr;
};

// Nothing the server writes may reach beyond the first pages: for it the disk is full.
class FullDisk {
 public:
  FullDisk() { limit(4096); }
  ~FullDisk() { limit(RLIM_INFINITY); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  static void limit(rlim_t bytes) {
    const rlimit now{bytes, RLIM_INFINITY};
    EXPECT_EQ(::prlimit(Scene::get().server().pid(), RLIMIT_FSIZE, &now, nullptr), 0);
  }
};

void expect_come_back_later(const terminal::Reply& reply) {
  EXPECT_EQ(reply.status, 503);
  ASSERT_TRUE(reply.retry_after_ms);
  EXPECT_GE(*reply.retry_after_ms, 1000);
  auto document = wire::JsonObject::parse(reply.body).value();
  EXPECT_EQ(document.text("code").value(), "unavailable");
  EXPECT_FALSE(document.has("reason"));
  EXPECT_FALSE(document.has("detail"));
}

// Acts on record and what they wrote. The note of a refusal may come later: it is none.
std::int64_t written() {
  return sql_number(Scene::get().database(), "SELECT (SELECT COUNT(*) FROM rki_keys WHERE status = 'active') * 1000000 + "
                                             "(SELECT COUNT(*) FROM rki_keys) * 1000 + "
                                             "(SELECT COUNT(*) FROM audit_entries WHERE outcome = 'accepted')");
}

// A conversation is put off where it would write, at the delivery or at the receipt, and goes on with the same message
// afterwards.
template <class Trouble>
void expect_survives(const Fleet& fleet, const std::string& serial, const std::set<std::string_view>& at) {
  Scene& scene = Scene::get();
  Conversation conversation(fleet, serial);
  while (!conversation.finished()) {
    const std::int64_t before = written();
    if (at.contains(conversation.message().route)) {
      const Trouble trouble;
      expect_come_back_later(conversation.post().value());
      EXPECT_EQ(curl({.url = scene.url() + "/healthz", .method = "GET", .root = scene.platform() + "/root.crt"}).status, 200);
    }
    EXPECT_EQ(written(), before) << "half of something was written";
    ASSERT_NO_FATAL_FAILURE(conversation.step());
  }
}

TEST(DiskTrouble, a_locked_database_puts_terminals_off_and_loses_nothing) {
  Scene& scene = Scene::get();
  scene.serve();
  const Fleet fleet = scene.fleet(1, 0);
  expect_survives<HeldLock>(fleet, fleet.modern[0], {"token"});
  scene.expect_complete(fleet);
  scene.expect_sound_audit();
}

TEST(DiskTrouble, a_full_disk_puts_terminals_and_operators_off_and_loses_nothing) {
  Scene& scene = Scene::get();
  scene.serve();
  const Fleet fleet = scene.fleet(2, 2);
  expect_survives<FullDisk>(fleet, fleet.modern[0], {"token", "receipt"});
  expect_survives<FullDisk>(fleet, fleet.classic[0], {"token", "receipt"});
  const std::int64_t before = written();
  {
    const FullDisk full;
    const CurlAnswer renewed = scene.admin("POST", "/admin/v1/keys/" + fleet.modern[0] + "/renew", "operator", "{}");
    EXPECT_EQ(renewed.status, 503);
    EXPECT_TRUE(renewed.headers.contains("retry-after"));
    EXPECT_THAT(renewed.body, testing::HasSubstr("store."));
    EXPECT_EQ(scene.download(fleet, {"--attempts", "2"}).exit_code, 6);
    EXPECT_EQ(scene.admin("GET", "/admin/v1/status", "auditor").status, 200) << "what is there can still be read";
  }
  EXPECT_EQ(written(), before);
  ASSERT_EQ(scene.download(fleet).exit_code, 0);
  scene.expect_complete(fleet);
  scene.expect_sound_audit();
  EXPECT_EQ(scene.stop(), 0);
  scene.serve();
  scene.expect_sound_audit();
}

TEST(DiskTrouble, a_server_that_starts_on_a_full_disk_says_so_and_ends) {
  Scene& scene = Scene::get();
  scene.stop();
  const Finished refused = run({"prlimit", "--fsize=4096", trustferry_program(), "serve", "--directory", scene.platform(), "--passphrase-file",
                                scene.passphrase_file()});
  EXPECT_EQ(refused.exit_code, 6) << refused.err;
  EXPECT_THAT(refused.err, testing::HasSubstr("store."));
  scene.serve();
  scene.expect_sound_audit();
}

}  // namespace
}  // namespace tf::test
