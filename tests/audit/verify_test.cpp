// Each way of tampering, and where it is found.
#include "tests/audit/audit_support.hpp"

namespace tf::audit::test {
namespace {

struct Tampering {
  const char* name;
  std::vector<const char*> sql;
  std::int64_t found_at;
  const char* why;  // the beginning
};
void PrintTo(const Tampering& tampering, std::ostream* out) { *out << tampering.name; }

class Tampered : public AuditTest, public testing::WithParamInterface<Tampering> {
 protected:
  // Ten entries with checkpoints at 4 and 8.
  void SetUp() override {
    AuditTest::SetUp();
    open_trail();
    for (int i = 1; i <= 10; ++i) {
      ASSERT_TRUE(ok(act(i)));
      if (i % 4 == 0) ASSERT_TRUE(ok(trail_->checkpoint()));
    }
    signer_.broken = true;  // no checkpoint at the end of the test
  }
};

TEST_P(Tampered, chain_is_found_out) {
  ASSERT_FALSE(verified().first_bad);
  EXPECT_EQ(verified().unsigned_entries, 2);
  for (const char* sql : GetParam().sql) ASSERT_TRUE(ok(run(sql))) << sql;
  const ChainReport report = verified();
  ASSERT_TRUE(report.first_bad);
  EXPECT_EQ(report.first_bad->seq, GetParam().found_at) << report.first_bad->why;
  EXPECT_THAT(report.first_bad->why, testing::StartsWith(GetParam().why));
  EXPECT_LT(report.entries, 10);
}

constexpr const char* kNoMatch = "the entry does not match";
constexpr const char* kCopyColumns = "at_ms, actor, action, subject, outcome, reason, detail, hash";
const std::string kInsertCopy = std::string("INSERT INTO audit_entries (node, seq, ") + kCopyColumns +
                                ") SELECT node, 0, " + kCopyColumns + " FROM audit_entries WHERE seq = 1";

const Tampering kTamperings[] = {
    {"actor_edited", {"UPDATE audit_entries SET actor = 'operator:eve' WHERE seq = 5"}, 5, kNoMatch},
    {"time_edited", {"UPDATE audit_entries SET at_ms = at_ms + 1 WHERE seq = 1"}, 1, kNoMatch},
    {"action_edited", {"UPDATE audit_entries SET action = 'x' WHERE seq = 7"}, 7, kNoMatch},
    {"subject_edited", {"UPDATE audit_entries SET subject = 'x' WHERE seq = 9"}, 9, kNoMatch},
    {"outcome_edited", {"UPDATE audit_entries SET outcome = 'refused' WHERE seq = 10"}, 10, kNoMatch},
    {"reason_edited", {"UPDATE audit_entries SET reason = 'x' WHERE seq = 2"}, 2, kNoMatch},
    {"detail_edited", {"UPDATE audit_entries SET detail = '' WHERE seq = 3"}, 3, kNoMatch},
    {"hash_edited", {"UPDATE audit_entries SET hash = x'00112233' WHERE seq = 6"}, 6, "a column"},
    {"hash_copied",
     {"UPDATE audit_entries SET hash = (SELECT hash FROM audit_entries WHERE seq = 5) WHERE seq = 6"},
     6, kNoMatch},
    {"field_moved",
     {"UPDATE audit_entries SET actor = 'operator:ann', action = 'arki.deliver' WHERE seq = 4"},
     4, kNoMatch},
    {"first_deleted", {"DELETE FROM audit_entries WHERE seq = 1"}, 1, "missing"},
    {"middle_deleted", {"DELETE FROM audit_entries WHERE seq = 5"}, 5, "missing"},
    {"deleted_and_closed_up",
     {"DELETE FROM audit_entries WHERE seq = 5", "UPDATE audit_entries SET seq = seq - 1 WHERE seq > 5 AND seq < 8"},
     5, kNoMatch},
    {"reordered",
     {"UPDATE audit_entries SET seq = 100 WHERE seq = 2", "UPDATE audit_entries SET seq = 2 WHERE seq = 3",
      "UPDATE audit_entries SET seq = 3 WHERE seq = 100"},
     2, kNoMatch},
    {"inserted_before", {kInsertCopy.c_str()}, 0, "there is no such entry"},
    {"replaced_by_a_copy",
     {"DELETE FROM audit_entries WHERE seq = 6",
      "INSERT INTO audit_entries SELECT node, 6, at_ms, actor, action, subject, outcome, reason, detail, hash"
      " FROM audit_entries WHERE seq = 5"},
     6, kNoMatch},
    {"tail_cut_behind_a_checkpoint", {"DELETE FROM audit_entries WHERE seq > 6"}, 7, "missing, though 8"},
    {"all_cut", {"DELETE FROM audit_entries"}, 1, "missing, though 4"},
    {"checkpoint_signature_edited",
     {"UPDATE audit_checkpoints SET signature = x'00' WHERE seq = 8"},
     8, "the signature"},
    {"checkpoint_signature_of_another",
     {"UPDATE audit_checkpoints SET signature = (SELECT signature FROM audit_checkpoints WHERE seq = 8) WHERE seq = 4"},
     4, "the signature"},
    {"checkpoint_time_edited", {"UPDATE audit_checkpoints SET at_ms = 1 WHERE seq = 4"}, 4, "the signature"},
    {"checkpoint_of_an_unknown_key",
     {"UPDATE audit_checkpoints SET key_id = 'mine' WHERE seq = 4"},
     4, "the signature"},
    {"checkpoint_hash_edited",
     {"UPDATE audit_checkpoints SET hash = (SELECT hash FROM audit_entries WHERE seq = 7) WHERE seq = 8"},
     8, "the chain does not match the checkpoint"},
    {"checkpoint_moved",
     {"UPDATE audit_checkpoints SET seq = 5 WHERE seq = 4"},
     5, "the chain does not match the checkpoint"},
    {"checkpoint_of_nothing", {"UPDATE audit_checkpoints SET seq = 0 WHERE seq = 4"}, 0, "there is no such entry"},
    {"column_of_another_type", {"UPDATE audit_entries SET detail = x'00' WHERE seq = 3"}, 3, "a column"},
};
INSTANTIATE_TEST_SUITE_P(Each, Tampered, testing::ValuesIn(kTamperings),
                         [](const auto& info) { return std::string(info.param.name); });

// The hashes made good again behind an edit, as someone would who can write the database.
class Rewritten : public AuditTest {
 protected:
  Status rewrite_from(std::int64_t first, std::int64_t last) {
    return database_->write([&](store::Session& session) -> Status {
      Hash256 previous = TF_TRY(hash_at(session, first - 1));
      for (std::int64_t seq = first; seq <= last; ++seq) {
        const std::string subject = "fact-" + std::to_string(seq);
        const Chained forged{"node-1", seq, clock_.now_ms(), "operator:eve", "rki.deliver",
                             subject,  "accepted", "", ""};
        previous = chain_hash(previous, forged);
        TF_CHECK(session.execute(
            "UPDATE audit_entries SET actor = 'operator:eve', detail = '', hash = $1 WHERE seq = $2", {previous, seq}));
      }
      return {};
    });
  }
  static Result<Hash256> hash_at(store::Session& session, std::int64_t seq) {
    return TF_TRY(session.query_one("SELECT hash FROM audit_entries WHERE seq = $1", {seq}, [](const store::Row& row) {
      return row.array<32>(0);
    })).value_or(Hash256{});
  }
};

TEST_F(Rewritten, chain_is_found_out_by_its_checkpoint) {
  open_trail();
  for (int i = 1; i <= 6; ++i) ASSERT_TRUE(ok(act(i)));
  ASSERT_TRUE(ok(trail_->checkpoint()));
  ASSERT_TRUE(ok(rewrite_from(3, 6)));
  ASSERT_TRUE(verified().first_bad);
  EXPECT_EQ(verified().first_bad->seq, 6);
  EXPECT_THAT(verified().first_bad->why, testing::HasSubstr("checkpoint"));
}

TEST_F(Rewritten, chain_is_found_out_by_an_anchor_when_its_checkpoints_are_gone_too) {
  open_trail();
  for (int i = 1; i <= 6; ++i) ASSERT_TRUE(ok(act(i)));
  const Tail kept = trail_->committed();
  const Anchor anchor{"node-1", kept.seq, kept.hash};
  EXPECT_FALSE(verified(std::span(&anchor, 1)).first_bad);
  ASSERT_TRUE(ok(rewrite_from(3, 6)));
  EXPECT_FALSE(verified().first_bad) << "nothing tells, without the anchor";
  EXPECT_EQ(verified().unsigned_entries, 6) << "but that nothing is signed";
  ASSERT_TRUE(verified(std::span(&anchor, 1)).first_bad);
  ASSERT_TRUE(ok(run("DELETE FROM audit_entries")));
  EXPECT_EQ(verified(std::span(&anchor, 1)).first_bad->seq, 1);
  signer_.broken = true;
}

TEST_F(AuditTest, verifies_an_empty_database_and_fails_without_tables) {
  const auto report = verify(*database_, signer_);
  ASSERT_TRUE(ok(report));
  EXPECT_TRUE(report->chains.empty() && report->sound());
  ASSERT_TRUE(ok(database_->write([](store::Session& session) { return session.script("DROP TABLE audit_entries"); })));
  EXPECT_FALSE(verify(*database_, signer_)) << "could not be checked is not the same as sound";
}

}  // namespace
}  // namespace tf::audit::test
