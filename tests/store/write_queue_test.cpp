// The queue by itself: no database behind it.
#include "store/write_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>

namespace tf::store {
namespace {

// The first batch is held until two more writes wait, so that the queue believes itself in company; those two, a full batch, would wait an hour for
// more if it mattered how many there may be.
TEST(WriteQueue, that_has_a_full_batch_waits_for_nobody) {
  std::promise<void> begun, go_on;
  std::promise<std::size_t> last;
  int batches = 0;
  WriteQueue queue(2, 16, std::chrono::hours(1), [&](std::span<Member* const> batch) {
    if (batches++ == 0) {
      begun.set_value();
      go_on.get_future().wait();
    }
    if (batches == 3) last.set_value(batch.size());
  });
  const auto write = [&] { queue.write_async([](Session&) -> Status { return {}; }, {}); };
  write();
  begun.get_future().wait();
  for (int i = 0; i < 4; ++i) write();
  go_on.set_value();
  EXPECT_EQ(last.get_future().get(), 2U);
}

// Two came together, so a third is worth waiting for; the fourth makes it a full batch and ends the wait.
TEST(WriteQueue, that_waits_for_company_is_woken_by_a_full_batch) {
  std::promise<void> begun, go_on, in_company;
  std::promise<std::size_t> last;
  int batches = 0;
  WriteQueue queue(2, 16, std::chrono::hours(1), [&](std::span<Member* const> batch) {
    ++batches;
    if (batches == 1) begun.set_value(), go_on.get_future().wait();
    if (batches == 2) in_company.set_value();
    if (batches == 3) last.set_value(batch.size());
  });
  const auto write = [&] { queue.write_async([](Session&) -> Status { return {}; }, {}); };
  write();
  begun.get_future().wait();
  write(), write();
  go_on.set_value();
  in_company.get_future().wait();
  write(), write();
  EXPECT_EQ(last.get_future().get(), 2U);
}

const auto kNothing = [](Session&) -> Status { return {}; };

TEST(WriteQueue, lets_who_waits_write_himself_when_nobody_is_before) {
  std::vector<std::thread::id> writers;
  WriteQueue queue(4, 16, std::chrono::hours(1), [&](std::span<Member* const>) { writers.push_back(std::this_thread::get_id()); });
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(queue.write(kNothing));
  EXPECT_EQ(writers, std::vector(3, std::this_thread::get_id()));
}

// Who comes while somebody writes is not his to serve: he has an answer to give.
TEST(WriteQueue, writes_by_itself_what_came_while_somebody_wrote) {
  std::vector<std::thread::id> writers;
  std::vector<std::size_t> sizes;
  std::promise<void> done;
  std::function<void()> meanwhile;
  WriteQueue queue(4, 16, {}, [&](std::span<Member* const> batch) {
    writers.push_back(std::this_thread::get_id());
    sizes.push_back(batch.size());
    if (auto first = std::exchange(meanwhile, {})) first();
  });
  meanwhile = [&] {
    queue.write_async(kNothing, {});
    queue.write_async(kNothing, [&](const Status&) { done.set_value(); });
  };
  EXPECT_TRUE(queue.write(kNothing));
  done.get_future().wait();
  ASSERT_EQ(writers.size(), 2U);
  EXPECT_EQ(writers[0], std::this_thread::get_id());
  EXPECT_NE(writers[1], std::this_thread::get_id());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 2}));
}

TEST(WriteQueue, refuses_a_writer_who_would_wait_for_himself) {
  std::string inner;
  WriteQueue* itself = nullptr;
  WriteQueue queue(4, 16, {}, [&](std::span<Member* const>) {
    const Status again = itself->write(kNothing);
    inner = again ? "" : again.error().reason;
  });
  itself = &queue;
  EXPECT_TRUE(queue.write(kNothing));
  EXPECT_EQ(inner, "store.write_inside_write");
  EXPECT_EQ(queue.queued(), 0U);
}

// Two came together, so a third waits for company, and would for an hour. The end of the queue ends his patience and not his write.
TEST(WriteQueue, that_ends_lets_who_gathers_write_first) {
  std::promise<void> two;
  std::size_t members = 0;
  std::function<void()> meanwhile;
  std::jthread third;
  {
    WriteQueue queue(4, 16, std::chrono::hours(1), [&](std::span<Member* const> batch) {
      members += batch.size();
      if (auto first = std::exchange(meanwhile, {})) first();
    });
    meanwhile = [&] {
      queue.write_async(kNothing, {});
      queue.write_async(kNothing, [&](const Status&) { two.set_value(); });
    };
    EXPECT_TRUE(queue.write(kNothing));
    two.get_future().wait();
    third = std::jthread([&] { EXPECT_TRUE(queue.write(kNothing)); });
    while (queue.queued() == 0) std::this_thread::yield();
  }
  EXPECT_EQ(members, 4U);
}

// Whoever writes tells others what became of their writes, and none of them may wait for him.
TEST(WriteQueue, refuses_to_wait_inside_the_receiver_of_an_outcome) {
  std::string inner;
  std::function<void()> meanwhile;
  WriteQueue queue(4, 16, {}, [&](std::span<Member* const>) {
    if (auto first = std::exchange(meanwhile, {})) first();
  });
  std::promise<void> done;
  meanwhile = [&] {
    queue.write_async(kNothing, [&](const Status&) {
      const Status again = queue.write(kNothing);
      inner = again ? "" : again.error().reason;
      done.set_value();
    });
  };
  EXPECT_TRUE(queue.write(kNothing));
  done.get_future().wait();
  EXPECT_EQ(inner, "store.write_inside_write");
}

// Threads that wait, and writes that nobody waits for, all at once: each runs once, no two batches at the same time.
TEST(WriteQueue, has_one_writer_at_a_time) {
  constexpr int kThreads = 8, kEach = 400;
  std::atomic<int> inside{0}, members{0}, finished{0};
  bool two = false;
  {
    WriteQueue queue(16, 100'000, {}, [&](std::span<Member* const> batch) {
      two |= ++inside != 1;
      members += static_cast<int>(batch.size());
      --inside;
    });
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < kEach; ++i) {
          queue.write_async(kNothing, [&](const Status& status) { finished += status ? 1 : 0; });
          finished += queue.write(kNothing) ? 1 : 0;
        }
      });
    threads.clear();
  }
  EXPECT_FALSE(two);
  EXPECT_EQ(members, 2 * kThreads * kEach);
  EXPECT_EQ(finished, 2 * kThreads * kEach);
}

}  // namespace
}  // namespace tf::store
