// A database with an audit trail, a signer and a clock to play with.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "audit/schema.hpp"
#include "audit/trail.hpp"
#include "audit/verify.hpp"
#include "crypto/digest.hpp"
#include "store/sqlite/sqlite.hpp"
#include "tests/support/temporary_directory.hpp"

namespace tf::audit::test {

class ManualClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ms() const override { return 1'800'000'000'000 + elapsed_ms; }
  [[nodiscard]] std::int64_t monotonic_ms() const override { return elapsed_ms; }
  std::atomic<std::int64_t> elapsed_ms = 0;
};

// A MAC stands in for the signature.
class TestSigner final : public Signer, public Verifier {
 public:
  Result<Bytes> sign(ByteView message) override {
    ++attempts;
    if (broken) return Error{Code::unavailable, "test.signer_broken", ""};
    const Hash256 mac = crypto::hmac_sha256(as_bytes("key"), message);
    return Bytes(mac.begin(), mac.end());
  }
  [[nodiscard]] std::string key_id() const override { return "audit-1"; }
  Status verify(std::string_view key_id, ByteView message, ByteView signature) override {
    if (key_id == "audit-1" && crypto::verify_hmac_sha256(as_bytes("key"), message, signature)) return {};
    return Error{Code::refused, "test.signature", ""};
  }
  std::atomic<bool> broken = false;
  std::atomic<int> attempts = 0;
};

template <class T>
testing::AssertionResult ok(const Result<T>& result) {
  if (result) return testing::AssertionSuccess();
  return testing::AssertionFailure() << describe(result.error());
}
template <class T>
std::string reason_of(const Result<T>& result) {
  return result ? "ok" : result.error().reason;
}

inline constexpr store::Migration kFacts[] = {{1, "facts", "CREATE TABLE facts (id BIGINT PRIMARY KEY)"}};

class AuditTest : public testing::Test {
 protected:
  void SetUp() override { open_database(); }
  void TearDown() override {
    trail_.reset();
    database_.reset();
  }

  void open_database() {
    trail_.reset();
    database_.reset();
    store::SqliteOptions options;
    options.path = directory_.file("audit.db");
    auto opened = store::open_sqlite(options);
    ASSERT_TRUE(ok(opened));
    database_ = std::move(*opened);
    ASSERT_TRUE(ok(database_->migrate(kComponent, kMigrations)));
    ASSERT_TRUE(ok(database_->migrate("facts", kFacts)));
  }
  void open_trail(std::int64_t checkpoint_every = 1'000'000, const std::string& node = "node-1") {
    trail_.reset();
    auto opened = Trail::open(*database_, node, signer_, clock_, {.checkpoint_every = checkpoint_every});
    ASSERT_TRUE(ok(opened));
    trail_ = std::move(*opened);
  }

  Entry entry(const std::string& subject) {
    return {clock_.now_ms(), "operator:anna", "rki.deliver", subject, Outcome::accepted, "", R"({"zone":1})"};
  }
  // An act and its entry, as one member.
  Status act(std::int64_t id) {
    return database_->write([&](store::Session& session) { return act_in(session, id); });
  }
  Status act_in(store::Session& session, std::int64_t id) {
    TF_CHECK(trail_->append(session, entry("fact-" + std::to_string(id))));
    TF_CHECK(session.execute("INSERT INTO facts (id) VALUES ($1)", {id}));
    return {};
  }

  // The report on the one chain there is.
  ChainReport verified(std::span<const Anchor> anchors = {}) {
    const auto report = verify(*database_, signer_, anchors);
    EXPECT_TRUE(ok(report));
    if (!report || report->chains.size() != 1) {
      ADD_FAILURE() << "one chain was expected";
      return {};
    }
    EXPECT_EQ(report->sound(), !report->chains[0].first_bad.has_value());
    return report->chains[0];
  }
  Status run(std::string_view sql) {
    return database_->write([&](store::Session& session) -> Status {
      TF_CHECK(session.execute(sql));
      return {};
    });
  }
  std::int64_t number(std::string_view sql) {
    std::int64_t out = -1;
    EXPECT_TRUE(ok(database_->read([&](store::Session& session) -> Status {
      out = *TF_TRY(session.query_one(sql, {}, [](const store::Row& row) { return row.integer(0); }));
      return {};
    })));
    return out;
  }

  tf::test::TemporaryDirectory directory_;
  ManualClock clock_;
  TestSigner signer_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Trail> trail_;
};

}  // namespace tf::audit::test
