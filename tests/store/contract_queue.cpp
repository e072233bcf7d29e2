// The contract: the queue before the batches, and those who watch them.
#include <atomic>

#include "store/batch_metrics.hpp"
#include "tests/store/contract.hpp"

namespace tf::store::test {
namespace {

const Error kOwnReason{Code::refused, "test.own_reason", ""};

TEST_P(StoreContract, refuses_more_than_the_queue_holds) {
  reopen({.max_batch = 4, .max_queued = 3});
  std::vector<WriteFn> members;
  for (int i = 0; i < 5; ++i) members.emplace_back([i](Session& session) { return insert(session, i); });
  const auto done = in_one_batch(std::move(members));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(ok(done[i]));
  for (std::size_t i = 3; i < 5; ++i) {
    EXPECT_EQ(reason_of(done[i]), "store.queue_full");
    EXPECT_EQ(done[i].error().code, Code::overloaded);
  }
  EXPECT_TRUE(ok(add(9)));
}

TEST_P(StoreContract, splits_a_long_queue_into_batches_of_the_greatest_size) {
  reopen({.max_batch = 4, .max_queued = 100});
  const auto before = database_->stats();
  std::vector<WriteFn> members;
  for (int i = 0; i < 10; ++i) members.emplace_back([i](Session& session) { return insert(session, i); });
  for (const Status& status : in_one_batch(std::move(members))) EXPECT_TRUE(ok(status));
  EXPECT_EQ(database_->stats().batches - before.batches, 1u + 3u);
}

TEST_P(StoreContract, tells_in_metrics_how_many_writes_share_a_commit) {
  reopen({.max_batch = 4, .max_queued = 100});
  metrics::Registry registry;
  BatchMetrics metrics(*database_, registry);
  const auto value = [&](const char* name) { return registry.counter(std::string("trustferry_store_") + name, "").value(); };
  metrics.refresh();
  const auto commits = value("commits_total"), writes = value("writes_total");
  std::vector<WriteFn> members;
  for (int i = 0; i < 7; ++i) members.emplace_back([i](Session& session) { return insert(session, i); });
  members.emplace_back([](Session&) -> Status { return kOwnReason; });
  in_one_batch(std::move(members));
  metrics.refresh();
  metrics.refresh();
  EXPECT_EQ(value("writes_total") - writes, 7u + 1u);  // and the one that in_one_batch() holds them up with
  EXPECT_EQ(value("commits_total") - commits, 1u + 2u);
  EXPECT_EQ(value("writes_refused_total"), 1u);
  EXPECT_THAT(registry.render(), testing::HasSubstr("trustferry_store_writes_waiting 0\n"));
}

TEST_P(StoreContract, finishes_what_is_queued_when_it_is_closed) {
  std::atomic<int> written = 0;
  for (int i = 0; i < 500; ++i) {
    database_->write_async([i](Session& session) { return insert(session, i); },
                           [&](const Status& status) { written += status ? 1 : 0; });
  }
  database_.reset();
  EXPECT_EQ(written, 500);
  reopen();
  EXPECT_EQ(ids().size(), 500u);
}

TEST_P(StoreContract, refuses_to_wait_for_itself) {
  std::string inner;
  EXPECT_TRUE(ok(database_->write([&](Session&) -> Status {
    inner = reason_of(add(1));
    return {};
  })));
  EXPECT_EQ(inner, "store.write_inside_write");
}

TEST_P(StoreContract, takes_a_new_write_from_the_receiver_of_an_outcome) {
  std::promise<Status> second;
  database_->write_async([](Session& session) { return insert(session, 1); },
                         [&](const Status&) {
                           database_->write_async([](Session& session) { return insert(session, 2); },
                                                  [&](Status status) { second.set_value(std::move(status)); });
                         });
  EXPECT_TRUE(ok(second.get_future().get()));
}

// Counts the members that are in, as someone would who keeps state beside the rows.
struct Counter final : BatchObserver {
  void batch_begins() override { batch_mark = count; }
  void member_begins() override { member_mark = count; }
  void member_rolled_back() override { count = member_mark; }
  void batch_committed() override { committed = count; }
  void batch_rolled_back() override { count = batch_mark; }
  int count = 0, member_mark = 0, batch_mark = 0, committed = 0;
};

TEST_P(StoreContract, tells_observers_enough_to_keep_state_beside_the_rows) {
  Counter counter;
  database_->observe(counter);
  std::vector<WriteFn> members;
  for (int i = 0; i < 12; ++i) {
    members.emplace_back([&counter, i](Session& session) -> Status {
      ++counter.count;
      if (i % 3 == 1) return kOwnReason;  // before it wrote
      TF_CHECK(insert(session, i));
      ++counter.count;
      if (i % 3 == 2) return kOwnReason;  // after
      return {};
    });
  }
  in_one_batch(std::move(members));
  database_->forget(counter);
  EXPECT_EQ(counter.committed, 8);
  EXPECT_EQ(counter.count, 8);
  EXPECT_EQ(ids().size(), 4u);
  ASSERT_TRUE(ok(add(100)));
  EXPECT_EQ(counter.committed, 8) << "not told after forget";
}

}  // namespace
}  // namespace tf::store::test
