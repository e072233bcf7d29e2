// All time and all threads in one hand: what was to happen later happens when the clock comes to it, in an order that is the
// same for the same seed.
#pragma once
#include <queue>

#include "base/ports.hpp"
#include "payment/desk/runner.hpp"

namespace tf::payment::test {

class VirtualTime final : public Clock {
 public:
  using Task = std::move_only_function<void()>;
  static constexpr std::int64_t kStart = 1'793'491'200'000;  // 2026-11-01T00:00:00Z

  [[nodiscard]] std::int64_t now_ms() const override { return now_ms_; }
  [[nodiscard]] std::int64_t monotonic_ms() const override { return now_ms_ - kStart; }
  void after(std::int64_t delay_ms, Task task) { queue_.push({now_ms_ + delay_ms, ++turns_, std::move(task)}); }
  // False when nothing is left to happen.
  bool next() {
    if (queue_.empty()) return false;
    now_ms_ = queue_.top().at_ms;
    Task task = std::move(queue_.top().task);
    queue_.pop();
    task();
    return true;
  }
  [[nodiscard]] bool idle() const { return queue_.empty(); }

 private:
  struct Later {
    std::int64_t at_ms;
    std::uint64_t turn;
    mutable Task task;
    bool operator<(const Later& other) const { return at_ms != other.at_ms ? at_ms > other.at_ms : turn > other.turn; }
  };
  std::int64_t now_ms_ = kStart;
  std::uint64_t turns_ = 0;
  std::priority_queue<Later> queue_;
};

// One life of the program: with its end, what it had still to do is not done.
class Life {
 public:
  [[nodiscard]] std::shared_ptr<const bool> alive() const { return alive_; }
  void end() { *alive_ = false; }

 private:
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

class VirtualRunner final : public Runner {
 public:
  VirtualRunner(VirtualTime& time, const Life& life) : time_(time), alive_(life.alive()) {}
  void post(Task task) override { after(std::chrono::milliseconds(0), std::move(task)); }
  void after(std::chrono::milliseconds delay, Task task) override {
    time_.after(delay.count(), [alive = alive_, task = std::move(task)]() mutable {
      if (*alive) task();
    });
  }

 private:
  VirtualTime& time_;
  std::shared_ptr<const bool> alive_;
};

// SplitMix64: quick, and the same everywhere.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  std::int64_t below(std::int64_t sides) { return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(sides)); }
  bool happens(int percent) { return below(100) < percent; }

 private:
  std::uint64_t state_;
};

}  // namespace tf::payment::test
