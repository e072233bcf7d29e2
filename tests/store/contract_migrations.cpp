// The contract: the schema and its versions.
#include "tests/store/contract.hpp"

namespace tf::store::test {
namespace {

constexpr Migration kFirst{1, "a table", "CREATE TABLE things (id BIGINT PRIMARY KEY); CREATE TABLE more (id BIGINT)"};
constexpr Migration kSecond{2, "a column", "ALTER TABLE things ADD COLUMN name TEXT"};
constexpr Migration kBroken{3, "broken", "CREATE TABLE half (id BIGINT); CREATE TABLE things (id BIGINT)"};

Status use(Database& database, const char* sql) {
  return database.write([&](Session& session) -> Status {
    TF_CHECK(session.execute(sql));
    return {};
  });
}

TEST_P(StoreContract, applies_each_migration_once) {
  ASSERT_TRUE(ok(database_->migrate("things", std::vector{kFirst})));
  ASSERT_TRUE(ok(database_->migrate("things", std::vector{kFirst})));
  ASSERT_TRUE(ok(database_->migrate("things", std::vector{kFirst, kSecond})));
  EXPECT_TRUE(ok(use(*database_, "INSERT INTO things (id, name) VALUES (1, 'x')")));
  reopen();
  ASSERT_TRUE(ok(database_->migrate("things", std::vector{kFirst, kSecond})));
}

TEST_P(StoreContract, keeps_the_versions_of_components_apart) {
  constexpr Migration other{1, "another table", "CREATE TABLE others (id BIGINT)"};
  ASSERT_TRUE(ok(database_->migrate("things", std::vector{kFirst, kSecond})));
  ASSERT_TRUE(ok(database_->migrate("others", std::vector{other})));
  EXPECT_TRUE(ok(use(*database_, "INSERT INTO others (id) VALUES (1)")));
}

TEST_P(StoreContract, refuses_a_database_newer_than_the_program) {
  ASSERT_TRUE(ok(database_->migrate("things", std::vector{kFirst, kSecond})));
  const Status older_program = database_->migrate("things", std::vector{kFirst});
  EXPECT_EQ(reason_of(older_program), "store.schema_newer");
  EXPECT_EQ(older_program.error().code, Code::conflict);
}

TEST_P(StoreContract, leaves_nothing_of_migrations_one_of_which_fails) {
  EXPECT_FALSE(database_->migrate("things", std::vector{kFirst, kSecond, kBroken}));
  EXPECT_FALSE(use(*database_, "INSERT INTO things (id) VALUES (1)"));
  EXPECT_FALSE(use(*database_, "INSERT INTO half (id) VALUES (1)"));
  EXPECT_TRUE(ok(database_->migrate("things", std::vector{kFirst, kSecond})));
}

TEST_P(StoreContract, refuses_migrations_out_of_order_and_scripts_that_end_the_transaction) {
  EXPECT_EQ(reason_of(database_->migrate("things", std::vector{kSecond, kFirst})), "store.migration_order");
  constexpr Migration commits{1, "commits", "CREATE TABLE t (id BIGINT); COMMIT; CREATE TABLE u (id BIGINT)"};
  EXPECT_FALSE(database_->migrate("commits", std::vector{commits}));
  EXPECT_FALSE(use(*database_, "INSERT INTO t (id) VALUES (1)"));
  EXPECT_TRUE(ok(add(1)));
}

TEST_P(StoreContract, finds_a_sound_database_sound) {
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(ok(add(i)));
  EXPECT_TRUE(ok(database_->check()));
}

}  // namespace
}  // namespace tf::store::test
