#include "platform/onboard/credentialing/store.hpp"

#include <fmt/format.h>

namespace tf::platform::credentialing {
namespace {

constexpr const char* kColumns =
    "id, dsim_id, owner, plan, kek, nonce, pinned, state, version, created_ms, expires_ms, changed_ms, device, envelope_hash, envelope, signing, transcripts";

store::Value bytes_or_null(ByteView bytes) { return bytes.empty() ? store::Value(store::kNull) : store::Value(bytes); }
Hash256 hash_or_zero(const store::Row& row, std::size_t column) { return row.is_null(column) ? Hash256{} : row.array<32>(column); }

std::vector<Hash256> split(ByteView bytes) {
  std::vector<Hash256> out(bytes.size() / 32);
  for (std::size_t i = 0; i < out.size(); ++i) std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(32 * i), 32, out[i].begin());
  return out;
}

Bytes joined(const std::vector<Hash256>& hashes) {
  Bytes out;
  for (const Hash256& hash : hashes) append(out, hash);
  return out;
}

Result<Kept> read(const store::Row& row) {
  Kept out;
  onboard::Registration& value = out.value;
  value.id = row.text(0), value.dsim_id = row.text(1), value.owner = row.text(2), value.plan = row.text(3);
  out.nonce = {row.text(4), row.bytes(5)};
  if (!row.is_null(6)) value.pinned = row.array<32>(6);
  value.state = TF_TRY(onboard::parse_registration_state(row.text_view(7)));
  value.version = row.integer(8), value.created_ms = row.integer(9), value.expires_ms = row.integer(10), out.changed_ms = row.integer(11);
  value.device = hash_or_zero(row, 12), value.envelope_hash = hash_or_zero(row, 13);
  if (!row.is_null(14)) value.envelope = row.bytes(14);
  if (!row.is_null(15)) value.signing = row.bytes(15);
  if (!row.is_null(16)) value.transcripts = split(row.bytes_view(16));
  return out;
}

Result<std::vector<Kept>> many(store::Session& session, const std::string& sql, std::initializer_list<store::Value> values) {
  std::vector<Kept> out;
  TF_CHECK(session.query(sql, values, [&](const store::Row& row) -> Status {
    out.push_back(TF_TRY(read(row)));
    return {};
  }));
  return out;
}

}  // namespace

vault::RowId nonce_row(const std::string& registration_id) { return {"onboard_subscriptions", registration_id, 1}; }

Result<std::optional<Kept>> load(store::Session& session, std::string_view id) {
  return session.query_one(fmt::format("SELECT {} FROM onboard_subscriptions WHERE id = $1", kColumns), {id}, read);
}

Result<std::optional<Kept>> load_newest(store::Session& session, std::string_view dsim_id) {
  return session.query_one(fmt::format("SELECT {} FROM onboard_subscriptions WHERE dsim_id = $1 AND newest = 1", kColumns), {dsim_id}, read);
}

Result<std::vector<Kept>> list(store::Session& session, std::string_view in_state, std::string_view after, std::int64_t limit) {
  return many(session, fmt::format("SELECT {} FROM onboard_subscriptions WHERE newest = 1 AND dsim_id > $1 AND ($2 = '' OR state = $2) ORDER BY dsim_id LIMIT $3", kColumns),
              {after, in_state, limit});
}

Result<std::vector<Kept>> overdue(store::Session& session, std::int64_t now_ms, std::int64_t limit) {
  return many(session, fmt::format("SELECT {} FROM onboard_subscriptions WHERE state IN ('registered', 'released') AND expires_ms <= $1 LIMIT $2", kColumns), {now_ms, limit});
}

Result<std::vector<std::pair<std::string, std::int64_t>>> count(store::Session& session) {
  std::vector<std::pair<std::string, std::int64_t>> out;
  TF_CHECK(session.query("SELECT state, COUNT(*) FROM onboard_subscriptions GROUP BY state ORDER BY state", {}, [&](const store::Row& row) -> Status {
    out.emplace_back(row.text(0), row.integer(1));
    return {};
  }));
  return out;
}

Status insert(store::Session& session, const onboard::Registration& made, const vault::Wrapped& nonce) {
  TF_TRY(session.execute("UPDATE onboard_subscriptions SET newest = 0 WHERE dsim_id = $1 AND newest = 1 AND state NOT IN ('registered', 'released')", {made.dsim_id}));
  const ByteView pinned = made.pinned ? ByteView(*made.pinned) : ByteView();
  TF_TRY(session.execute("INSERT INTO onboard_subscriptions (id, dsim_id, newest, owner, plan, kek, nonce, pinned, state, version, created_ms, expires_ms, changed_ms)"
                         " VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $10)",
                         {made.id, made.dsim_id, made.owner, made.plan, nonce.kek, ByteView(nonce.blob), bytes_or_null(pinned), onboard::name_of(made.state), made.version,
                          made.created_ms, made.expires_ms}));
  return {};
}

Status update(store::Session& session, const onboard::Update& change, std::int64_t now_ms) {
  const onboard::Registration& to = change.to;
  const Bytes transcripts = joined(to.transcripts);
  const bool released = !to.signing.empty();
  const auto changed = TF_TRY(session.execute(
      "UPDATE onboard_subscriptions SET state = $3, version = $4, changed_ms = $5, device = $6, envelope_hash = $7, envelope = $8, signing = $9, transcripts = $10 WHERE id = $1 AND version = $2",
      {to.id, change.version_was, onboard::name_of(to.state), to.version, now_ms, bytes_or_null(released ? ByteView(to.device) : ByteView()),
       bytes_or_null(released ? ByteView(to.envelope_hash) : ByteView()), bytes_or_null(to.envelope), bytes_or_null(to.signing), bytes_or_null(transcripts)}));
  if (changed == 1) return {};
  return Error{Code::conflict, "onboard.changed", "the registration changed meanwhile"};
}

}  // namespace tf::platform::credentialing
