#include "net/server/worker_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <latch>
#include <list>
#include <semaphore>
#include <set>
#include <thread>

namespace tf::net {
namespace {

struct Job final : Task {
  explicit Job(std::function<void()> what) : what(std::move(what)) {}
  void run() noexcept override { what(); }
  std::function<void()> what;
};

TEST(WorkerPool, runs_every_task_once_whoever_submits_it) {
  std::atomic<int> ran{0};
  Job job([&] { ran.fetch_add(1); });
  int accepted = 0;
  {
    WorkerPool pool(4, 64);
    std::atomic<int> submitted{0};
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 2000; ++i) {
          while (!pool.try_submit(job)) std::this_thread::yield();
          submitted.fetch_add(1);
        }
      });
    }
    threads.clear();
    accepted = submitted.load();
  }
  EXPECT_EQ(accepted, 6000);
  EXPECT_EQ(ran.load(), 6000);
}

TEST(WorkerPool, refuses_at_once_what_does_not_fit_in_the_queue) {
  std::latch busy(1);
  std::latch release(1);
  Job blocking([&] {
    busy.count_down();
    release.wait();
  });
  std::atomic<int> ran{0};
  Job waiting([&] { ran.fetch_add(1); });
  {
    WorkerPool pool(1, 2);
    ASSERT_TRUE(pool.try_submit(blocking));
    busy.wait();
    EXPECT_TRUE(pool.try_submit(waiting));
    EXPECT_TRUE(pool.try_submit(waiting));
    EXPECT_EQ(pool.queued(), 2u);
    EXPECT_FALSE(pool.try_submit(waiting));
    release.count_down();
  }
  EXPECT_EQ(ran.load(), 2);
}

TEST(WorkerPool, lets_as_many_tasks_block_as_it_has_threads) {
  constexpr int threads = 8;
  std::latch all(threads);
  Job job([&] { all.arrive_and_wait(); });  // ends only if every thread takes one
  WorkerPool pool(threads, threads);
  for (int i = 0; i < threads; ++i) ASSERT_TRUE(pool.try_submit(job));
  all.wait();
}

// A thread that has just started, or has not yet lain down, may take a task that another was called for. So not every round of tasks
// stays with few threads; were they called in turn, none would.
TEST(WorkerPool, calls_the_thread_that_rested_least) {
  constexpr int threads = 32, rounds = 50;
  std::set<std::thread::id> used;
  std::binary_semaphore done(0);
  Job job([&] {
    used.insert(std::this_thread::get_id());
    done.release();
  });
  WorkerPool pool(threads, 1);
  bool few = false;
  for (int round = 0; round < rounds && !few; ++round) {
    used.clear();
    for (int i = 0; i < 4 * threads; ++i) {
      ASSERT_TRUE(pool.try_submit(job));
      done.acquire();
    }
    few = used.size() < threads / 2;
  }
  EXPECT_TRUE(few);
}

}  // namespace
}  // namespace tf::net
