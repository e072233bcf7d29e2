#include "platform/onboard/hss/store.hpp"

namespace tf::platform::hss_role {

vault::RowId secret_row(const std::string& imsi) { return {"onboard_credentials", imsi, 1}; }

Result<std::optional<Credential>> load(store::Session& session, std::string_view dsim_id, const Hash256& nonce_hash) {
  return session.query_one(
      "SELECT dsim_id, nonce_hash, device_hash, imsi, iccid, plan, state, kek, secret, envelope, imsi_hash FROM onboard_credentials WHERE dsim_id = $1 AND nonce_hash = $2",
      {dsim_id, ByteView(nonce_hash)}, [](const store::Row& row) {
        Credential out;
        out.dsim_id = row.text(0), out.nonce_hash = row.array<32>(1), out.device_hash = row.array<32>(2);
        out.imsi = row.text(3), out.iccid = row.text(4), out.plan = row.text(5), out.state = row.text(6);
        if (!row.is_null(8)) out.secret = vault::Wrapped{row.text(7), row.bytes(8)};
        out.envelope = row.bytes(9), out.imsi_hash = row.array<32>(10);
        return out;
      });
}

Status insert(store::Session& session, const Credential& it, std::int64_t now_ms) {
  TF_TRY(session.execute("INSERT INTO onboard_credentials (dsim_id, nonce_hash, device_hash, imsi, iccid, plan, kek, secret, envelope, imsi_hash, state, made_ms)"
                         " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $12, $11)",
                         {it.dsim_id, ByteView(it.nonce_hash), ByteView(it.device_hash), it.imsi, it.iccid, it.plan, it.secret ? store::Value(it.secret->kek) : store::Value(store::kNull),
                          it.secret ? store::Value(ByteView(it.secret->blob)) : store::Value(store::kNull), ByteView(it.envelope), ByteView(it.imsi_hash), now_ms, it.state}));
  return {};
}

Status set_created(store::Session& session, const Credential& it) {
  TF_TRY(session.execute("UPDATE onboard_credentials SET state = 'created', kek = NULL, secret = NULL WHERE imsi = $1 AND state = 'made'", {it.imsi}));
  return {};
}

Status set_suspended(store::Session& session, const Credential& it) {
  TF_TRY(session.execute("UPDATE onboard_credentials SET state = 'suspended' WHERE imsi = $1 AND state <> 'removed'", {it.imsi}));
  return {};
}

Status set_removed(store::Session& session, const Credential& it) {
  TF_TRY(session.execute("UPDATE onboard_credentials SET state = 'removed', kek = NULL, secret = NULL WHERE imsi = $1 AND state = 'suspended'", {it.imsi}));
  return {};
}

Status remove_made(store::Session& session, const Credential& it) {
  const auto gone = TF_TRY(session.execute("DELETE FROM onboard_credentials WHERE imsi = $1 AND state = 'made'", {it.imsi}));
  return gone == 1 ? Status() : Status(Error{Code::conflict, "onboard.not_made", "the credential is under way already"});
}

Status note_ended(store::Session& session, std::string_view dsim_id, const Hash256& nonce_hash, std::int64_t now_ms) {
  TF_TRY(session.execute("INSERT INTO onboard_ended (dsim_id, nonce_hash, ended_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", {dsim_id, ByteView(nonce_hash), now_ms}));
  return {};
}

Result<bool> is_ended(store::Session& session, std::string_view dsim_id, const Hash256& nonce_hash) {
  return TF_TRY(session.query_one("SELECT 1 FROM onboard_ended WHERE dsim_id = $1 AND nonce_hash = $2", {dsim_id, ByteView(nonce_hash)}, [](const store::Row&) { return true; })).value_or(false);
}

Status forget_ended(store::Session& session, std::int64_t before_ms) {
  TF_TRY(session.execute("DELETE FROM onboard_ended WHERE ended_ms < $1", {before_ms}));
  return {};
}

Result<bool> is_subscriber(store::Session& session, std::string_view imsi) {
  return TF_TRY(session.query_one("SELECT state FROM onboard_credentials WHERE imsi = $1", {imsi}, [](const store::Row& row) { return row.text_view(0) == state::made || row.text_view(0) == state::created; })).value_or(false);
}

Status note_used(store::Session& session, std::string_view imsi, std::int64_t now_ms) {
  TF_TRY(session.execute("UPDATE onboard_credentials SET used_ms = $2 WHERE imsi = $1 AND used_ms IS NULL", {imsi, now_ms}));
  return {};
}

Result<std::int64_t> reserve(store::Session& session, std::int64_t first, std::int64_t count) {
  const auto next = TF_TRY(session.query_one("SELECT next FROM onboard_numbers WHERE name = 'imsi'", {}, [](const store::Row& row) { return row.integer(0); }));
  const std::int64_t mine = next ? std::max(*next, first) : first;
  TF_TRY(session.execute("INSERT INTO onboard_numbers (name, next) VALUES ('imsi', $1) ON CONFLICT (name) DO UPDATE SET next = $1", {mine + count}));
  return mine;
}

}  // namespace tf::platform::hss_role
