#include "audit/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>

namespace tf::audit {
namespace {

constexpr const char* kEntries =
    "SELECT seq, at_ms, actor, action, subject, outcome, reason, detail, hash FROM audit_entries"
    " WHERE node = $1 ORDER BY seq";
constexpr const char* kCheckpoints =
    "SELECT seq, at_ms, hash, key_id, signature FROM audit_checkpoints WHERE node = $1 ORDER BY seq";

// An Error that ends the walk because the chain is bad; the Report has the reason.
const Error kStop{Code::integrity, "audit.bad_chain", ""};

// A hash the chain must have at a seq: from a checkpoint or an anchor.
struct Milestone {
  std::int64_t seq;
  Hash256 hash;
  std::optional<Checkpoint> checkpoint;  // nothing for an anchor
};

class Walk {
 public:
  Walk(store::Session& session, Verifier& verifier, std::string node) : session_(session), verifier_(verifier) {
    report_.node = std::move(node);
  }

  Result<ChainReport> run(std::span<const Anchor> anchors) {
    Status walked = read_milestones(anchors);
    if (walked) {
      walked = session_.query(kEntries, {report_.node}, [this](const store::Row& row) { return take(row); });
    }
    if (!walked && is(walked.error(), "store.column_type"))
      bad(report_.last_seq + 1, "a column of the entry or of a checkpoint is not of its type");
    else if (!walked && !is(walked.error(), kStop.reason))
      return walked.error();
    if (!report_.first_bad && next_ < milestones_.size())
      bad(report_.last_seq + 1, fmt::format("missing, though {} was signed or anchored", milestones_[next_].seq));
    report_.unsigned_entries = report_.last_seq - last_signed_;
    return std::move(report_);
  }

 private:
  static bool is(const Error& error, const char* reason) { return std::strcmp(error.reason, reason) == 0; }

  Error bad(std::int64_t seq, std::string why) {
    report_.first_bad = Bad{seq, std::move(why)};
    return kStop;
  }

  Status read_milestones(std::span<const Anchor> anchors) {
    for (const Anchor& anchor : anchors)
      if (anchor.node == report_.node) milestones_.push_back({anchor.seq, anchor.hash, {}});
    TF_CHECK(session_.query(kCheckpoints, {report_.node}, [this](const store::Row& row) -> Status {
      Checkpoint found{report_.node, row.integer(0), row.integer(1), row.array<32>(2), row.text(3), row.bytes(4)};
      milestones_.push_back({found.seq, found.hash, std::move(found)});
      return {};
    }));
    std::ranges::sort(milestones_, {}, &Milestone::seq);
    if (!milestones_.empty() && milestones_.front().seq < 1)
      return bad(milestones_.front().seq, "there is no such entry");
    return {};
  }

  Status take(const store::Row& row) {
    const std::int64_t seq = row.integer(0);
    const std::int64_t expected = report_.last_seq + 1;
    if (seq > expected) return bad(expected, "missing");
    if (seq < expected) return bad(seq, "there is no such entry");
    const Chained chained{report_.node,     seq,
                          row.integer(1),   row.text_view(2), row.text_view(3), row.text_view(4),
                          row.text_view(5), row.text_view(6), row.text_view(7)};
    const Hash256 hash = chain_hash(report_.last_hash, chained);
    if (hash != row.array<32>(8)) return bad(seq, "the entry does not match its hash and the entry before");
    for (; next_ < milestones_.size() && milestones_[next_].seq == seq; ++next_)
      TF_CHECK(pass(milestones_[next_], hash));
    report_.last_seq = seq;
    report_.last_hash = hash;
    ++report_.entries;
    return {};
  }

  Status pass(const Milestone& milestone, const Hash256& hash) {
    const auto& checkpoint = milestone.checkpoint;
    if (milestone.hash != hash)
      return bad(milestone.seq, fmt::format("the chain does not match the {}", checkpoint ? "checkpoint" : "anchor"));
    if (!checkpoint) return {};
    const Status good = verifier_.verify(checkpoint->key_id, signed_bytes(*checkpoint), checkpoint->signature);
    if (!good) return bad(milestone.seq, "the signature of the checkpoint is wrong: " + describe(good.error()));
    ++report_.checkpoints;
    last_signed_ = milestone.seq;
    return {};
  }

  store::Session& session_;
  Verifier& verifier_;
  ChainReport report_;
  std::vector<Milestone> milestones_;  // by seq
  std::size_t next_ = 0;
  std::int64_t last_signed_ = 0;
};

// Every node of a table, one step of the primary key's index each.
Status collect_nodes(store::Session& session, const char* sql, std::set<std::string>& nodes) {
  std::string last;
  for (;;) {
    std::optional<std::string> next;
    TF_CHECK(session.query(sql, {last}, [&](const store::Row& row) -> Status {
      if (!row.is_null(0)) next = row.text(0);
      return {};
    }));
    if (!next) return {};
    last = *next;
    nodes.insert(std::move(*next));
  }
}

}  // namespace

bool Report::sound() const {
  return std::ranges::none_of(chains, [](const ChainReport& chain) { return chain.first_bad.has_value(); });
}

Result<Report> verify(store::Database& database, Verifier& verifier, std::span<const Anchor> anchors) {
  Report report;
  TF_CHECK(database.read([&](store::Session& session) -> Status {
    std::set<std::string> nodes;
    for (const Anchor& anchor : anchors) nodes.insert(anchor.node);
    TF_CHECK(collect_nodes(session, "SELECT MIN(node) FROM audit_entries WHERE node > $1", nodes));
    TF_CHECK(collect_nodes(session, "SELECT MIN(node) FROM audit_checkpoints WHERE node > $1", nodes));
    for (const std::string& node : nodes) report.chains.push_back(TF_TRY(Walk(session, verifier, node).run(anchors)));
    return {};
  }));
  return report;
}

}  // namespace tf::audit
