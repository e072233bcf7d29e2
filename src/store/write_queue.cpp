#include "store/write_queue.hpp"

#include <semaphore.h>

#include <cerrno>
#include <memory>
#include <vector>

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
    : max_batch_(max_batch), max_queued_(max_queued), gather_(gather), run_batch_(std::move(run_batch)), thread_([this] { work(); }) {}

WriteQueue::~WriteQueue() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  not_empty_.notify_one();
  thread_.join();
}

Status WriteQueue::push(Member& member) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (closing_) return Error{Code::unavailable, "store.closed", "the database is being closed"};
    if (queue_.size() >= max_queued_) return Error{Code::overloaded, "store.queue_full", "too many writes are waiting"};
    queue_.push_back(&member);
    wake = queue_.size() == 1 || queue_.size() == max_batch_;
  }
  if (wake) not_empty_.notify_one();
  return {};
}

Status WriteQueue::write(FunctionRef<Status(Session&)> fn) {
  if (std::this_thread::get_id() == thread_.get_id())
    return Error{Code::internal, "store.write_inside_write", "the writer thread cannot wait for itself"};
  WaitingMember member(fn);
  TF_CHECK(push(member));
  member.wait();
  return std::move(member.status);
}

void WriteQueue::write_async(WriteFn fn, DoneFn done) {
  auto member = std::make_unique<AsyncMember>(std::move(fn), std::move(done));
  Status queued = push(*member);
  AsyncMember* const raw = member.release();
  if (queued) return;  // it is the writer thread's now, and may be gone already
  raw->status = std::move(queued);
  raw->finish();
}

std::size_t WriteQueue::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void WriteQueue::work() {
  std::vector<Member*> batch;
  batch.reserve(max_batch_);
  bool in_company = false;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      not_empty_.wait(lock, [this] { return closing_ || !queue_.empty(); });
      if (queue_.empty()) return;
      // Where writers come in company a little patience saves most of the syncs: a lone writer does not wait, nor does a full batch.
      if (in_company && gather_.count() > 0) not_empty_.wait_for(lock, gather_, [this] { return closing_ || queue_.size() >= max_batch_; });
      while (!queue_.empty() && batch.size() < max_batch_) {
        batch.push_back(queue_.front());
        queue_.pop_front();
      }
    }
    in_company = batch.size() > 1;
    run_batch_(batch);
    for (Member* member : batch) member->finish();
    batch.clear();
  }
}

}  // namespace tf::store
