// Things to do later, on one thread, in the order of their time.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace tf::frontends::card {

class Timers {
 public:
  Timers() = default;
  ~Timers() { stop(); }
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  void start();
  // Any thread. Forgotten once stopped.
  void after(std::chrono::milliseconds delay, std::move_only_function<void()> task);
  // What was not due is forgotten; waits for a task that is running. Not to be called from one.
  void stop();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<std::chrono::steady_clock::time_point, std::move_only_function<void()>> tasks_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tf::frontends::card
