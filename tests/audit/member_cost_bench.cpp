// Processor time of a typical member (one INSERT, one UPDATE, one audit entry) with 32 concurrent writers, beside bare
// SQLite that writes the same rows in one transaction for each 32. Usage: bench_member_cost [members] [directory]
#include <fmt/core.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "audit/schema.hpp"
#include "audit/trail.hpp"
#include "store/sqlite/sqlite.hpp"

namespace {

using namespace tf;

constexpr int kThreads = 32;
constexpr int kTerminals = 10'000;
constexpr store::Migration kTables[] = {
    {1, "tables",
     "CREATE TABLE nonces (zone BIGINT NOT NULL, nonce BYTEA NOT NULL, at_ms BIGINT NOT NULL,"
     " PRIMARY KEY (zone, nonce));"
     "CREATE TABLE terminals (id BIGINT PRIMARY KEY, state TEXT NOT NULL, version BIGINT NOT NULL)"}};
constexpr const char* kInsertNonce = "INSERT INTO nonces (zone, nonce, at_ms) VALUES ($1, $2, $3)";
constexpr const char* kUpdate = "UPDATE terminals SET state = $1, version = version + 1 WHERE id = $2";
constexpr const char* kInsertEntry =
    "INSERT INTO audit_entries (node, seq, at_ms, actor, action, subject, outcome, reason, detail, hash)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
constexpr const char* kDetail = R"({"zone":3,"slots":[1,2,3],"suite":"modern","kcv":"A1B2C3"})";

struct NoSigner final : audit::Signer {
  Result<Bytes> sign(ByteView) override { return Bytes(64); }
  [[nodiscard]] std::string key_id() const override { return "bench"; }
};

void must(const Status& status) {
  if (status) return;
  fmt::print("{}\n", describe(status.error()));
  std::exit(1);
}

struct Usage {
  double cpu_s = 0;
  std::chrono::steady_clock::time_point at;
};
Usage usage() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; };
  return {seconds(used.ru_utime) + seconds(used.ru_stime), std::chrono::steady_clock::now()};
}
void report(const char* name, const Usage& before, int members, const std::string& more) {
  const Usage after = usage();
  const double wall = std::chrono::duration<double>(after.at - before.at).count();
  const double cpu_us = (after.cpu_s - before.cpu_s) * 1e6 / members;
  fmt::print("{:<28} {:8.1f} us CPU a member, {:8.0f} members/s {}\n", name, cpu_us, members / wall, more);
}

ByteArray<16> nonce_of(std::uint64_t i) {
  ByteArray<16> out{};
  for (std::uint8_t& byte : out) {
    i = i * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<std::uint8_t>(i >> 56);
  }
  return out;
}

std::unique_ptr<store::Database> open(const std::string& path, std::size_t max_batch = 256) {
  store::SqliteOptions options;
  options.max_batch = max_batch;
  options.path = path;
  auto database = store::open_sqlite(options);
  if (!database) must(database.error());
  must((*database)->migrate(audit::kComponent, audit::kMigrations));
  must((*database)->migrate("bench", kTables));
  must((*database)->write([](store::Session& session) -> Status {
    for (int i = 0; i < kTerminals; ++i)
      TF_CHECK(session.execute("INSERT INTO terminals (id, state, version) VALUES ($1, $2, 0)", {i, "new"}));
    return {};
  }));
  return std::move(*database);
}

void through_the_port(const std::string& path, int members, bool with_audit) {
  const auto database = open(path);
  NoSigner signer;
  const SystemClock clock;
  auto trail = audit::Trail::open(*database, "node-1", signer, clock);
  if (!trail) must(trail.error());
  std::atomic<int> next = 0;
  const auto stats = database->stats();
  const Usage before = usage();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = next++; i < members; i = next++) {
          const auto nonce = nonce_of(static_cast<std::uint64_t>(i));
          const audit::Entry entry{clock.now_ms(), "terminal:AB-12345678", "rki.deliver", "AB-12345678",
                                   audit::Outcome::accepted, "", kDetail};
          must(database->write([&](store::Session& session) -> Status {
            TF_CHECK(session.execute(kInsertNonce, {1, nonce, entry.at_ms}));
            TF_CHECK(session.execute(kUpdate, {"delivered", i % kTerminals}));
            if (with_audit) return (*trail)->append(session, entry);
            TF_CHECK(session.execute(kInsertEntry, {"node-1", i + 1, entry.at_ms, entry.actor, entry.action,
                                                    entry.subject, "accepted", "", entry.detail, ByteArray<32>{}}));
            return {};
          }));
        }
      });
    }
  }
  const auto batches = database->stats().batches - stats.batches;
  report(with_audit ? "port, 32 writers, audit" : "port, 32 writers, no hash", before, members,
         fmt::format("({:.1f} a batch)", double(members) / double(batches)));
  if (!with_audit) return;
  must((*trail)->close());
}

