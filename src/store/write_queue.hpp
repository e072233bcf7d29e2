// The queue before the one writer thread: takes members from any thread, gives them out in batches in the order they
// came, and acknowledges each when its batch is over. Knows nothing of any database.
#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <span>
#include <thread>

#include "store/database.hpp"

namespace tf::store {

// One write on its way. The batch sets status; finish() hands it over, after which the member may be gone.
class Member {
 public:
  virtual ~Member() = default;
  virtual Status run(Session& session) = 0;
  virtual void finish() = 0;
  Status status;
};

class WriteQueue {
 public:
  // run_batch runs on the writer thread and leaves a status in every member.
  using RunBatch = std::function<void(std::span<Member* const>)>;
  WriteQueue(std::size_t max_batch, std::size_t max_queued, std::chrono::milliseconds gather, RunBatch run_batch);
  ~WriteQueue();  // runs what is queued, refuses what comes
  WriteQueue(const WriteQueue&) = delete;
  WriteQueue& operator=(const WriteQueue&) = delete;

  Status write(FunctionRef<Status(Session&)> fn);
  void write_async(WriteFn fn, DoneFn done);
  [[nodiscard]] std::size_t queued() const;

 private:
  Status push(Member& member);
  void work();

  const std::size_t max_batch_;
  const std::size_t max_queued_;
  const std::chrono::milliseconds gather_;
  const RunBatch run_batch_;
  mutable std::mutex mutex_;
  std::condition_variable not_empty_;
  std::deque<Member*> queue_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace tf::store
