// Where work is done that must not be done by who found it: later, or on a thread that may take its time. A port, so that a
// simulation has all time and all threads in its hand.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

namespace tf::payment {

class Runner {
 public:
  using Task = std::move_only_function<void()>;
  virtual ~Runner() = default;
  virtual void post(Task task) = 0;                            // soon, in order as far as one thread goes
  virtual void after(std::chrono::milliseconds delay, Task task) = 0;
};

// So many threads, but no more than there are processors. What is waiting when it ends is dropped.
class ThreadRunner final : public Runner {
 public:
  explicit ThreadRunner(int threads = 2);
  ~ThreadRunner() override;
  void post(Task task) override;
  void after(std::chrono::milliseconds delay, Task task) override;

 private:
  using Moment = std::chrono::steady_clock::time_point;
  struct Later {
    Moment at;
    std::uint64_t turn;
    mutable Task task;
    bool operator<(const Later& other) const { return at != other.at ? at > other.at : turn > other.turn; }
  };
  void work();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> now_;
  std::priority_queue<Later> later_;
  std::uint64_t turns_ = 0;
  int idle_ = 0;
  int woken_ = 0;  // of the idle ones: on their way, need no second call
  bool ending_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace tf::payment
