#include "audit/trail.hpp"

#include "base/log.hpp"

namespace tf::audit {
namespace {

constexpr const char* kInsert =
    "INSERT INTO audit_entries (node, seq, at_ms, actor, action, subject, outcome, reason, detail, hash)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
constexpr const char* kLastTwo =
    "SELECT seq, at_ms, actor, action, subject, outcome, reason, detail, hash FROM audit_entries"
    " WHERE node = $1 ORDER BY seq DESC LIMIT 2";
constexpr const char* kLastCheckpoint =
    "SELECT seq, hash FROM audit_checkpoints WHERE node = $1 ORDER BY seq DESC LIMIT 1";
constexpr const char* kHashAt = "SELECT hash FROM audit_entries WHERE node = $1 AND seq = $2";
constexpr const char* kInsertCheckpoint =
    "INSERT INTO audit_checkpoints (node, seq, at_ms, hash, key_id, signature) VALUES ($1, $2, $3, $4, $5, $6)"
    " ON CONFLICT (node, seq) DO NOTHING";

Error altered(const char* what) { return {Code::integrity, "audit.tail_altered", what}; }

// The last entry, checked against its own hash and the one before.
Result<Tail> read_tail(store::Session& session, std::string_view node) {
  struct Last {
    Entry entry;
    std::string outcome;
    Tail tail;
  };
  std::optional<Last> last;
  std::optional<Tail> before;
  TF_CHECK(session.query(kLastTwo, {node}, [&](const store::Row& row) -> Status {
    const Tail here{row.integer(0), row.array<32>(8)};
    if (last) {
      before = here;
    } else {
      Entry entry{row.integer(1), row.text(2), row.text(3), row.text(4), {}, row.text(6), row.text(7)};
      last = Last{std::move(entry), row.text(5), here};
    }
    return {};
  }));
  if (!last) return Tail{};
  const Entry& entry = last->entry;
  const Tail previous = before.value_or(Tail{});
  if (previous.seq + 1 != last->tail.seq) return altered("the entry before the last is missing");
  const Chained chained{node,          last->tail.seq, entry.at_ms,  entry.actor, entry.action,
                        entry.subject, last->outcome,  entry.reason, entry.detail};
  if (chain_hash(previous.hash, chained) != last->tail.hash) return altered("the last entry does not match its hash");
  return last->tail;
}

// The seq of the last checkpoint, 0 when there is none; the chain must reach it and agree with it.
Result<std::int64_t> read_checkpoint(store::Session& session, std::string_view node, const Tail& tail) {
  const auto last = TF_TRY(session.query_one(kLastCheckpoint, {node}, [](const store::Row& row) {
    return Tail{row.integer(0), row.array<32>(1)};
  }));
  if (!last) return 0;
  if (last->seq > tail.seq)
    return Error{Code::integrity, "audit.tail_missing", "the chain ends before its last checkpoint"};
  const auto hash = TF_TRY(
      session.query_one(kHashAt, {node, last->seq}, [](const store::Row& row) { return row.array<32>(0); }));
  if (!hash || *hash != last->hash) return altered("the chain does not match its last checkpoint");
  return last->seq;
}

}  // namespace

Trail::Trail(store::Database& database, std::string node, Signer& signer, const Clock& clock, TrailOptions options)
    : database_(database), node_(std::move(node)), signer_(signer), clock_(clock), options_(options) {}

Result<std::unique_ptr<Trail>> Trail::open(store::Database& database, std::string node, Signer& signer,
                                           const Clock& clock, TrailOptions options) {
  if (node.empty() || options.checkpoint_every < 1)
    return Error{Code::invalid, "audit.options", "a node's name and a positive checkpoint_every are needed"};
  std::unique_ptr<Trail> trail(new Trail(database, std::move(node), signer, clock, options));
  TF_CHECK(trail->resume());
  database.observe(*trail);
  trail->thread_ = std::thread([raw = trail.get()] { raw->sign_when_due(); });
  return trail;
}

Status Trail::resume() {
  return database_.read([this](store::Session& session) -> Status {
    tail_ = TF_TRY(read_tail(session, node_));
    checkpointed_seq_ = TF_TRY(read_checkpoint(session, node_, tail_));
    attempted_seq_ = checkpointed_seq_;
    committed_ = tail_;
    return {};
  });
}

Trail::~Trail() {
  if (const Status closed = close(); !closed) log::error("audit: no last checkpoint: " + describe(closed.error()));
}

Status Trail::append(store::Session& session, const Entry& entry) {
  const std::size_t size = entry.actor.size() + entry.action.size() + entry.subject.size() + entry.reason.size() +
                           entry.detail.size();
  if (size > kMaxEntrySize) return Error{Code::invalid, "audit.entry_too_large", "an entry is at most 64 KiB long"};
  const std::string_view outcome = name_of(entry.outcome);
  const std::int64_t seq = tail_.seq + 1;
  const Chained chained{node_,        seq,     entry.at_ms,  entry.actor, entry.action,
                        entry.subject, outcome, entry.reason, entry.detail};
  const Hash256 hash = chain_hash(tail_.hash, chained);
  const auto written = session.execute(kInsert, {node_, seq, entry.at_ms, entry.actor, entry.action, entry.subject,
                                                 outcome, entry.reason, entry.detail, hash});
  if (written) {
    tail_ = {seq, hash};
    return {};
  }
  if (written.error().code == Code::conflict)
    return Error{Code::integrity, "audit.chain_forked", "someone else writes to the chain of " + node_};
  return written.error();
}

void Trail::batch_committed() {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    committed_ = tail_;
    wake = due();
  }
  if (wake) wake_.notify_one();
}

bool Trail::due() const { return committed_.seq - attempted_seq_ >= options_.checkpoint_every; }

Status Trail::checkpoint() {
  const std::lock_guard one_at_a_time(checkpoint_mutex_);
  Checkpoint made;
  made.node = node_;
  made.at_ms = clock_.now_ms();
  made.key_id = signer_.key_id();
  {
    const std::lock_guard lock(mutex_);
    attempted_seq_ = committed_.seq;
    if (committed_.seq == checkpointed_seq_) return {};
    made.seq = committed_.seq;
    made.hash = committed_.hash;
  }
  made.signature = TF_TRY(signer_.sign(signed_bytes(made)));
  TF_CHECK(database_.write([&](store::Session& session) -> Status {
    TF_CHECK(session.execute(kInsertCheckpoint,
                             {node_, made.seq, made.at_ms, made.hash, made.key_id, made.signature}));
    return {};
  }));
  const std::lock_guard lock(mutex_);
  checkpointed_seq_ = made.seq;
  return {};
}

void Trail::sign_when_due() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return closing_ || due(); });
    if (closing_) return;
    lock.unlock();
    if (const Status done = checkpoint(); !done) log::error("audit: no checkpoint: " + describe(done.error()));
    lock.lock();
  }
}

Status Trail::close() {
  if (!thread_.joinable()) return {};
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  thread_.join();
  Status done = checkpoint();
  database_.forget(*this);
  return done;
}

Tail Trail::committed() const {
  const std::lock_guard lock(mutex_);
  return committed_;
}

std::int64_t Trail::checkpointed_seq() const {
  const std::lock_guard lock(mutex_);
  return checkpointed_seq_;
}

}  // namespace tf::audit
