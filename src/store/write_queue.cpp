#include "store/write_queue.hpp"

#include <semaphore.h>

#include <cerrno>
#include <memory>

#include "base/log.hpp"

namespace tf::store {
namespace {

// A POSIX semaphore may be destroyed as soon as its wait returns; std::binary_semaphore of libstdc++ 12 may not wake.
class WaitingMember final : public Member {
 public:
  explicit WaitingMember(FunctionRef<Status(Session&)> fn) : fn_(fn) { sem_init(&finished_, 0, 0); }
  ~WaitingMember() override { sem_destroy(&finished_); }
  Status run(Session& session) override { return fn_(session); }
  void finish() override { sem_post(&finished_); }
  void wait() {
    while (sem_wait(&finished_) != 0 && errno == EINTR) {
    }
  }

 private:
  FunctionRef<Status(Session&)> fn_;
  sem_t finished_;
};

class AsyncMember final : public Member {
 public:
  AsyncMember(WriteFn fn, DoneFn done) : fn_(std::move(fn)), done_(std::move(done)) {}
  Status run(Session& session) override { return fn_(session); }
  void finish() override {
    const std::unique_ptr<AsyncMember> self(this);
    try {
      if (done_) done_(std::move(status));
    } catch (...) {
      log::error("store: the receiver of a write's outcome threw an exception");
    }
  }

 private:
  WriteFn fn_;
  DoneFn done_;
};

}  // namespace

WriteQueue::WriteQueue(std::size_t max_batch, std::size_t max_queued, std::chrono::milliseconds gather, RunBatch run_batch)
    : max_batch_(max_batch), max_queued_(max_queued), gather_(gather), run_batch_(std::move(run_batch)) {
  batch_.reserve(max_batch_);
  thread_ = std::thread([this] { work(); });
}

WriteQueue::~WriteQueue() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  turn_.notify_one();
  full_.notify_one();
  thread_.join();
}

Result<WriteQueue::Place> WriteQueue::push(Member& member, bool waits) {
  bool wake = false, full = false;
  {
    const std::lock_guard lock(mutex_);
    if (waits && writer_ == std::this_thread::get_id())
      return Error{Code::internal, "store.write_inside_write", "the writer cannot wait for itself"};
    if (closing_) return Error{Code::unavailable, "store.closed", "the database is being closed"};
    if (queue_.size() >= max_queued_) return Error{Code::overloaded, "store.queue_full", "too many writes are waiting"};
    queue_.push_back(&member);
    wake = writer_ == std::thread::id() && queue_.size() == 1;
    full = queue_.size() == max_batch_;
    if (waits && wake) {
      writer_ = std::this_thread::get_id();
      return Place::writer;
    }
  }
  if (wake) turn_.notify_one();
  if (full) full_.notify_one();
  return Place::queued;
}

Status WriteQueue::write(FunctionRef<Status(Session&)> fn) {
  WaitingMember member(fn);
  if (TF_TRY(push(member, true)) == Place::writer) {
    std::unique_lock lock(mutex_);
    run_one(lock);
    if (closing_ || !queue_.empty()) turn_.notify_one();  // under the lock: without it the queue could be gone
  }
  member.wait();
  return std::move(member.status);
}

void WriteQueue::write_async(WriteFn fn, DoneFn done) {
  auto member = std::make_unique<AsyncMember>(std::move(fn), std::move(done));
  const auto queued = push(*member, false);
  AsyncMember* const raw = member.release();
  if (queued) return;  // it is the writer's now, and may be gone already
  raw->status = queued.error();
  raw->finish();
}

std::size_t WriteQueue::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

// By the writer, under the lock, which is let go while others need not wait. What a batch throws leaves nobody knows what in the transaction, and others
// waiting: the process ends, as it did when only a thread of the queue's wrote.
void WriteQueue::run_one(std::unique_lock<std::mutex>& lock) noexcept {
  // Where writers come in company a little patience saves most of the syncs: a lone writer does not wait, nor does a full batch.
  if (in_company_ && gather_.count() > 0) full_.wait_for(lock, gather_, [this] { return closing_ || queue_.size() >= max_batch_; });
  while (!queue_.empty() && batch_.size() < max_batch_) {
    batch_.push_back(queue_.front());
    queue_.pop_front();
  }
  in_company_ = batch_.size() > 1;
  lock.unlock();
  run_batch_(batch_);
  for (Member* member : batch_) member->finish();
  batch_.clear();
  lock.lock();
  writer_ = {};
}

void WriteQueue::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    turn_.wait(lock, [this] { return writer_ == std::thread::id() && (closing_ || !queue_.empty()); });
    if (queue_.empty()) return;
    writer_ = std::this_thread::get_id();
    run_one(lock);
  }
}

}  // namespace tf::store
