// A fixed number of threads and a bounded queue, shared by the listeners of a process. Requests run here as plain
// synchronous functions that may block on a group commit; when the queue is full the caller is told at once. Of the
// threads at rest the one that rested least goes on: its stack and its memory are still in the processor's caches, and
// of many threads only as many are in use as there is work for.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
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
  struct Worker {
    std::condition_variable called;
    bool at_rest = false;
    std::thread thread;
  };
  void work(Worker& self);
  [[nodiscard]] Worker* call_one();  // whom to notify once the mutex is free; nobody: null

  mutable std::mutex mutex_;
  std::vector<Task*> ring_;  // queue_capacity places
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::vector<Worker*> resting_;  // the last came last
  bool coming_ = false;           // one was called and is not yet there
  bool stopping_ = false;
  std::deque<Worker> workers_;
};

}  // namespace tf::net
