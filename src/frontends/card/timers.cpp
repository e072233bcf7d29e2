#include "frontends/card/timers.hpp"

#include <algorithm>

namespace tf::frontends::card {

void Timers::start() {
  thread_ = std::thread([this] { run(); });
}

// A delay may become longer by a sixteenth: what is due at about the same time is one awakening.
void Timers::after(std::chrono::milliseconds delay, std::move_only_function<void()> task) {
  const auto grain = std::max<std::chrono::steady_clock::duration>(delay / 16, std::chrono::milliseconds(1));
  const auto exact = (std::chrono::steady_clock::now() + delay).time_since_epoch();
  const std::chrono::steady_clock::time_point due(exact + (grain - exact % grain) % grain);
  const std::scoped_lock lock(mutex_);
  if (stopping_) return;
  const bool first = tasks_.empty() || due < tasks_.begin()->first;
  tasks_.emplace(due, std::move(task));
  if (first) changed_.notify_one();
}

void Timers::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
  tasks_.clear();
}

void Timers::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (tasks_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto due = tasks_.begin()->first;
    if (due > std::chrono::steady_clock::now()) {
      changed_.wait_until(lock, due);
      continue;
    }
    auto task = std::move(tasks_.extract(tasks_.begin()).mapped());
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
  }
}

}  // namespace tf::frontends::card
