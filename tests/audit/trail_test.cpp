#include "tests/audit/audit_support.hpp"
#include "wire/encoding.hpp"
#include "wire/fields.hpp"

namespace tf::audit::test {
namespace {

TEST_F(AuditTest, chains_entries_from_thirty_two_zero_bytes) {
  open_trail();
  ASSERT_TRUE(ok(act(1)));
  ASSERT_TRUE(ok(act(2)));
  Hash256 expected{};
  for (const char* subject : {"fact-1", "fact-2"}) {
    wire::FieldWriter fields;
    fields.field("trustferry/audit/1").field(expected).field("node-1").number(subject[5] - '0');
    fields.number(1'800'000'000'000).field("operator:anna").field("rki.deliver").field(subject);
    fields.field("accepted").field("").field(R"({"zone":1})");
    expected = crypto::sha256(fields.bytes());
  }
  EXPECT_EQ(trail_->committed().seq, 2);
  EXPECT_EQ(trail_->committed().hash, expected);
  const ChainReport report = verified();
  EXPECT_EQ(report.entries, 2);
  EXPECT_EQ(report.last_hash, expected);
  EXPECT_FALSE(report.first_bad);
}

TEST_F(AuditTest, moves_no_byte_between_fields_unnoticed) {
  const Chained one{"n", 1, 2, "ab", "c", "", "accepted", "", ""};
  const Chained other{"n", 1, 2, "a", "bc", "", "accepted", "", ""};
  EXPECT_NE(chain_hash({}, one), chain_hash({}, other));
}

TEST_F(AuditTest, goes_on_with_the_chain_after_a_restart) {
  open_trail();
  for (int i = 1; i <= 5; ++i) ASSERT_TRUE(ok(act(i)));
  const Tail before = trail_->committed();
  open_database();
  open_trail();
  EXPECT_EQ(trail_->committed().seq, 5);
  EXPECT_EQ(trail_->committed().hash, before.hash);
  for (int i = 6; i <= 9; ++i) ASSERT_TRUE(ok(act(i)));
  EXPECT_EQ(verified().entries, 9);
  EXPECT_FALSE(verified().first_bad);
}

TEST_F(AuditTest, keeps_the_chains_of_two_nodes_apart) {
  open_trail(1'000'000, "a");
  ASSERT_TRUE(ok(act(1)));
  open_trail(1'000'000, "b");
  ASSERT_TRUE(ok(act(2)));
  ASSERT_TRUE(ok(act(3)));
  const auto report = verify(*database_, signer_);
  ASSERT_TRUE(ok(report));
  ASSERT_EQ(report->chains.size(), 2u);
  EXPECT_EQ(report->chains[0].node + report->chains[1].node, "ab");
  EXPECT_EQ(report->chains[1].entries, 2);
  EXPECT_TRUE(report->sound());
}

TEST_F(AuditTest, refuses_to_start_on_a_tail_that_was_altered) {
  open_trail();
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(ok(act(i)));
  trail_.reset();
  ASSERT_TRUE(ok(run("UPDATE audit_entries SET actor = 'operator:eve' WHERE seq = 3")));
  EXPECT_EQ(reason_of(Trail::open(*database_, "node-1", signer_, clock_)), "audit.tail_altered");
}

TEST_F(AuditTest, refuses_to_start_when_entries_behind_a_checkpoint_are_missing) {
  open_trail();
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(ok(act(i)));
  trail_.reset();  // signs 3
  ASSERT_TRUE(ok(run("DELETE FROM audit_entries WHERE seq = 3")));
  const auto opened = Trail::open(*database_, "node-1", signer_, clock_);
  EXPECT_EQ(reason_of(opened), "audit.tail_missing");
  EXPECT_EQ(opened.error().code, Code::integrity);
}

TEST_F(AuditTest, refuses_options_that_make_no_sense) {
  EXPECT_EQ(reason_of(Trail::open(*database_, "", signer_, clock_)), "audit.options");
  EXPECT_EQ(reason_of(Trail::open(*database_, "n", signer_, clock_, {.checkpoint_every = 0})), "audit.options");
}

TEST_F(AuditTest, signs_a_checkpoint_on_demand_and_not_twice) {
  open_trail();
  ASSERT_TRUE(ok(trail_->checkpoint()));
  EXPECT_EQ(signer_.attempts, 0) << "there is nothing to sign";
  ASSERT_TRUE(ok(act(1)));
  ASSERT_TRUE(ok(trail_->checkpoint()));
  ASSERT_TRUE(ok(trail_->checkpoint()));
  EXPECT_EQ(signer_.attempts, 1);
  EXPECT_EQ(trail_->checkpointed_seq(), 1);
  const ChainReport report = verified();
  EXPECT_EQ(report.checkpoints, 1);
  EXPECT_EQ(report.unsigned_entries, 0);
}

TEST_F(AuditTest, signs_a_checkpoint_by_itself_after_so_many_entries) {
  open_trail(3);
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(ok(act(i)));
  while (trail_->checkpointed_seq() < 3) std::this_thread::yield();
  for (int i = 4; i <= 5; ++i) ASSERT_TRUE(ok(act(i)));
  EXPECT_EQ(verified().unsigned_entries, 2) << "not due yet";
  ASSERT_TRUE(ok(act(6)));
  while (trail_->checkpointed_seq() < 6) std::this_thread::yield();
  EXPECT_EQ(number("SELECT COUNT(*) FROM audit_checkpoints"), 2);
  EXPECT_EQ(verified().checkpoints, 2);
}

TEST_F(AuditTest, signs_the_end_at_a_clean_stop) {
  open_trail();
  for (int i = 1; i <= 4; ++i) ASSERT_TRUE(ok(act(i)));
  ASSERT_TRUE(ok(trail_->close()));
  ASSERT_TRUE(ok(trail_->close()));
  EXPECT_EQ(number("SELECT MAX(seq) FROM audit_checkpoints"), 4);
  EXPECT_EQ(verified().unsigned_entries, 0);
}

TEST_F(AuditTest, goes_on_without_checkpoints_while_the_signer_is_broken) {
  open_trail(2);
  signer_.broken = true;
  EXPECT_EQ(reason_of(trail_->checkpoint()), "ok");
  for (int i = 1; i <= 2; ++i) ASSERT_TRUE(ok(act(i)));
  while (signer_.attempts < 1) std::this_thread::yield();
  EXPECT_EQ(reason_of(trail_->checkpoint()), "test.signer_broken");
  ASSERT_TRUE(ok(act(3)));
  signer_.broken = false;
  ASSERT_TRUE(ok(act(4)));
  while (trail_->checkpointed_seq() < 4) std::this_thread::yield();
  EXPECT_FALSE(verified().first_bad);
}

TEST_F(AuditTest, refuses_a_checkpoint_asked_for_inside_a_member) {
  open_trail();
  ASSERT_TRUE(ok(act(1)));
  std::string inner;
  ASSERT_TRUE(ok(database_->write([&](store::Session&) -> Status {
    inner = reason_of(trail_->checkpoint());
    return {};
  })));
  EXPECT_EQ(inner, "store.write_inside_write");
  EXPECT_TRUE(ok(trail_->checkpoint()));
}

}  // namespace
}  // namespace tf::audit::test
