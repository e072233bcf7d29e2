#include "net/server/worker_pool.hpp"

#include <algorithm>

namespace tf::net {

WorkerPool::WorkerPool(std::size_t threads, std::size_t queue_capacity)
    : ring_(std::max<std::size_t>(1, queue_capacity)) {
  for (std::size_t i = 0; i < std::max<std::size_t>(1, threads); ++i) threads_.emplace_back([this] { work(); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

// Waking is the dear part of a hand-over. One sleeper at a time is woken, and who comes wakes the next if there is more
// to do: a burst of short requests then costs a few wake-ups and not one each.
bool WorkerPool::should_wake() {
  if (count_ == 0 || sleeping_ == 0 || waking_) return false;
  waking_ = true;
  return true;
}

bool WorkerPool::try_submit(Task& task) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || count_ == ring_.size()) return false;
    ring_[(first_ + count_++) % ring_.size()] = &task;
    wake = should_wake();
  }
  if (wake) ready_.notify_one();
  return true;
}

std::size_t WorkerPool::queued() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

void WorkerPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    while (count_ == 0 && !stopping_) {
      ++sleeping_;
      ready_.wait(lock);
      --sleeping_;
      waking_ = false;
    }
    if (count_ == 0) return;
    Task* const task = ring_[first_];
    first_ = (first_ + 1) % ring_.size();
    --count_;
    const bool wake = should_wake();
    lock.unlock();
    if (wake) ready_.notify_one();
    task->run();
    lock.lock();
  }
}

}  // namespace tf::net
