// The contract: statements, values, snapshots.
#include <latch>
#include <limits>

#include "tests/store/contract.hpp"

namespace tf::store::test {
namespace {

using namespace std::string_view_literals;

constexpr const char* kInsert = "INSERT INTO items (id, name, data) VALUES ($1, $2, $3)";

TEST_P(StoreContract, gives_back_integers_texts_and_bytes_as_they_were) {
  const Bytes all_bytes = [] {
    Bytes out;
    for (int i = 0; i < 256; ++i) out.push_back(static_cast<std::uint8_t>(i));
    return out;
  }();
  const auto smallest = std::numeric_limits<std::int64_t>::min();
  const auto largest = std::numeric_limits<std::int64_t>::max();
  ASSERT_TRUE(ok(database_->write([&](Session& session) -> Status {
    TF_CHECK(session.execute(kInsert, {smallest, "δοκιμή 试验 \U0001F511", all_bytes}));
    TF_CHECK(session.execute(kInsert, {largest, "", Bytes{}}));
    TF_CHECK(session.execute(kInsert, {0, kNull, kNull}));
    return {};
  })));
  int rows = 0;
  ASSERT_TRUE(ok(database_->read([&](Session& session) {
    return session.query("SELECT id, name, data FROM items ORDER BY id", {}, [&](const Row& row) -> Status {
      if (++rows == 1) {
        EXPECT_EQ(row.integer(0), smallest);
        EXPECT_EQ(row.text(1), "δοκιμή 试验 \U0001F511");
        EXPECT_EQ(row.bytes(2), all_bytes);
      } else if (rows == 2) {
        EXPECT_TRUE(row.is_null(1) && row.is_null(2));
      } else {
        EXPECT_EQ(row.integer(0), largest);
        EXPECT_FALSE(row.is_null(1) || row.is_null(2)) << "empty is not NULL";
        EXPECT_EQ(row.text(1), "");
        EXPECT_EQ(row.bytes(2), Bytes{});
      }
      return {};
    });
  })));
  EXPECT_EQ(rows, 3);
}

TEST_P(StoreContract, keeps_empty_views_without_a_pointer_apart_from_null) {
  ASSERT_TRUE(ok(database_->write([&](Session& session) -> Status {
    TF_CHECK(session.execute(kInsert, {1, std::string_view(), ByteView()}));
    const auto row = TF_TRY(session.query_one("SELECT name, data FROM items", {}, [](const Row& found) {
      return found.is_null(0) || found.is_null(1);
    }));
    EXPECT_EQ(row, false);
    return {};
  })));
}

TEST_P(StoreContract, binds_parameters_by_number_in_any_order_and_more_than_once) {
  ASSERT_TRUE(ok(database_->write([&](Session& session) -> Status {
    TF_CHECK(session.execute("INSERT INTO items (name, id) VALUES ($2, $1)", {7, "seven"}));
    const auto found = TF_TRY(session.query_one("SELECT id FROM items WHERE name = $2 AND id = $1 AND $1 = 7",
                                                {7, "seven"}, [](const Row& row) { return row.integer(0); }));
    EXPECT_EQ(found, 7);
    return {};
  })));
}

TEST_P(StoreContract, refuses_a_wrong_number_of_parameters) {
  const auto run = [&](std::initializer_list<Value> values) {
    return database_->write([&](Session& session) -> Status {
      TF_CHECK(session.execute(kInsert, values));
      return {};
    });
  };
  EXPECT_EQ(reason_of(run({1, "a"})), "store.parameters");
  EXPECT_EQ(reason_of(run({1, "a", kNull, 4})), "store.parameters");
  EXPECT_EQ(ids().size(), 0u);
}

TEST_P(StoreContract, refuses_text_that_is_not_utf8_or_holds_nul) {
  for (const auto text : {"a\0b"sv, "\xff"sv, "\xc0\x80"sv, "\xed\xa0\x80"sv, "abc\xe2\x82"sv}) {
    const Status added = add(1, text);
    EXPECT_EQ(reason_of(added), "store.text");
  }
  EXPECT_TRUE(ids().empty());
}

TEST_P(StoreContract, treats_text_as_a_value_and_never_as_sql) {
  ASSERT_TRUE(ok(add(1, "'); DROP TABLE items; --")));
  EXPECT_EQ(ids(), std::vector<std::int64_t>{1});
}

TEST_P(StoreContract, reports_the_rows_changed_and_returns_rows_of_writes) {
  ASSERT_TRUE(ok(database_->write([&](Session& session) -> Status {
    TF_CHECK(insert(session, 1));
    TF_CHECK(insert(session, 2));
    EXPECT_EQ(TF_TRY(session.execute("UPDATE items SET name = $1", {"y"})), 2);
    EXPECT_EQ(TF_TRY(session.execute("UPDATE items SET name = $1 WHERE id = $2", {"y", 9})), 0);
    EXPECT_EQ(TF_TRY(session.execute("INSERT INTO items (id) VALUES ($1) ON CONFLICT (id) DO NOTHING", {1})), 0);
    EXPECT_EQ(TF_TRY(session.execute("INSERT INTO items (id, name) VALUES ($1, $2)"
                                     " ON CONFLICT (id) DO UPDATE SET name = $2", {1, "z"})), 1);
    const auto gone = TF_TRY(session.query_one("DELETE FROM items WHERE id = $1 RETURNING name", {1},
                                               [](const Row& row) { return row.text(0); }));
    EXPECT_EQ(gone, "z");
    return {};
  })));
  EXPECT_EQ(ids(), std::vector<std::int64_t>{2});
}

TEST_P(StoreContract, fails_a_query_that_reads_a_column_as_the_wrong_type) {
  ASSERT_TRUE(ok(add(1, "text")));
  const auto read = [&](auto take) {
    return reason_of(database_->read([&](Session& session) {
      return session.query("SELECT id, name, data FROM items", {}, [&](const Row& row) -> Status {
        take(row);
        return {};
      });
    }));
  };
  EXPECT_EQ(read([](const Row& row) { (void)row.integer(1); }), "store.column_type");
  EXPECT_EQ(read([](const Row& row) { (void)row.text(0); }), "store.column_type");
  EXPECT_EQ(read([](const Row& row) { (void)row.bytes(2); }), "store.column_type") << "NULL is no value";
  EXPECT_EQ(read([](const Row& row) { (void)row.integer(3); }), "store.column_type") << "there is no such column";
  EXPECT_EQ(read([](const Row& row) { (void)row.text(1); }), "ok");
}

TEST_P(StoreContract, refuses_a_second_row_where_one_was_asked_for) {
  ASSERT_TRUE(ok(add(1)));
  ASSERT_TRUE(ok(add(2)));
  const Status read = database_->read([&](Session& session) -> Status {
    TF_TRY(session.query_one("SELECT id FROM items", {}, [](const Row& row) { return row.integer(0); }));
    return {};
  });
  EXPECT_EQ(reason_of(read), "store.more_than_one_row");
}

TEST_P(StoreContract, passes_on_the_error_of_the_one_who_takes_the_rows) {
  ASSERT_TRUE(ok(add(1)));
  const Status read = database_->read([&](Session& session) {
    return session.query("SELECT id FROM items", {},
                         [](const Row&) -> Status { return Error{Code::refused, "test.enough", ""}; });
  });
  EXPECT_EQ(reason_of(read), "test.enough");
  EXPECT_TRUE(ok(add(2))) << "and goes on";
}

TEST_P(StoreContract, runs_the_same_statement_inside_its_own_rows) {
  ASSERT_TRUE(ok(add(1)));
  ASSERT_TRUE(ok(add(2)));
  int inner = 0;
  const auto count = [&](const Row&) -> Status { return ++inner, Status(); };
  ASSERT_TRUE(ok(database_->read([&](Session& session) {
    return session.query("SELECT id FROM items", {},
                         [&](const Row&) { return session.query("SELECT id FROM items", {}, count); });
  })));
  EXPECT_EQ(inner, 4);
}

TEST_P(StoreContract, refuses_what_is_not_one_statement_of_a_repository) {
  for (const char* sql : {"PRAGMA user_version", "BEGIN", "COMMIT", "ATTACH 'x' AS y", "DROP TABLE items", "nonsense",
                          "SELECT 1; SELECT 2", "", "-- nothing", "SELECT ?"}) {
    const Status run = database_->write([&](Session& session) -> Status {
      TF_CHECK(session.execute(sql));
      return {};
    });
    EXPECT_FALSE(run) << sql;
  }
  EXPECT_TRUE(ok(add(1)));
}

TEST_P(StoreContract, refuses_to_write_in_a_snapshot) {
  EXPECT_EQ(reason_of(database_->read([&](Session& session) { return insert(session, 1); })), "store.write_in_read");
  EXPECT_TRUE(ids().empty());
}

TEST_P(StoreContract, shows_a_snapshot_as_it_was_while_others_write) {
  ASSERT_TRUE(ok(add(1)));
  const auto count = [](Session& session) {
    return session.query_one("SELECT COUNT(*) FROM items", {}, [](const Row& row) { return row.integer(0); });
  };
  ASSERT_TRUE(ok(database_->read([&](Session& session) -> Status {
    EXPECT_EQ(TF_TRY(count(session)), 1);
    EXPECT_TRUE(ok(add(2)));
    EXPECT_EQ(TF_TRY(count(session)), 1);
    return {};
  })));
  EXPECT_EQ(ids().size(), 2u);
}

TEST_P(StoreContract, lets_more_threads_read_than_it_has_connections) {
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(ok(add(i)));
  std::atomic<int> rows = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 16; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 20; ++i) rows += static_cast<int>(ids().size());
      });
    }
  }
  EXPECT_EQ(rows, 16 * 20 * 50);
}

}  // namespace
}  // namespace tf::store::test
