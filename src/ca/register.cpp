#include "ca/register.hpp"

#include <algorithm>

namespace tf::ca {
namespace {

using pki::RevocationReason;

constexpr std::pair<State, std::string_view> kStates[] = {
    {State::intended, "intended"}, {State::issued, "issued"}, {State::revoked, "revoked"}, {State::failed, "failed"}};
constexpr std::pair<RevocationReason, std::string_view> kReasons[] = {{RevocationReason::unspecified, "unspecified"},
                                                                      {RevocationReason::key_compromise, "keyCompromise"},
                                                                      {RevocationReason::ca_compromise, "cACompromise"},
                                                                      {RevocationReason::affiliation_changed, "affiliationChanged"},
                                                                      {RevocationReason::superseded, "superseded"},
                                                                      {RevocationReason::cessation_of_operation, "cessationOfOperation"},
                                                                      {RevocationReason::certificate_hold, "certificateHold"},
                                                                      {RevocationReason::privilege_withdrawn, "privilegeWithdrawn"}};

constexpr std::string_view kColumns =
    "serial, authority, profile, holder, subject, spki_hash, tbs_hash, state, shard, intended_ms, not_before_ms, not_after_ms, renews, "
    "revoked_ms, reason";

Result<RevocationReason> reason_of(std::int64_t number) {
  const auto found = std::ranges::find_if(kReasons, [&](const auto& one) { return static_cast<std::int64_t>(one.first) == number; });
  if (found == std::end(kReasons)) return Error{Code::integrity, "ca.reason", "a reason of revocation that does not exist"};
  return found->first;
}

Result<Record> record_of(const store::Row& row) {
  Record out{.serial_hex = row.text(0), .authority = row.text(1), .profile = row.text(2), .holder = row.text(3), .subject = row.text(4),
             .spki_hash = row.array<32>(5), .tbs_hash = row.array<32>(6), .state = TF_TRY(parse_state(row.text_view(7))),
             .shard = static_cast<std::uint32_t>(row.integer(8)), .intended_ms = row.integer(9), .not_before_ms = row.integer(10),
             .not_after_ms = row.integer(11), .renews = row.text(12)};
  if (!row.is_null(13)) out.revoked_ms = row.integer(13);
  if (!row.is_null(14)) out.reason = TF_TRY(reason_of(row.integer(14)));
  return out;
}

std::string columns_and(std::string_view more) { return "SELECT " + std::string(kColumns) + std::string(more); }

}  // namespace

std::string_view name_of(State state) { return std::ranges::find(kStates, state, &std::pair<State, std::string_view>::first)->second; }

Result<State> parse_state(std::string_view name) {
  for (const auto& [state, text] : kStates)
    if (text == name) return state;
  return Error{Code::invalid, "ca.state", "a state is intended, issued, revoked or failed"};
}

std::string_view name_of(RevocationReason reason) {
  return std::ranges::find(kReasons, reason, &std::pair<RevocationReason, std::string_view>::first)->second;
}

Result<RevocationReason> parse_reason(std::string_view name) {
  std::string all;
  for (const auto& [reason, text] : kReasons) {
    if (text == name) return reason;
    all += (all.empty() ? "" : ", ") + std::string(text);
  }
  return Error{Code::invalid, "ca.reason", "a reason is one of " + all};
}

Status insert_intent(store::Session& session, const Record& record) {
  TF_TRY(session.execute("INSERT INTO pki_certificates (serial, authority, profile, holder, subject, spki_hash, tbs_hash, state, shard, intended_ms, "
                         "not_before_ms, not_after_ms, renews) VALUES ($1, $2, $3, $4, $5, $6, $7, 'intended', $8, $9, $10, $11, $12)",
                         {std::string_view(record.serial_hex), std::string_view(record.authority), std::string_view(record.profile),
                          std::string_view(record.holder), std::string_view(record.subject), ByteView(record.spki_hash), ByteView(record.tbs_hash),
                          static_cast<std::int64_t>(record.shard), record.intended_ms, record.not_before_ms, record.not_after_ms,
                          std::string_view(record.renews)}));
  return {};
}

Status set_issued(store::Session& session, const std::string& serial_hex, ByteView der) {
  const std::int64_t changed = TF_TRY(session.execute("UPDATE pki_certificates SET state = 'issued', der = $2 WHERE serial = $1 AND state = 'intended'",
                                                      {std::string_view(serial_hex), der}));
  if (changed == 1) return {};
  return Error{Code::conflict, "ca.intent_gone", "the intent of " + serial_hex + " was given up meanwhile"};
}

Status set_failed(store::Session& session, const std::string& serial_hex) {
  const std::int64_t changed =
      TF_TRY(session.execute("UPDATE pki_certificates SET state = 'failed' WHERE serial = $1 AND state = 'intended'", {std::string_view(serial_hex)}));
  if (changed == 1) return {};
  return Error{Code::conflict, "ca.intent_gone", "the intent of " + serial_hex + " is settled already"};
}

Result<std::vector<Record>> open_intents(store::Session& session, std::int64_t before_ms) {
  std::vector<Record> out;
  TF_CHECK(session.query(columns_and(" FROM pki_certificates WHERE state = 'intended' AND intended_ms < $1 ORDER BY intended_ms LIMIT 10000"), {before_ms},
                         [&](const store::Row& row) -> Status {
                           out.push_back(TF_TRY(record_of(row)));
                           return {};
                         }));
  return out;
}

Result<std::optional<Record>> find(store::Session& session, std::string_view serial_hex) {
  return session.query_one(columns_and(", der FROM pki_certificates WHERE serial = $1"), {serial_hex}, [](const store::Row& row) -> Result<Record> {
    Record out = TF_TRY(record_of(row));
    if (!row.is_null(15)) out.der = row.bytes(15);
    return out;
  });
}

Result<std::optional<Shown>> find_shown(store::Session& session, std::string_view serial_hex) {
  return session.query_one("SELECT authority, state, der FROM pki_certificates WHERE serial = $1", {serial_hex}, [](const store::Row& row) -> Result<Shown> {
    return Shown{row.text(0), TF_TRY(parse_state(row.text_view(1))), row.is_null(2) ? Bytes() : row.bytes(2)};
  });
}

Result<std::optional<Shown>> find_shown(store::Database& database, std::string_view serial_hex) {
  std::optional<Shown> out;
  TF_CHECK(database.read([&](store::Session& session) -> Status {
    out = TF_TRY(find_shown(session, serial_hex));
    return {};
  }));
  return out;
}

Result<bool> is_issued(store::Session& session, std::string_view serial_hex) {
  const auto found = TF_TRY(session.query_one("SELECT state FROM pki_certificates WHERE serial = $1", {serial_hex}, [](const store::Row& row) { return parse_state(row.text_view(0)); }));
  return found == State::issued;
}

Result<Record> get(store::Session& session, std::string_view serial_hex) {
  auto found = TF_TRY(find(session, serial_hex));
  if (found) return std::move(*found);
  return Error{Code::not_found, "ca.no_such_certificate", "there is no certificate with this serial number"};
}

Result<Standing> standing_of(store::Session& session, std::string_view authority, std::string_view serial_hex) {
  const auto found = TF_TRY(session.query_one(
      "SELECT authority, state, revoked_ms, reason FROM pki_certificates WHERE serial = $1", {serial_hex}, [&](const store::Row& row) -> Result<Standing> {
        const State state = TF_TRY(parse_state(row.text_view(1)));
        if (row.text_view(0) != authority || state == State::intended || state == State::failed) return Standing{};
        if (state == State::issued) return Standing{.kind = StandingKind::good};
        return Standing{StandingKind::revoked, TF_TRY(reason_of(row.integer(3))), row.integer(2)};
      }));
  return found.value_or(Standing{});
}

Result<std::vector<Record>> list(store::Session& session, const Filter& filter) {
  std::string sql = columns_and(" FROM pki_certificates WHERE serial > $1");
  std::vector<store::Value> values{std::string_view(filter.after)};
  const auto narrow = [&](std::string_view column, std::string_view value) {
    if (value.empty()) return;
    values.emplace_back(value);
    sql += " AND " + std::string(column) + " = $" + std::to_string(values.size());
  };
  narrow("authority", filter.authority);
  narrow("holder", filter.holder);
  if (filter.state) narrow("state", name_of(*filter.state));
  values.emplace_back(filter.limit);
  sql += " ORDER BY serial LIMIT $" + std::to_string(values.size());
  std::vector<Record> out;
  TF_CHECK(session.query(sql, values, [&](const store::Row& row) -> Status {
    out.push_back(TF_TRY(record_of(row)));
    return {};
  }));
  return out;
}

Result<Record> set_revoked(store::Session& session, std::string_view serial_hex, RevocationReason reason, std::int64_t at_ms) {
  Record record = TF_TRY(get(session, serial_hex));
  if (record.state == State::intended || record.state == State::failed) return Error{Code::refused, "ca.not_issued", "this certificate was never issued"};
  const bool held = record.state == State::revoked && record.reason == RevocationReason::certificate_hold;
  if (record.state == State::revoked && (!held || reason == RevocationReason::certificate_hold))
    return Error{Code::conflict, "ca.revoked_already", "revoked already: " + std::string(name_of(record.reason))};
  if (!held) record.revoked_ms = at_ms;  // who was on hold is revoked since then
  record.state = State::revoked;
  record.reason = reason;
  TF_TRY(session.execute("UPDATE pki_certificates SET state = 'revoked', revoked_ms = $2, reason = $3 WHERE serial = $1",
                         {serial_hex, record.revoked_ms, static_cast<std::int64_t>(reason)}));
  return record;
}

Result<Record> set_released(store::Session& session, std::string_view serial_hex) {
  Record record = TF_TRY(get(session, serial_hex));
  if (record.state != State::revoked || record.reason != RevocationReason::certificate_hold)
    return Error{Code::refused, "ca.not_on_hold", "only a certificate on hold (certificateHold) is released"};
  record.state = State::issued;
  record.revoked_ms = 0;
  record.reason = RevocationReason::unspecified;
  TF_TRY(session.execute("UPDATE pki_certificates SET state = 'issued', revoked_ms = NULL, reason = NULL WHERE serial = $1", {serial_hex}));
  return record;
}

Result<std::vector<std::string>> serials_of(store::Session& session, std::string_view holder, bool on_hold) {
  std::vector<std::string> out;
  const char* const sql = on_hold ? "SELECT serial FROM pki_certificates WHERE holder = $1 AND state = 'revoked' AND reason = 6 ORDER BY serial"
                                  : "SELECT serial FROM pki_certificates WHERE holder = $1 AND state = 'issued' ORDER BY serial";
  TF_CHECK(session.query(sql, {holder}, [&](const store::Row& row) -> Status {
    out.push_back(row.text(0));
    return {};
  }));
  return out;
}

}  // namespace tf::ca
