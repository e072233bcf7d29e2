#include "platform/onboard/credentialing/store.hpp"
#include "wire/fields.hpp"

namespace tf::platform::credentialing {
namespace {

constexpr std::size_t kMostCertificate = 16 * 1024;

Bytes packed(const onboard::Chain& chain) {
  wire::FieldWriter writer;
  for (const Bytes& certificate : chain) writer.field(certificate);
  return writer.take();
}

Result<onboard::Chain> unpacked(ByteView bytes) {
  onboard::Chain out;
  wire::FieldReader reader(bytes);
  while (!reader.finish()) out.push_back(to_bytes(TF_TRY(reader.field(kMostCertificate))));
  return out;
}

}  // namespace

Status note_told(store::Session& session, std::string_view delivery, std::string_view server) {
  TF_TRY(session.execute("INSERT INTO onboard_told (delivery, server) VALUES ($1, $2) ON CONFLICT (delivery, server) DO NOTHING", {delivery, server}));
  return {};
}

Status forget_told(store::Session& session, std::string_view delivery, std::string_view server) {
  TF_TRY(session.execute("DELETE FROM onboard_told WHERE delivery = $1 AND server = $2", {delivery, server}));
  return {};
}

Result<bool> is_told(store::Session& session, std::string_view delivery, std::string_view server) {
  return TF_TRY(session.query_one("SELECT 1 FROM onboard_told WHERE delivery = $1 AND server = $2", {delivery, server}, [](const store::Row&) { return true; })).value_or(false);
}

Status want_suspension(store::Session& session, const onboard::SuspendRequest& request, std::int64_t due_ms) {
  TF_TRY(session.execute("INSERT INTO onboard_suspensions (dsim_id, nonce_hash, due_ms) VALUES ($1, $2, $3) ON CONFLICT (nonce_hash) DO UPDATE SET due_ms = $3",
                         {request.dsim_id, ByteView(request.nonce_hash), due_ms}));
  return {};
}

Result<std::vector<onboard::SuspendRequest>> suspensions(store::Session& session, std::int64_t now_ms, std::int64_t limit) {
  std::vector<onboard::SuspendRequest> out;
  TF_CHECK(session.query("SELECT dsim_id, nonce_hash FROM onboard_suspensions WHERE due_ms <= $1 LIMIT $2", {now_ms, limit}, [&](const store::Row& row) -> Status {
    out.push_back({row.text(0), row.array<32>(1)});
    return {};
  }));
  return out;
}

Result<std::vector<onboard::SuspendRequest>> suspensions_of(store::Session& session, std::string_view dsim_id) {
  std::vector<onboard::SuspendRequest> out;
  TF_CHECK(session.query("SELECT dsim_id, nonce_hash FROM onboard_suspensions WHERE dsim_id = $1", {dsim_id}, [&](const store::Row& row) -> Status {
    out.push_back({row.text(0), row.array<32>(1)});
    return {};
  }));
  return out;
}

Status suspended(store::Session& session, const onboard::SuspendRequest& request) {
  TF_TRY(session.execute("DELETE FROM onboard_suspensions WHERE nonce_hash = $1", {ByteView(request.nonce_hash)}));
  return {};
}

Status place(store::Session& session, std::string_view server, const Placement& placement, std::int64_t due_ms) {
  TF_TRY(session.execute("INSERT INTO onboard_placements (server, id, dsim_id, action, nonce_hash, due_ms, tries) VALUES ($1, $2, $3, $4, $5, $6, 0)"
                         " ON CONFLICT (server, id) DO UPDATE SET action = $4, due_ms = $6, tries = 0",
                         {server, placement.id, placement.dsim_id, placement.remove ? "remove" : "add", ByteView(placement.nonce_hash), due_ms}));
  return {};
}

Result<std::vector<Placement>> due(store::Session& session, std::string_view server, bool remove, std::int64_t now_ms, std::int64_t limit) {
  std::vector<Placement> out;
  TF_CHECK(session.query("SELECT id, dsim_id, nonce_hash, tries FROM onboard_placements WHERE server = $1 AND action = $2 AND due_ms <= $3 ORDER BY due_ms LIMIT $4",
                         {server, remove ? "remove" : "add", now_ms, limit}, [&](const store::Row& row) -> Status {
                           out.push_back({row.text(0), row.text(1), remove, row.array<32>(2), row.integer(3)});
                           return {};
                         }));
  return out;
}

Status placed(store::Session& session, std::string_view server, const Placement& placement) {
  TF_TRY(session.execute("DELETE FROM onboard_placements WHERE server = $1 AND id = $2 AND action = $3", {server, placement.id, placement.remove ? "remove" : "add"}));
  return {};
}

Status postpone(store::Session& session, std::string_view server, const Placement& placement, std::int64_t due_ms) {
  TF_TRY(session.execute("UPDATE onboard_placements SET due_ms = $3, tries = $4 WHERE server = $1 AND id = $2", {server, placement.id, due_ms, placement.tries + 1}));
  return {};
}

Result<std::int64_t> unplaced(store::Session& session) {
  return TF_TRY(session.query_one("SELECT COUNT(*) FROM onboard_placements", {}, [](const store::Row& row) { return row.integer(0); })).value_or(0);
}

Status keep_chains(store::Session& session, const onboard::Subscription& row) {
  const Bytes signing = packed(row.signing), decryption = packed(row.decryption);
  TF_TRY(session.execute("INSERT INTO onboard_chains (dsim_id, signing, decryption) VALUES ($1, $2, $3)"
                         " ON CONFLICT (dsim_id) DO UPDATE SET signing = $2, decryption = $3, checked_ms = NULL, verdict = NULL",
                         {row.dsim_id, ByteView(signing), ByteView(decryption)}));
  return {};
}

Result<std::vector<Pinned>> chains_behind(store::Session& session, std::string_view after, std::int64_t limit) {
  std::vector<Pinned> out;
  TF_CHECK(session.query("SELECT dsim_id, signing, decryption, checked_ms, verdict FROM onboard_chains WHERE dsim_id > $1 ORDER BY dsim_id LIMIT $2", {after, limit},
                         [&](const store::Row& row) -> Status {
                           out.push_back({row.text(0), TF_TRY(unpacked(row.bytes_view(1))), TF_TRY(unpacked(row.bytes_view(2))), row.is_null(3) ? 0 : row.integer(3), row.is_null(4) ? "" : row.text(4)});
                           return {};
                         }));
  return out;
}

Result<std::optional<Verdict>> verdict_of(store::Session& session, std::string_view dsim_id) {
  return session.query_one("SELECT verdict, checked_ms FROM onboard_chains WHERE dsim_id = $1 AND verdict IS NOT NULL", {dsim_id},
                           [](const store::Row& row) { return Verdict{row.text(0), row.integer(1)}; });
}

Status note_verdict(store::Session& session, std::string_view dsim_id, std::string_view verdict, std::int64_t now_ms) {
  TF_TRY(session.execute("UPDATE onboard_chains SET checked_ms = $2, verdict = $3 WHERE dsim_id = $1", {dsim_id, now_ms, verdict}));
  return {};
}

Result<bool> raise(store::Session& session, const Alarm& alarm) {
  const auto more = TF_TRY(session.execute("UPDATE onboard_alarms SET times = times + 1, last_ms = $4 WHERE registration = $1 AND kind = $2 AND device = $3",
                                           {alarm.registration, alarm.kind, alarm.device, alarm.at_ms}));
  if (more != 0) return false;
  TF_TRY(session.execute("INSERT INTO onboard_alarms (id, at_ms, kind, dsim_id, detail, registration, device, times, last_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $2)",
                         {alarm.id, alarm.at_ms, alarm.kind, alarm.dsim_id, alarm.detail, alarm.registration, alarm.device}));
  return true;
}

Result<std::vector<Alarm>> alarms(store::Session& session, std::int64_t limit) {
  std::vector<Alarm> out;
  TF_CHECK(session.query("SELECT id, kind, dsim_id, detail, registration, device, at_ms, last_ms, times FROM onboard_alarms ORDER BY last_ms DESC, id LIMIT $1", {limit},
                         [&](const store::Row& row) -> Status {
                           out.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5), row.integer(6), row.integer(7), row.integer(8)});
                           return {};
                         }));
  return out;
}

}  // namespace tf::platform::credentialing
