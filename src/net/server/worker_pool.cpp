#include "net/server/worker_pool.hpp"

#include <algorithm>

namespace tf::net {

WorkerPool::WorkerPool(std::size_t threads, std::size_t queue_capacity)
    : ring_(std::max<std::size_t>(1, queue_capacity)), workers_(std::max<std::size_t>(1, threads)) {
  resting_.reserve(workers_.size());
  for (Worker& worker : workers_) worker.thread = std::thread([this, &worker] { work(worker); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (Worker* const worker : resting_) worker->at_rest = false;
    resting_.clear();
  }
  for (Worker& worker : workers_) worker.called.notify_one();
  for (Worker& worker : workers_) worker.thread.join();
}

// Waking is the dear part of a hand-over. One at a time is called, and who comes calls the next if there is more to do:
// a burst of short requests then costs a few wake-ups and not one each.
WorkerPool::Worker* WorkerPool::call_one() {
  if (count_ == 0 || resting_.empty() || coming_) return nullptr;
  coming_ = true;
  Worker* const out = resting_.back();
  resting_.pop_back();
  out->at_rest = false;
  return out;
}

bool WorkerPool::try_submit(Task& task) {
  Worker* next = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || count_ == ring_.size()) return false;
    ring_[(first_ + count_++) % ring_.size()] = &task;
    next = call_one();
  }
  if (next != nullptr) next->called.notify_one();
  return true;
}

std::size_t WorkerPool::queued() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

void WorkerPool::work(Worker& self) {
  std::unique_lock lock(mutex_);
  while (true) {
    while (count_ == 0 && !stopping_) {
      self.at_rest = true;
      resting_.push_back(&self);
      self.called.wait(lock, [&] { return !self.at_rest; });
      coming_ = false;
    }
    if (count_ == 0) return;
    Task* const task = ring_[first_];
    first_ = (first_ + 1) % ring_.size();
    --count_;
    Worker* const next = call_one();
    lock.unlock();
    if (next != nullptr) next->called.notify_one();
    task->run();
    lock.lock();
  }
}

}  // namespace tf::net
