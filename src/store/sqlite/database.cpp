#include <condition_variable>
#include <mutex>
#include <vector>

#include "base/log.hpp"
#include "store/sqlite/files.hpp"
#include "store/sqlite/group_commit.hpp"
#include "store/sqlite/sqlite.hpp"

namespace tf::store {
namespace sqlite {
namespace {

// Connections for snapshots, opened when first needed; a caller waits while all are lent.
class ReaderPool {
 public:
  explicit ReaderPool(SqliteOptions options) : options_(std::move(options)) {}

  Result<std::unique_ptr<Connection>> take() {
    {
      std::unique_lock lock(mutex_);
      returned_.wait(lock, [this] { return !idle_.empty() || opened_ < options_.readers; });
      if (!idle_.empty()) {
        auto out = std::move(idle_.back());
        idle_.pop_back();
        return out;
      }
      ++opened_;
    }
    auto made = Connection::open(options_, Role::reader);
    if (!made) drop();
    return made;
  }

  void give_back(std::unique_ptr<Connection> connection) {
    {
      const std::lock_guard lock(mutex_);
      idle_.push_back(std::move(connection));
    }
    returned_.notify_one();
  }

  void drop() {
    {
      const std::lock_guard lock(mutex_);
      --opened_;
    }
    returned_.notify_one();
  }

 private:
  const SqliteOptions options_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Connection>> idle_;
  int opened_ = 0;
};

Status run_snapshot(Connection& connection, FunctionRef<Status(Session&)> fn) {
  TF_CHECK(connection.control("BEGIN"));
  SqliteSession session(connection, Role::reader);
  Status out = session.run(fn);
  if (connection.in_transaction()) {
    if (const Status ended = connection.control("ROLLBACK"); !ended && out) out = ended.error();
  }
  return out;
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(const SqliteOptions& options, FileLock lock, std::unique_ptr<Connection> writer)
      : read_only_(options.read_only), lock_(std::move(lock)), readers_(options), writer_(std::move(writer)) {
    if (read_only_) return;
    batches_ = std::make_unique<GroupCommit>(*writer_);
    queue_ = std::make_unique<WriteQueue>(options.max_batch, options.max_queued, std::chrono::milliseconds(options.gather_ms),
                                          [this](std::span<Member* const> members) { batches_->run(members); });
  }

  Status read(FunctionRef<Status(Session&)> fn) override {
    auto connection = TF_TRY(readers_.take());
    Status out = run_snapshot(*connection, fn);
    if (connection->in_transaction()) {
      readers_.drop();
    } else {
      readers_.give_back(std::move(connection));
    }
    return out;
  }

  Status write(FunctionRef<Status(Session&)> fn) override {
    if (read_only_) return no_writes();
    return queue_->write(fn);
  }

  void write_async(WriteFn fn, DoneFn done) override {
    if (!read_only_) return queue_->write_async(std::move(fn), std::move(done));
    done(no_writes());
  }

  Status check() override {
    auto connection = TF_TRY(readers_.take());
    const auto verdict = connection->pragma("PRAGMA quick_check(1)");
    readers_.give_back(std::move(connection));
    if (!verdict) return verdict.error();
    if (*verdict != "ok") return Error{Code::integrity, "store.corrupt", *verdict};
    return {};
  }

  [[nodiscard]] bool read_only() const override { return read_only_; }

  [[nodiscard]] BatchStats stats() const override {
    if (read_only_) return {};
    BatchStats out = batches_->stats();
    out.queued = queue_->queued();
    return out;
  }

  void observe(BatchObserver& observer) override {
    if (batches_) batches_->observe(observer);
  }
  void forget(BatchObserver& observer) override {
    if (batches_) batches_->forget(observer);
  }

 private:
  static Status no_writes() { return Error{Code::unavailable, "store.read_only", "opened for reading only"}; }

  const bool read_only_;
  FileLock lock_;  // let go of last, after the connections
  ReaderPool readers_;
  std::unique_ptr<Connection> writer_;
  std::unique_ptr<GroupCommit> batches_;
  std::unique_ptr<WriteQueue> queue_;  // ends first, and with it whoever writes
};

}  // namespace
}  // namespace sqlite

Result<std::unique_ptr<Database>> open_sqlite(const SqliteOptions& options) {
  if (options.path.empty() || options.readers < 1 || options.max_batch < 1 || options.max_queued < 1)
    return Error{Code::invalid, "store.options", "path, readers, max_batch and max_queued are needed"};
  sqlite::FileLock lock;
  std::unique_ptr<sqlite::Connection> writer;
  if (options.read_only) {
    TF_CHECK(sqlite::Connection::open(options, sqlite::Role::reader));
  } else {
    lock = TF_TRY(sqlite::FileLock::take(options.path + ".lock"));
    TF_CHECK(sqlite::prepare_file(options.path));
    writer = TF_TRY(sqlite::Connection::open(options, sqlite::Role::writer));
  }
  return std::unique_ptr<Database>(
      std::make_unique<sqlite::SqliteDatabase>(options, std::move(lock), std::move(writer)));
}

}  // namespace tf::store
