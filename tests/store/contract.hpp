// The contract of the port, run against every implementation. An implementation joins with
//   INSTANTIATE_TEST_SUITE_P(Name, StoreContract, testing::Values(make_backend));
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "store/database.hpp"

namespace tf::store::test {

struct ContractLimits {
  std::size_t max_batch = 256;
  std::size_t max_queued = 4096;
};

// A place for one database, empty at first; it can be opened again after it was closed.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual Result<std::unique_ptr<Database>> open(const ContractLimits& limits) = 0;
};
using MakeBackend = std::unique_ptr<Backend> (*)();

// gtest's message for a Status or Result that is an Error.
template <class T>
testing::AssertionResult ok(const Result<T>& result) {
  if (result) return testing::AssertionSuccess();
  return testing::AssertionFailure() << describe(result.error());
}
template <class T>
std::string reason_of(const Result<T>& result) {
  return result ? "ok" : result.error().reason;
}

inline constexpr Migration kItems[] = {
    {1, "items",
     "CREATE TABLE items (id BIGINT PRIMARY KEY, name TEXT, data BYTEA);"
     "CREATE TABLE parts (item BIGINT NOT NULL REFERENCES items (id), part TEXT NOT NULL, PRIMARY KEY (item, part))"},
};

class StoreContract : public testing::TestWithParam<MakeBackend> {
 protected:
  void SetUp() override { reopen(); }

  void reopen(ContractLimits limits = {}) {
    database_.reset();
    auto opened = backend_->open(limits);
    ASSERT_TRUE(ok(opened));
    database_ = std::move(*opened);
    ASSERT_TRUE(ok(database_->migrate("test", kItems)));
  }

  static Status insert(Session& session, std::int64_t id, std::string_view name = "x") {
    TF_CHECK(session.execute("INSERT INTO items (id, name) VALUES ($1, $2)", {id, name}));
    return {};
  }
  Status add(std::int64_t id, std::string_view name = "x") {
    return database_->write([&](Session& session) { return insert(session, id, name); });
  }
  std::vector<std::int64_t> ids() {
    std::vector<std::int64_t> out;
    EXPECT_TRUE(ok(database_->read([&](Session& session) {
      return session.query("SELECT id FROM items ORDER BY id", {}, [&](const Row& row) -> Status {
        out.push_back(row.integer(0));
        return {};
      });
    })));
    return out;
  }

  // Runs the members in one batch: the writer is held back until all of them wait.
  std::vector<Status> in_one_batch(std::vector<WriteFn> members) {
    std::promise<void> entered;
    std::promise<void> release;
    auto released = release.get_future().share();
    database_->write_async(
        [&entered, released, first = true](Session&) mutable -> Status {
          if (std::exchange(first, false)) entered.set_value();
          released.wait();
          return {};
        },
        [](const Status&) {});
    entered.get_future().wait();
    std::vector<std::promise<Status>> done(members.size());
    for (std::size_t i = 0; i < members.size(); ++i) {
      database_->write_async(std::move(members[i]),
                             [&promise = done[i]](Status status) { promise.set_value(std::move(status)); });
    }
    release.set_value();
    std::vector<Status> out;
    for (auto& promise : done) out.push_back(promise.get_future().get());
    return out;
  }

  std::unique_ptr<Backend> backend_ = GetParam()();
  std::unique_ptr<Database> database_;
};

}  // namespace tf::store::test
