#include "platform/access_store.hpp"

#include "wire/encoding.hpp"

namespace tf::platform {
namespace {

using store::Row;
using store::Session;
using std::string_view;

constexpr std::string_view kColumns =
    "SELECT key_id, service, did, msisdn, suite, kek, wrapped, created_ms, ends_ms, info FROM access_keys WHERE status = 'active' AND ";

Result<std::optional<access::KeyRecord>> one_key(Session& session, std::string_view where, std::initializer_list<store::Value> values) {
  std::optional<access::KeyRecord> out;
  TF_CHECK(session.query(std::string(kColumns).append(where), values, [&](const Row& row) -> Status {
    out = access::KeyRecord{row.text(0), row.text(1), row.text(2), row.is_null(3) ? std::string() : row.text(3),
                            TF_TRY(access::parse_suite(row.text(4))), {row.text(5), row.bytes(6)}, row.integer(7), row.integer(8), row.text(9)};
    return {};
  }));
  return out;
}

Status insert_key(Session& session, const access::KeyRecord& key) {
  TF_TRY(session.execute("INSERT INTO access_keys (key_id, service, did, msisdn, suite, kek, wrapped, created_ms, ends_ms, info, status) "
                         "VALUES ($1, $2, $3, NULLIF($4, ''), $5, $6, $7, $8, $9, $10, 'active')",
                         {string_view(key.key_id), string_view(key.service), string_view(key.did), string_view(key.msisdn),
                          access::name_of(key.suite), string_view(key.wrapped.kek), ByteView(key.wrapped.blob), key.created_ms,
                          key.ends_ms, string_view(key.info)}));
  return {};
}

Status use_challenge(Session& session, const access::Challenges::Opened& challenge) {
  const auto changed = TF_TRY(session.execute("INSERT INTO access_used (id, ends_ms) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                                              {ByteView(challenge.id), challenge.ends_ms}));
  return changed == 1 ? Status() : Status(Error{Code::refused, "access.challenge_used", "the nonce was used before"});
}

Status consume_code(Session& session, const Hash256& hash, std::int64_t now_ms) {
  const auto changed = TF_TRY(session.execute("UPDATE access_codes SET used_ms = $2 WHERE hash = $1 AND used_ms IS NULL", {ByteView(hash), now_ms}));
  return changed == 1 ? Status() : Status(Error{Code::refused, "access.wrong_code", "the code was used meanwhile"});
}

const Error kOvertaken{Code::conflict, "access.overtaken", "the binding changed meanwhile"};

}  // namespace

Result<std::optional<access::KeyRecord>> load_access_key(Session& session, const std::string& key_id) {
  return one_key(session, "key_id = $1", {string_view(key_id)});
}

Result<std::optional<access::KeyRecord>> load_access_key_by_did(Session& session, const std::string& service, const std::string& did) {
  return one_key(session, "service = $1 AND did = $2", {string_view(service), string_view(did)});
}

Result<std::optional<access::KeyRecord>> load_access_key_by_number(Session& session, const std::string& service, const std::string& msisdn) {
  if (msisdn.empty()) return std::optional<access::KeyRecord>();
  return one_key(session, "service = $1 AND msisdn = $2", {string_view(service), string_view(msisdn)});
}

Result<std::optional<access::CodeRecord>> load_access_code(Session& session, const Hash256& hash) {
  std::optional<access::CodeRecord> out;
  TF_CHECK(session.query("SELECT ends_ms, used_ms FROM access_codes WHERE hash = $1", {ByteView(hash)}, [&](const Row& row) -> Status {
    out = access::CodeRecord{row.integer(0), !row.is_null(1)};
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

Status insert_access_code(Session& session, const Hash256& hash, const std::string& service, const std::string& did, std::int64_t ends_ms) {
  TF_TRY(session.execute("INSERT INTO access_codes (hash, service, did, ends_ms) VALUES ($1, $2, $3, $4)",
                         {ByteView(hash), string_view(service), string_view(did), ends_ms}));
  return {};
}

Status insert_alarm(Session& session, const std::string& id, const access::Alarm& alarm, std::int64_t now_ms) {
  TF_TRY(session.execute("INSERT INTO access_alarms (id, at_ms, kind, service, did, msisdn, state) VALUES ($1, $2, $3, $4, $5, $6, 'open') ON CONFLICT DO NOTHING",
                         {string_view(id), now_ms, access::name_of(alarm.kind), string_view(alarm.service), string_view(alarm.did),
                          string_view(alarm.msisdn)}));
  return {};
}

Status perform(Session& session, const access::Writes& writes, const std::string& alarm_id, std::int64_t now_ms) {
  TF_CHECK(use_challenge(session, writes.challenge));
  if (writes.consumed_code) TF_CHECK(consume_code(session, *writes.consumed_code, now_ms));
  for (const std::string& key_id : writes.superseded) {
    const auto changed = TF_TRY(session.execute("UPDATE access_keys SET status = 'superseded' WHERE key_id = $1 AND status = 'active'", {string_view(key_id)}));
    if (changed != 1) return kOvertaken;
  }
  if (writes.new_key) TF_CHECK(insert_key(session, *writes.new_key));
  if (const auto& key = writes.updated) {
    const auto changed = TF_TRY(session.execute("UPDATE access_keys SET did = $2, info = $3, authenticated_ms = $4 WHERE key_id = $1 AND status = 'active'",
                                                {string_view(key->key_id), string_view(key->did), string_view(key->info), now_ms}));
    if (changed != 1) return kOvertaken;
  }
  return writes.alarm ? insert_alarm(session, alarm_id, *writes.alarm, now_ms) : Status();
}

Status forget_challenges(Session& session, std::int64_t now_ms) {
  TF_TRY(session.execute("DELETE FROM access_used WHERE ends_ms < $1", {now_ms}));
  return {};
}

}  // namespace tf::platform
