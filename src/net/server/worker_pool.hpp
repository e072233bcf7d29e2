// A fixed number of threads and a bounded queue, shared by the listeners of a process. Requests run here as plain
// synchronous functions that may block on a group commit; when the queue is full the caller is told at once.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

namespace tf::net {

class Task {
 public:
  virtual void run() noexcept = 0;

 protected:
  ~Task() = default;
};

class WorkerPool {
 public:
  explicit WorkerPool(std::size_t threads = 64, std::size_t queue_capacity = 1024);
  ~WorkerPool();  // runs what is queued, then ends
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False when the queue is full. The task must live until it has run.
  [[nodiscard]] bool try_submit(Task& task);
  [[nodiscard]] std::size_t queued() const;

 private:
  void work();
  [[nodiscard]] bool should_wake();

  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<Task*> ring_;  // queue_capacity places
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::size_t sleeping_ = 0;
  bool waking_ = false;  // one sleeper was notified and has not yet come
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tf::net
