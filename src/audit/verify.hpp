// Checks every chain of a database, entry by entry, in one snapshot and without holding more than one entry.
//
// Found: an entry edited, removed, moved or put in between; a chain rewritten behind a checkpoint; a checkpoint
// forged; a tail cut off behind a checkpoint. Not found without an anchor: entries removed together with every checkpoint that
// covers them. Keep the last line of a report elsewhere and pass it as an anchor the next time.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "audit/entry.hpp"
#include "audit/signer.hpp"
#include "store/database.hpp"

namespace tf::audit {

// A point of a chain known from elsewhere.
struct Anchor {
  std::string node;
  std::int64_t seq = 0;
  Hash256 hash{};
};

struct Bad {
  std::int64_t seq = 0;  // the first entry that is wrong or missing
  std::string why;
};

struct ChainReport {
  std::string node;
  std::int64_t entries = 0;      // good ones, from the first
  std::int64_t checkpoints = 0;  // good ones among them
  std::int64_t last_seq = 0;
  Hash256 last_hash{};
  std::int64_t unsigned_entries = 0;  // behind the last checkpoint: whoever can write the database could have made them
  std::optional<Bad> first_bad;       // where the walk of this chain stopped
};

struct Report {
  std::vector<ChainReport> chains;  // by node
  [[nodiscard]] bool sound() const;
};

// An Error means the check could not be made; what is wrong with a chain is in the Report.
Result<Report> verify(store::Database& database, Verifier& verifier, std::span<const Anchor> anchors = {});

}  // namespace tf::audit
