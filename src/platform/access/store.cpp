#include "platform/access/store.hpp"

#include "wire/encoding.hpp"

namespace tf::platform {
namespace {

using store::Row;
using store::Session;
using std::string_view;

constexpr std::string_view kBindingColumns =
    "SELECT key_id, service, did, msisdn, suite, kek, wrapped, created_ms, ends_ms, info, proved, made_by, authenticated_ms FROM access_keys WHERE ";

Result<std::optional<access::KeyRecord>> one_key(Session& session, std::string_view where, std::initializer_list<store::Value> values) {
  std::optional<access::KeyRecord> out;
  TF_CHECK(session.query(std::string(kBindingColumns).append(where), values, [&](const Row& row) -> Status {
    out = access::KeyRecord{row.text(0), row.text(1), row.text(2), row.is_null(3) ? std::string() : row.text(3),
                            TF_TRY(access::parse_suite(row.text(4))), {row.text(5), row.bytes(6)}, row.integer(7), row.integer(8), row.text(9),
                            row.integer(10) != 0, row.text(11), !row.is_null(12)};
    return {};
  }));
  return out;
}

Status insert_binding_key(Session& session, const access::KeyRecord& key) {
  TF_TRY(session.execute("INSERT INTO access_keys (key_id, service, did, msisdn, suite, kek, wrapped, created_ms, ends_ms, info, proved, made_by, status) "
                         "VALUES ($1, $2, $3, NULLIF($4, ''), $5, $6, $7, $8, $9, $10, $11, $12, 'active')",
                         {string_view(key.key_id), string_view(key.service), string_view(key.did), string_view(key.msisdn),
                          access::name_of(key.suite), string_view(key.wrapped.kek), ByteView(key.wrapped.blob), key.created_ms,
                          key.ends_ms, string_view(key.info), std::int64_t{key.proved}, string_view(key.made_by)}));
  return {};
}

Status use_once(Session& session, const access::OneUse& once) {
  const auto changed = TF_TRY(session.execute("INSERT INTO access_used (id, ends_ms) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                                              {ByteView(once.id), once.ends_ms}));
  return changed == 1 ? Status() : Status(Error{Code::refused, once.reason, "it was used before"});
}

Status consume_code(Session& session, const Hash256& hash, std::int64_t now_ms) {
  const auto changed = TF_TRY(session.execute("UPDATE access_codes SET used_ms = $2 WHERE hash = $1 AND used_ms IS NULL", {ByteView(hash), now_ms}));
  return changed == 1 ? Status() : Status(Error{Code::refused, "access.wrong_code", "the code was used meanwhile"});
}

// With all that were given for the same Did and number: it works once.
Status consume_approval(Session& session, const std::string& alarm) {
  const auto changed = TF_TRY(session.execute("UPDATE access_alarms SET state = 'done' WHERE state = 'approved' AND (service, did, msisdn) = "
                                              "(SELECT service, did, msisdn FROM access_alarms WHERE id = $1 AND state = 'approved')", {string_view(alarm)}));
  return changed >= 1 ? Status() : Status(Error{Code::refused, "access.bound_otherwise", "the approval was used meanwhile"});
}

const Error kBindingOvertaken{Code::conflict, "access.overtaken", "the binding changed meanwhile"};

// Only what changes is named: an index on a column that is set anew is written anew.
Status note_use(Session& session, const access::KeyRecord& key, std::int64_t now_ms) {
  const auto changed = TF_TRY(session.execute("UPDATE access_keys SET info = $2, authenticated_ms = $3 WHERE key_id = $1 AND status = 'active'",
                                              {string_view(key.key_id), string_view(key.info), now_ms}));
  return changed == 1 ? Status() : Status(kBindingOvertaken);
}

// A terminal whose Did changed may not take the Did of another, nor one that the estate denies; nobody proved the new one.
Status change_did(Session& session, const access::KeyRecord& key) {
  if (TF_TRY(is_denied(session, key.did))) return Error{Code::refused, "access.denied", "the estate denies the terminal it changed to"};
  const auto other = TF_TRY(load_access_key_by_did(session, key.service, key.did));
  if (other && other->key_id != key.key_id) return Error{Code::refused, "access.bound_otherwise", "the Did it changed to has a key of its own"};
  const auto changed = TF_TRY(session.execute("UPDATE access_keys SET did = $2, proved = 0 WHERE key_id = $1 AND status = 'active'",
                                              {string_view(key.key_id), string_view(key.did)}));
  return changed == 1 ? Status() : Status(kBindingOvertaken);
}

}  // namespace

Result<std::optional<access::KeyRecord>> load_access_key(Session& session, const std::string& key_id) {
  return one_key(session, "status = 'active' AND key_id = $1", {string_view(key_id)});
}

Result<std::optional<access::KeyRecord>> load_superseded_key(Session& session, const std::string& key_id) {
  return one_key(session, "status = 'superseded' AND key_id = $1", {string_view(key_id)});
}

Result<std::optional<access::KeyRecord>> load_access_key_by_did(Session& session, const std::string& service, const std::string& did) {
  return one_key(session, "status = 'active' AND service = $1 AND did = $2", {string_view(service), string_view(did)});
}

Result<std::optional<access::KeyRecord>> load_access_key_by_number(Session& session, const std::string& service, const std::string& msisdn) {
  if (msisdn.empty()) return std::optional<access::KeyRecord>();
  return one_key(session, "status = 'active' AND service = $1 AND msisdn = $2", {string_view(service), string_view(msisdn)});
}

Result<std::optional<std::string>> load_access_approval(Session& session, const std::string& service, const std::string& did, const std::string& msisdn) {
  std::optional<std::string> out;
  TF_CHECK(session.query("SELECT id FROM access_alarms WHERE state = 'approved' AND service = $1 AND did = $2 AND msisdn = $3 LIMIT 1",
                         {string_view(service), string_view(did), string_view(msisdn)}, [&](const Row& row) -> Status {
                           out = row.text(0);
                           return {};
                         }));
  return out;
}

Result<bool> is_denied(Session& session, const std::string& did) {
  bool denied = false;
  TF_CHECK(session.query("SELECT denied FROM terminals WHERE dsn = $1", {string_view(did)}, [&](const Row& row) -> Status {
    denied = row.integer(0) != 0;
    return {};
  }));
  return denied;
}

Result<std::optional<access::CodeRecord>> load_access_code(Session& session, const Hash256& hash) {
  std::optional<access::CodeRecord> out;
  TF_CHECK(session.query("SELECT msisdn, ends_ms, used_ms FROM access_codes WHERE hash = $1", {ByteView(hash)}, [&](const Row& row) -> Status {
    out = access::CodeRecord{row.text(0), row.integer(1), !row.is_null(2)};
    return {};
  }));
  return out;
}

Result<CodeTries> load_code_tries(Session& session, const std::string& did) {
  CodeTries out;
  TF_CHECK(session.query("SELECT wrong, locked_until_ms FROM access_code_tries WHERE did = $1", {string_view(did)}, [&](const Row& row) -> Status {
    out = {row.integer(0), row.integer(1)};
    return {};
  }));
  return out;
}

Result<bool> count_wrong_code(Session& session, const std::string& did, std::int64_t now_ms) {
  const CodeTries tries = TF_TRY(load_code_tries(session, did));
  const std::int64_t wrong = tries.locked_until_ms != 0 && now_ms >= tries.locked_until_ms ? 1 : tries.wrong + 1;
  const bool locked = wrong >= kWrongCodes;
  TF_TRY(session.execute("INSERT INTO access_code_tries (did, wrong, locked_until_ms) VALUES ($1, $2, $3) "
                         "ON CONFLICT (did) DO UPDATE SET wrong = excluded.wrong, locked_until_ms = excluded.locked_until_ms",
                         {string_view(did), wrong, locked ? now_ms + kCodeLockMs : std::int64_t{0}}));
  return locked;
}

Status insert_access_code(Session& session, const Hash256& hash, const CodeIssue& issue) {
  TF_TRY(session.execute("INSERT INTO access_codes (hash, service, did, msisdn, ends_ms) VALUES ($1, $2, $3, $4, $5)",
                         {ByteView(hash), string_view(issue.service), string_view(issue.did), string_view(issue.msisdn), issue.ends_ms}));
  return {};
}

Status insert_alarm(Session& session, const std::string& id, const access::Alarm& alarm, std::int64_t now_ms) {
  TF_TRY(session.execute("INSERT INTO access_alarms (id, at_ms, kind, service, did, msisdn, state) VALUES ($1, $2, $3, $4, $5, $6, 'open') ON CONFLICT DO NOTHING",
                         {string_view(id), now_ms, access::name_of(alarm.kind), string_view(alarm.service), string_view(alarm.did),
                          string_view(alarm.msisdn)}));
  return {};
}

Status perform(Session& session, const access::Writes& writes, const std::string& alarm_id, std::int64_t now_ms) {
  TF_CHECK(use_once(session, writes.once));
  if (writes.consumed_code) TF_CHECK(consume_code(session, *writes.consumed_code, now_ms));
  if (writes.consumed_approval) TF_CHECK(consume_approval(session, *writes.consumed_approval));
  for (const std::string& key_id : writes.superseded) {
    const auto changed = TF_TRY(session.execute("UPDATE access_keys SET status = 'superseded' WHERE key_id = $1 AND status = 'active'", {string_view(key_id)}));
    if (changed != 1) return kBindingOvertaken;
  }
  if (writes.new_key) TF_CHECK(insert_binding_key(session, *writes.new_key));
  if (writes.updated && writes.did_changes) TF_CHECK(change_did(session, *writes.updated));
  if (writes.updated) TF_CHECK(note_use(session, *writes.updated, now_ms));
  return writes.alarm ? insert_alarm(session, alarm_id, *writes.alarm, now_ms) : Status();
}

Status forget_used(Session& session, std::int64_t now_ms) {
  TF_TRY(session.execute("DELETE FROM access_used WHERE ends_ms < $1", {now_ms - kUsedMarginMs}));
  return {};
}

}  // namespace tf::platform
