#include "payment/desk/runner.hpp"

#include <algorithm>

#include "net/processors.hpp"

namespace tf::payment {

// Tasks compute and never wait for long: more threads than processors only take turns.
ThreadRunner::ThreadRunner(int threads) {
  for (int i = 0; i < std::min(threads, net::processors()); ++i) threads_.emplace_back([this] { work(); });
}

ThreadRunner::~ThreadRunner() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  threads_.clear();
}

// One is woken, and wakes the next when it finds more than it takes: who posts many at once is not interrupted for each.
void ThreadRunner::post(Task task) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    now_.push_back(std::move(task));
    wake = idle_ > 0 && woken_ == 0;
    if (wake) ++woken_;
  }
  if (wake) wake_.notify_one();
}

void ThreadRunner::after(std::chrono::milliseconds delay, Task task) {
  {
    const std::lock_guard lock(mutex_);
    later_.push({std::chrono::steady_clock::now() + delay, ++turns_, std::move(task)});
  }
  wake_.notify_one();
}

void ThreadRunner::work() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    while (!later_.empty() && later_.top().at <= std::chrono::steady_clock::now()) {
      now_.push_back(std::move(later_.top().task));
      later_.pop();
    }
    if (!now_.empty()) {
      Task task = std::move(now_.front());
      now_.pop_front();
      const bool more = !now_.empty() && idle_ > woken_;
      if (more) ++woken_;
      lock.unlock();
      if (more) wake_.notify_one();
      task();
      task = nullptr;
      lock.lock();
      continue;
    }
    ++idle_;
    if (later_.empty()) {
      wake_.wait(lock);
    } else {
      const Moment at = later_.top().at;
      wake_.wait_until(lock, at);
    }
    --idle_;
    if (woken_ > 0) --woken_;
  }
}

}  // namespace tf::payment
