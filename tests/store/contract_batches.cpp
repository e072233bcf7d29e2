// The contract: writes, alone and together.
#include <atomic>
#include <set>

#include "tests/store/contract.hpp"

namespace tf::store::test {
namespace {

const Error kOwn{Code::refused, "test.own_reason", ""};

TEST_P(StoreContract, shows_a_write_to_the_next_read_and_after_reopening) {
  ASSERT_TRUE(ok(add(1, "one")));
  EXPECT_EQ(ids(), std::vector<std::int64_t>{1});
  reopen();
  EXPECT_EQ(ids(), std::vector<std::int64_t>{1});
}

TEST_P(StoreContract, writes_all_of_a_member_or_nothing) {
  const Status written = database_->write([&](Session& session) -> Status {
    TF_CHECK(insert(session, 1));
    TF_CHECK(insert(session, 2));
    return kOwn;
  });
  EXPECT_EQ(reason_of(written), "test.own_reason");
  EXPECT_TRUE(ids().empty());
}

TEST_P(StoreContract, names_a_broken_unique_or_foreign_key_a_conflict) {
  ASSERT_TRUE(ok(add(1)));
  const Status again = add(1);
  EXPECT_EQ(reason_of(again), "store.conflict");
  EXPECT_EQ(again.error().code, Code::conflict);
  const Status orphan = database_->write([](Session& session) -> Status {
    TF_CHECK(session.execute("INSERT INTO parts (item, part) VALUES ($1, $2)", {9, "p"}));
    return {};
  });
  EXPECT_EQ(reason_of(orphan), "store.conflict");
}

TEST_P(StoreContract, fails_a_member_whose_statement_failed_even_when_it_looks_away) {
  ASSERT_TRUE(ok(add(1)));
  const Status written = database_->write([&](Session& session) -> Status {
    TF_CHECK(insert(session, 2));
    (void)insert(session, 1);
    (void)insert(session, 3);
    return {};
  });
  EXPECT_EQ(reason_of(written), "store.conflict");
  EXPECT_EQ(ids(), std::vector<std::int64_t>{1});
}

TEST_P(StoreContract, turns_an_exception_of_a_member_into_an_error) {
  const Status written = database_->write([&](Session& session) -> Status {
    TF_CHECK(insert(session, 1));
    throw std::runtime_error("out of luck");
  });
  EXPECT_EQ(reason_of(written), "store.member_threw");
  EXPECT_TRUE(ids().empty());
  EXPECT_TRUE(ok(add(2)));
}

TEST_P(StoreContract, rolls_back_one_member_of_a_batch_and_commits_the_others) {
  ASSERT_TRUE(ok(add(5)));
  const auto before = database_->stats();
  std::vector<WriteFn> members;
  for (const std::int64_t id : {1, 2, 5, 3}) {
    members.emplace_back([id](Session& session) -> Status {
      TF_CHECK(insert(session, id + 100));
      return insert(session, id);
    });
  }
  members.emplace_back([](Session& session) -> Status {
    TF_CHECK(insert(session, 200));
    return kOwn;
  });
  members.emplace_back([](Session&) -> Status { return kOwn; });
  members.emplace_back([](Session& session) { return insert(session, 4); });
  const auto done = in_one_batch(std::move(members));
  std::vector<std::string> reasons;
  for (const Status& status : done) reasons.push_back(reason_of(status));
  EXPECT_THAT(reasons,
              testing::ElementsAre("ok", "ok", "store.conflict", "ok", "test.own_reason", "test.own_reason", "ok"));
  EXPECT_THAT(ids(), testing::ElementsAre(1, 2, 3, 4, 5, 101, 102, 103));
  const auto after = database_->stats();
  EXPECT_EQ(after.batches - before.batches, 2u) << "the one that held the writer back, and ours";
  EXPECT_EQ(after.members - before.members, 5u);
  EXPECT_EQ(after.members_failed - before.members_failed, 3u);
}

TEST_P(StoreContract, lets_a_member_see_what_those_before_it_in_the_batch_wrote) {
  std::vector<WriteFn> members;
  members.emplace_back([](Session& session) { return insert(session, 1, "first"); });
  members.emplace_back([](Session& session) -> Status {
    const auto changed = TF_TRY(session.execute("UPDATE items SET name = $1 WHERE name = $2", {"second", "first"}));
    return changed == 1 ? Status() : Status(kOwn);
  });
  members.emplace_back([](Session& session) { return insert(session, 1, "third"); });
  const auto done = in_one_batch(std::move(members));
  EXPECT_TRUE(ok(done[0]) && ok(done[1]));
  EXPECT_EQ(reason_of(done[2]), "store.conflict");
}

TEST_P(StoreContract, runs_members_and_acknowledges_them_in_the_order_they_came) {
  std::vector<std::int64_t> acknowledged;
  std::promise<void> last;
  for (std::int64_t i = 1; i <= 1000; ++i) {
    database_->write_async(
        [i](Session& session) -> Status {
          const auto before = TF_TRY(session.query_one("SELECT COUNT(*) FROM items", {},
                                                       [](const Row& row) { return row.integer(0); }));
          return before == i - 1 ? insert(session, i) : Status(kOwn);
        },
        [&, i](const Status& status) {
          EXPECT_TRUE(ok(status));
          acknowledged.push_back(i);
          if (i == 1000) last.set_value();
        });
  }
  last.get_future().wait();
  EXPECT_TRUE(std::ranges::is_sorted(acknowledged));
  EXPECT_EQ(ids().size(), 1000u);
}

TEST_P(StoreContract, gives_one_of_a_hundred_racing_for_a_unique_row_the_win) {
  for (int round = 0; round < 5; ++round) {
    std::atomic<int> winners = 0;
    std::atomic<int> conflicts = 0;
    {
      std::vector<std::jthread> threads;
      for (int t = 0; t < 100; ++t) {
        threads.emplace_back([&, t] {
          const Status mine = database_->write([&](Session& session) -> Status {
            TF_CHECK(insert(session, 1000 + round * 100 + t));
            return insert(session, round);
          });
          if (mine) ++winners;
          if (reason_of(mine) == "store.conflict") ++conflicts;
        });
      }
    }
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(conflicts, 99);
    EXPECT_EQ(ids().size(), static_cast<std::size_t>(2 * (round + 1)));
  }
}

TEST_P(StoreContract, loses_no_update_of_many_threads) {
  ASSERT_TRUE(ok(database_->write([](Session& session) -> Status {
    TF_CHECK(session.execute("INSERT INTO items (id, name) VALUES ($1, $2)", {0, ""}));
    return {};
  })));
  {
    std::vector<std::jthread> threads;
    for (int t = 1; t <= 16; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) {
          EXPECT_TRUE(ok(database_->write([&](Session& session) -> Status {
            const auto length = TF_TRY(session.query_one("SELECT LENGTH(name) FROM items WHERE id = 0", {},
                                                         [](const Row& row) { return row.integer(0); }));
            TF_CHECK(session.execute("UPDATE items SET name = name || $1 WHERE id = 0", {"x"}));
            return insert(session, *length + 1);
          })));
        }
      });
    }
  }
  EXPECT_EQ(ids().size(), 801u) << "each length was seen once";
}

}  // namespace
}  // namespace tf::store::test