constexpr int kMostInFlight = 1024;

// The same members without a thread waiting for each: what the store itself costs.
void without_waiting(const std::string& path, int members) {
  const auto database = open(path, kThreads);
  NoSigner signer;
  const SystemClock clock;
  auto trail = audit::Trail::open(*database, "node-1", signer, clock);
  if (!trail) must(trail.error());
  std::mutex mutex;
  std::condition_variable changed;
  int in_flight = 0;
  const Usage before = usage();
  for (int i = 0; i < members; ++i) {
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return in_flight < kMostInFlight; });
      ++in_flight;
    }
    database->write_async(
        [&, i](store::Session& session) -> Status {
          const audit::Entry entry{clock.now_ms(), "terminal:AB-12345678", "rki.deliver", "AB-12345678",
                                   audit::Outcome::accepted, "", kDetail};
          TF_CHECK(session.execute(kInsertNonce, {1, nonce_of(static_cast<std::uint64_t>(i)), entry.at_ms}));
          TF_CHECK(session.execute(kUpdate, {"delivered", i % kTerminals}));
          return (*trail)->append(session, entry);
        },
        [&](const Status& status) {
          must(status);
          const std::lock_guard lock(mutex);
          if (--in_flight == kMostInFlight / 2 || in_flight == 0) changed.notify_one();
        });
  }
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return in_flight == 0; });
  }
  report("port, 32 a commit, async", before, members, "");
  must((*trail)->close());
}

void bare(const std::string& path, int members) {
  open(path).reset();
  sqlite3* db = nullptr;
  sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  sqlite3_exec(db, "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA cache_size=-16000; PRAGMA foreign_keys=ON;"
                   "PRAGMA wal_autocheckpoint=2000", nullptr, nullptr, nullptr);
  sqlite3_stmt *insert = nullptr, *update = nullptr, *entry = nullptr;
  sqlite3_prepare_v2(db, kInsertNonce, -1, &insert, nullptr);
  sqlite3_prepare_v2(db, kUpdate, -1, &update, nullptr);
  sqlite3_prepare_v2(db, kInsertEntry, -1, &entry, nullptr);
  const auto run = [](sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) std::exit(2);
    sqlite3_reset(statement);
  };
  const auto text = [](sqlite3_stmt* statement, int i, const char* value) {
    sqlite3_bind_text(statement, i, value, -1, SQLITE_STATIC);
  };
  const Usage before = usage();
  for (int i = 0; i < members; ++i) {
    if (i % kThreads == 0) sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
    const auto nonce = nonce_of(static_cast<std::uint64_t>(i));
    sqlite3_bind_int64(insert, 1, 1);
    sqlite3_bind_blob(insert, 2, nonce.data(), 16, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 3, i);
    run(insert);
    text(update, 1, "delivered");
    sqlite3_bind_int64(update, 2, i % kTerminals);
    run(update);
    const char* const texts[] = {"terminal:AB-12345678", "rki.deliver", "AB-12345678", "accepted", "", kDetail};
    text(entry, 1, "node-1");
    sqlite3_bind_int64(entry, 2, i + 1);
    sqlite3_bind_int64(entry, 3, 1'800'000'000'000);
    for (int k = 0; k < 6; ++k) text(entry, 4 + k, texts[k]);
    sqlite3_bind_zeroblob(entry, 10, 32);
    run(entry);
    if (i % kThreads == kThreads - 1) sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr);
  }
  sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr);
  report("bare SQLite, 32 a commit", before, members, "");
  for (sqlite3_stmt* statement : {insert, update, entry}) sqlite3_finalize(statement);
  sqlite3_close(db);
}

}  // namespace

int main(int argc, char** argv) {
  const int members = argc > 1 ? std::atoi(argv[1]) : 100'000;
  const std::filesystem::path where = argc > 2 ? argv[2] : std::filesystem::temp_directory_path();
  const auto directory = where / fmt::format("tf-bench-{}", getpid());
  std::filesystem::create_directories(directory);
  through_the_port((directory / "audit.db").string(), members, true);
  through_the_port((directory / "plain.db").string(), members, false);
  without_waiting((directory / "async.db").string(), members);
  bare((directory / "bare.db").string(), members);
  std::filesystem::remove_all(directory);
  return 0;
}
