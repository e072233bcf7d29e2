// The queue before the writer: takes members from any thread, gives them out in batches in the order they came, and
// acknowledges each when its batch is over. The writer is one thread at a time: whoever would wait for a write that
// nobody is before does it himself, with those who come while he gathers; everything else is a thread of the queue's.
// Knows nothing of any database.
#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

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
  // run_batch runs on the writer and leaves a status in every member.
  using RunBatch = std::function<void(std::span<Member* const>)>;
  WriteQueue(std::size_t max_batch, std::size_t max_queued, std::chrono::milliseconds gather, RunBatch run_batch);
  ~WriteQueue();  // runs what is queued, refuses what comes
  WriteQueue(const WriteQueue&) = delete;
  WriteQueue& operator=(const WriteQueue&) = delete;

  Status write(FunctionRef<Status(Session&)> fn);
  void write_async(WriteFn fn, DoneFn done);
  [[nodiscard]] std::size_t queued() const;

 private:
  enum class Place { queued, writer };  // writer: the caller is it, and has the queue's turn
  Result<Place> push(Member& member, bool waits);
  void run_one(std::unique_lock<std::mutex>& lock) noexcept;
  void work();

  const std::size_t max_batch_;
  const std::size_t max_queued_;
  const std::chrono::milliseconds gather_;
  const RunBatch run_batch_;
  mutable std::mutex mutex_;
  std::condition_variable turn_;  // there is something to do, and no writer
  std::condition_variable full_;  // a batch's worth waits
  std::deque<Member*> queue_;
  std::vector<Member*> batch_;    // the writer's
  std::thread::id writer_{};      // none: nobody writes
  bool in_company_ = false;       // the last batch had more than one
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace tf::store
