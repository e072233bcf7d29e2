// The audit trail of one writing node: a hash chain that grows inside the batches of the database, so that an act and
// its entry are written together or not at all.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "audit/entry.hpp"
#include "audit/signer.hpp"
#include "base/ports.hpp"
#include "store/database.hpp"

namespace tf::audit {

struct TrailOptions {
  std::int64_t checkpoint_every = 1000;  // entries
};

// The end of a chain.
struct Tail {
  std::int64_t seq = 0;  // 0: no entry yet
  Hash256 hash{};
};

class Trail final : private store::BatchObserver {
 public:
  // Takes up the chain of node where the database left it. Refused when the last entry is not what its hash says or
  // is missing behind a checkpoint (Code::integrity "audit.tail_altered", "audit.tail_missing"); verify() tells more.
  // Database, signer and clock outlive the trail. One trail a node.
  static Result<std::unique_ptr<Trail>> open(store::Database& database, std::string node, Signer& signer,
                                             const Clock& clock, TrailOptions options = {});
  ~Trail() override;  // close(), with an error going to the log
  Trail(const Trail&) = delete;
  Trail& operator=(const Trail&) = delete;

  // Adds an entry. Only inside a member of a write to the same database, with that member's session; when it fails the
  // member must fail too. Code::integrity "audit.chain_forked" when someone else
  // writes to this chain; Code::invalid "audit.entry_too_large".
  Status append(store::Session& session, const Entry& entry);

  // Signs the chain as committed now; nothing to do when that is signed already. Also happens by itself, on a thread of
  // its own, every checkpoint_every entries; a failure goes to the log and is tried again as many entries later.
  Status checkpoint();
  // The last checkpoint, and the end. Entries must not be appended any more.
  Status close();

  [[nodiscard]] Tail committed() const;
  [[nodiscard]] std::int64_t checkpointed_seq() const;
  [[nodiscard]] const std::string& node() const { return node_; }

 private:
  Trail(store::Database& database, std::string node, Signer& signer, const Clock& clock, TrailOptions options);
  Status resume();
  void sign_when_due();
  [[nodiscard]] bool due() const;

  void batch_begins() override { batch_mark_ = tail_; }
  void member_begins() override { member_mark_ = tail_; }
  void member_rolled_back() override { tail_ = member_mark_; }
  void batch_rolled_back() override { tail_ = batch_mark_; }
  void batch_committed() override;

  store::Database& database_;
  const std::string node_;
  Signer& signer_;
  const Clock& clock_;
  const TrailOptions options_;

  // The writer's own.
  Tail tail_, member_mark_, batch_mark_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Tail committed_;
  std::int64_t checkpointed_seq_ = 0;
  std::int64_t attempted_seq_ = 0;  // where a checkpoint was last tried
  bool closing_ = false;

  std::mutex checkpoint_mutex_;  // one checkpoint at a time
  std::thread thread_;
};

}  // namespace tf::audit
