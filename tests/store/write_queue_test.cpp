// The queue by itself: no database behind it.
#include "store/write_queue.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace tf::store
