// The chain and the batches: an entry for each act that was written, and for no other.
#include <thread>
#include <vector>

#include "tests/audit/audit_support.hpp"

namespace tf::audit::test {
namespace {

const Error kOwn{Code::refused, "test.own_reason", ""};

TEST_F(AuditTest, writes_no_entry_for_an_act_that_failed) {
  open_trail();
  ASSERT_TRUE(ok(act(1)));
  EXPECT_EQ(reason_of(act(1)), "store.conflict");
  ASSERT_TRUE(ok(act(2)));
  EXPECT_EQ(verified().entries, 2);
  EXPECT_FALSE(verified().first_bad);
}

TEST_F(AuditTest, keeps_the_chain_whole_across_members_that_fail_in_one_batch) {
  open_trail();
  std::promise<void> begun, release;
  database_->write_async([&](store::Session&) -> Status { return begun.set_value(), release.get_future().wait(), Status(); }, [](const Status&) {});
  begun.get_future().wait();  // alone: all that come now are one batch
  std::vector<std::promise<Status>> done(40);
  for (std::int64_t i = 0; i < 40; ++i) {
    database_->write_async(
        [this, i](store::Session& session) -> Status {
          if (i % 5 == 4) return kOwn;
          TF_CHECK(act_in(session, i % 7 == 6 ? 0 : i + 1));  // 0 is a conflict from the second time on
          if (i % 5 == 3) return kOwn;
          return act_in(session, i + 1000);
        },
        [&promise = done[static_cast<std::size_t>(i)]](Status status) { promise.set_value(std::move(status)); });
  }
  release.set_value();
  std::int64_t good = 0;
  for (auto& promise : done) good += promise.get_future().get() ? 1 : 0;
  EXPECT_GT(good, 10);
  EXPECT_LT(good, 40);
  EXPECT_EQ(database_->stats().batches_rerun, 1u);
  EXPECT_EQ(number("SELECT COUNT(*) FROM facts"), 2 * good);
  EXPECT_EQ(verified().entries, 2 * good);
  EXPECT_FALSE(verified().first_bad);
  EXPECT_EQ(trail_->committed().seq, 2 * good);
}

TEST_F(AuditTest, keeps_the_chain_whole_under_many_threads_that_conflict) {
  open_trail(50);
  std::atomic<std::int64_t> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 16; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 40; ++i) good += act(t % 2 == 0 ? i : t * 1000 + i) ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(good, 40 + 8 * 40);
  ASSERT_TRUE(ok(trail_->checkpoint()));
  const ChainReport report = verified();
  EXPECT_EQ(report.entries, good);
  EXPECT_FALSE(report.first_bad);
  EXPECT_GT(report.checkpoints, 1);
  EXPECT_EQ(report.unsigned_entries, 0);
}

TEST_F(AuditTest, fails_the_act_whose_entry_cannot_be_written) {
  open_trail();
  ASSERT_TRUE(ok(act(1)));
  // Someone else wrote to our chain.
  ASSERT_TRUE(ok(run("INSERT INTO audit_entries SELECT node, 2, at_ms, actor, action, subject, outcome, reason, detail,"
                     " hash FROM audit_entries WHERE seq = 1")));
  const Status forked = database_->write([&](store::Session& session) -> Status {
    TF_CHECK(session.execute("INSERT INTO facts (id) VALUES ($1)", {2}));
    (void)trail_->append(session, entry("fact-2"));  // even when the caller looks away
    return {};
  });
  EXPECT_FALSE(forked);
  EXPECT_EQ(reason_of(act(3)), "audit.chain_forked");
  EXPECT_EQ(number("SELECT COUNT(*) FROM facts"), 1);
  ASSERT_TRUE(ok(run("DELETE FROM audit_entries WHERE seq = 2")));
  ASSERT_TRUE(ok(act(4)));
  EXPECT_FALSE(verified().first_bad) << "the tail was put back";
}

TEST_F(AuditTest, refuses_an_entry_too_large_or_not_text) {
  open_trail();
  const auto append = [&](const std::string& detail) {
    return reason_of(database_->write([&](store::Session& session) {
      Entry large = entry("x");
      large.detail = detail;
      return trail_->append(session, large);
    }));
  };
  EXPECT_EQ(append(std::string(kMaxEntrySize, 'x')), "audit.entry_too_large");
  EXPECT_EQ(append("\xff"), "store.text");
  EXPECT_EQ(append(std::string(60'000, 'x')), "ok");
  EXPECT_EQ(verified().entries, 1);
  EXPECT_FALSE(verified().first_bad);
}

}  // namespace
}  // namespace tf::audit::test
