#include "platform/rki/store.hpp"

#include <algorithm>

namespace tf::platform {
namespace {

using store::Row;
using store::Session;

constexpr std::string_view kKeyColumns =
    "SELECT slot, set_no, part, suite, kek, wrapped, kcv, status FROM rki_keys WHERE dsn = $1";

Result<rki::KeyRecord> key_from(const Row& row) {
  rki::KeyRecord key;
  key.slot = TF_TRY(rki::parse_slot(row.text(0)));
  key.set = row.integer(1);
  key.part = row.integer(2);
  key.suite = TF_TRY(rki::parse_suite(row.text(3)));
  key.wrapped = {row.text(4), row.bytes(5)};
  key.kcv = row.text(6);
  key.status = TF_TRY(rki::parse_key_status(row.text(7)));
  return key;
}

Result<std::vector<rki::KeyRecord>> keys_by(Session& session, const std::string& sql, const wire::Dsn& dsn) {
  std::vector<rki::KeyRecord> out;
  TF_CHECK(session.query(sql, {std::string_view(dsn.text())}, [&](const Row& row) -> Status {
    out.push_back(TF_TRY(key_from(row)));
    return {};
  }));
  return out;
}

Result<rki::TerminalRecord> terminal_from(const Row& row, const wire::Dsn& dsn) {
  return rki::TerminalRecord{dsn, row.text(0), TF_TRY(rki::SuitePolicy::parse(row.text(1))), row.integer(2) != 0, row.integer(3) != 0,
                             row.is_null(4) ? "" : row.text(4)};
}

}  // namespace

Result<std::optional<rki::TerminalRecord>> load_terminal(Session& session, const wire::Dsn& dsn) {
  std::optional<rki::TerminalRecord> out;
  TF_CHECK(session.query("SELECT grp, suites, denied, proved_modern, device_key FROM terminals WHERE dsn = $1",
                         {std::string_view(dsn.text())}, [&](const Row& row) -> Status {
                           out = TF_TRY(terminal_from(row, dsn));
                           return {};
                         }));
  return out;
}

Result<rki::Snapshot> load_snapshot(Session& session, const wire::Dsn& dsn) {
  rki::Snapshot out;
  bool has_keys = false;
  TF_CHECK(session.query("SELECT grp, suites, denied, proved_modern, device_key, (SELECT MAX(set_no) FROM rki_keys WHERE dsn = $1) "
                         "FROM terminals WHERE dsn = $1",
                         {std::string_view(dsn.text())}, [&](const Row& row) -> Status {
                           out.terminal = TF_TRY(terminal_from(row, dsn));
                           has_keys = !row.is_null(5);
                           return {};
                         }));
  if (has_keys) out.keys = TF_TRY(load_newest_keys(session, dsn));
  return out;
}

Result<std::optional<rki::Dik1Record>> load_dik1(Session& session, const wire::Dsn& dsn, rki::Suite suite) {
  std::optional<rki::Dik1Record> out;
  TF_CHECK(session.query("SELECT b.id, d.kek, d.wrapped FROM rki_batches b JOIN rki_dik1 d ON d.batch = b.id AND d.suite = $3 "
                         "WHERE b.dsn_size = $1 AND b.dsn_from <= $2 AND b.dsn_to >= $2",
                         {static_cast<std::int64_t>(dsn.text().size()), std::string_view(dsn.text()), rki::name_of(suite)},
                         [&](const Row& row) -> Status {
                           out = rki::Dik1Record{dik1_spec(suite), dik1_row(row.text(0), suite), {row.text(1), row.bytes(2)}};
                           return {};
                         }));
  return out;
}

Result<std::vector<rki::KeyRecord>> load_newest_keys(Session& session, const wire::Dsn& dsn) {
  static const std::string sql = std::string(kKeyColumns) +
                                 " AND set_no = (SELECT MAX(set_no) FROM rki_keys WHERE dsn = $1) ORDER BY part, slot";
  return keys_by(session, sql, dsn);
}

Result<std::vector<rki::KeyRecord>> load_keys(Session& session, const wire::Dsn& dsn) {
  static const std::string sql = std::string(kKeyColumns) + " ORDER BY set_no DESC, part, slot";
  return keys_by(session, sql, dsn);
}

vault::SymmetricSpec dik1_spec(rki::Suite suite) {
  if (suite == rki::Suite::classic) return {crypto::BlockCipher::tdes, 24, vault::SymmetricPurpose::diversify};
  return {vault::SymmetricAlgorithm::hmac, 32, vault::SymmetricPurpose::diversify};
}

vault::RowId dik1_row(std::string_view batch, rki::Suite suite) {
  return {"rki_dik1", std::string(batch) + "/" + std::string(rki::name_of(suite)), 1};
}

namespace {

// For so many keys of one terminal and set: … VALUES ($1, $2, $3, …, $9), ($1, $2, $10, …, $16), …
std::string insert_of(std::size_t keys) {
  std::string sql = "INSERT INTO rki_keys (dsn, set_no, slot, part, suite, kek, wrapped, kcv, status) VALUES ";
  for (std::size_t i = 0, next = 3; i < keys; ++i) {
    sql += i == 0 ? "($1, $2" : ", ($1, $2";
    for (const std::size_t until = next + 7; next < until; ++next) sql += ", $" + std::to_string(next);
    sql += ")";
  }
  return sql;
}

// Each with its status; all of one set.
Status insert_keys(Session& session, const wire::Dsn& dsn, std::span<const rki::KeyRecord> keys) {
  static const std::string usual = insert_of(4);  // TMK and three working keys
  std::vector<store::Value> values{std::string_view(dsn.text()), keys.front().set};
  values.reserve(values.size() + 7 * keys.size());
  for (const rki::KeyRecord& key : keys) {
    for (const store::Value& value : {store::Value(rki::name_of(key.slot)), {key.part}, {rki::name_of(key.suite)}, {std::string_view(key.wrapped.kek)},
                                      {ByteView(key.wrapped.blob)}, {std::string_view(key.kcv)}, {rki::name_of(key.status)}})
      values.push_back(value);
  }
  TF_TRY(session.execute(keys.size() == 4 ? usual : insert_of(keys.size()), values));
  return {};
}

}  // namespace

Status insert_key(Session& session, const wire::Dsn& dsn, const rki::KeyRecord& key) { return insert_keys(session, dsn, {&key, 1}); }

namespace {

const Error kOvertaken{Code::conflict, "rki.overtaken", "the terminal's keys changed meanwhile"};

bool same(const rki::TerminalRecord& a, const rki::TerminalRecord& b) {
  return a.group == b.group && a.policy == b.policy && a.denied == b.denied && a.proved_modern == b.proved_modern &&
         a.device_key == b.device_key;
}

bool same(const rki::KeyRecord& a, const rki::KeyRecord& b) {
  return a.slot == b.slot && a.set == b.set && a.part == b.part && a.suite == b.suite && a.wrapped == b.wrapped && a.kcv == b.kcv &&
         a.status == b.status;
}

// Two that race for it meet in this row: the second changes nothing.
Status remember(Session& session, const wire::Dsn& dsn, const std::string& device_key) {
  const auto changed = TF_TRY(session.execute("UPDATE terminals SET device_key = $2 WHERE dsn = $1 AND device_key IS NULL",
                                              {std::string_view(dsn.text()), std::string_view(device_key)}));
  return changed == 1 ? Status() : Status(kOvertaken);
}

Status supersede(Session& session, const wire::Dsn& dsn, const rki::Writes& writes, std::int64_t grace_until_ms) {
  TF_TRY(session.execute("UPDATE rki_keys SET status = 'superseded', grace_until_ms = $4 WHERE dsn = $1 AND set_no < $2 "
                         "AND status <> 'superseded' AND slot IN (SELECT slot FROM rki_keys WHERE dsn = $1 AND set_no = $2 AND part = $3)",
                         {std::string_view(dsn.text()), writes.set, writes.part, grace_until_ms}));
  return {};
}

Status activate(Session& session, const wire::Dsn& dsn, const rki::Writes& writes, std::int64_t now_ms, std::int64_t grace_ms) {
  if (writes.set > 1) TF_CHECK(supersede(session, dsn, writes, now_ms + grace_ms));
  const auto changed = TF_TRY(session.execute(
      "UPDATE rki_keys SET status = 'active' WHERE dsn = $1 AND set_no = $2 AND part = $3 AND status IN ('delivered', 'active')",
      {std::string_view(dsn.text()), writes.set, writes.part}));
  if (changed == 0) return kOvertaken;
  if (!writes.completes && !writes.proves_modern) return {};
  const auto terminal = TF_TRY(session.execute(
      "UPDATE terminals SET completed_set = CASE WHEN $5 = 1 THEN $2 ELSE completed_set END, "
      "completed_at_ms = CASE WHEN $5 = 1 THEN $3 ELSE completed_at_ms END, "
      "proved_modern = CASE WHEN $4 = 1 THEN 1 ELSE proved_modern END WHERE dsn = $1",
      {std::string_view(dsn.text()), writes.set, now_ms, std::int64_t{writes.proves_modern ? 1 : 0},
       std::int64_t{writes.completes ? 1 : 0}}));
  return terminal == 1 ? Status() : Status(kOvertaken);
}

}  // namespace

Status check_unchanged(Session& session, const wire::Dsn& dsn, const rki::Snapshot& snapshot) {
  const rki::Snapshot found = TF_TRY(load_snapshot(session, dsn));
  const bool unchanged = found.terminal && snapshot.terminal && same(*found.terminal, *snapshot.terminal) &&
                         std::ranges::equal(found.keys, snapshot.keys, [](const auto& now, const auto& then) { return same(now, then); });
  return unchanged ? Status() : Status(kOvertaken);
}

Status perform(Session& session, const wire::Dsn& dsn, const rki::Writes& writes, std::int64_t now_ms, std::int64_t grace_ms) {
  if (!writes.remembers.empty()) TF_CHECK(remember(session, dsn, writes.remembers));
  if (!writes.new_keys.empty()) {
    std::vector<rki::KeyRecord> keys = writes.new_keys;
    for (rki::KeyRecord& key : keys) key.status = key.part == writes.part ? rki::KeyStatus::delivered : rki::KeyStatus::pending;
    TF_CHECK(insert_keys(session, dsn, keys));
  }
  if (writes.delivers && writes.new_keys.empty()) {
    TF_TRY(session.execute("UPDATE rki_keys SET status = 'delivered' WHERE dsn = $1 AND set_no = $2 AND part = $3 AND status = 'pending'",
                           {std::string_view(dsn.text()), writes.set, writes.part}));
  }
  return writes.activates ? activate(session, dsn, writes, now_ms, grace_ms) : Status();
}

}  // namespace tf::platform
