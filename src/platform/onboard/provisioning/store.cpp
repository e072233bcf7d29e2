#include "platform/onboard/provisioning/store.hpp"

#include <fmt/format.h>

#include "wire/fields.hpp"

namespace tf::platform::provisioning {
namespace {

constexpr const char* kColumns = "delivery, account_user, dsim_id, credentialing, kek, account, nonce_send, nonce_expect, notify, items, state, receipt, tries";
constexpr std::size_t kMostItem = 64 * 1024;

Bytes packed(const std::vector<onboard::Item>& items) {
  wire::FieldWriter writer;
  for (const onboard::Item& item : items) writer.field(item.name).field(item.type).field(item.data);
  return writer.take();
}

Result<std::vector<onboard::Item>> unpacked(ByteView bytes) {
  std::vector<onboard::Item> out;
  wire::FieldReader reader(bytes);
  while (!reader.finish()) {
    onboard::Item& item = out.emplace_back();
    item.name = as_text(TF_TRY(reader.field(kMostItem)));
    item.type = as_text(TF_TRY(reader.field(kMostItem)));
    item.data = to_bytes(TF_TRY(reader.field(kMostItem)));
  }
  return out;
}

Result<Row> read(const store::Row& row) {
  Row out;
  out.delivery = row.text(0), out.user = row.text(1), out.dsim_id = row.text(2), out.credentialing = row.text(3);
  if (!row.is_null(5)) out.account = vault::Wrapped{row.text(4), row.bytes(5)};
  out.nonces = {row.bytes(6), row.bytes(7)};
  if (!row.is_null(8)) out.notify = row.text(8);
  if (!row.is_null(9)) out.items = TF_TRY(unpacked(row.bytes_view(9)));
  out.state = row.text(10);
  if (!row.is_null(11)) out.receipt = row.text(11);
  out.tries = row.integer(12);
  return out;
}

}  // namespace

vault::RowId account_row(const std::string& delivery) { return {"onboard_deliveries", delivery, 1}; }

Result<bool> put(store::Session& session, const Row& row, std::int64_t due_ms, std::int64_t now_ms) {
  const Bytes items = packed(row.items);
  const store::Value notify = row.notify.empty() ? store::Value(store::kNull) : store::Value(row.notify);
  return TF_TRY(session.execute(
             "INSERT INTO onboard_deliveries (delivery, account_user, dsim_id, credentialing, kek, account, nonce_send, nonce_expect, notify, items, state, due_ms, tries, changed_ms, refused, put_ms)"
             " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', $11, 0, $12, 0, $12)"
             " ON CONFLICT (delivery) DO UPDATE SET account_user = $2, kek = $5, account = $6, nonce_send = $7, nonce_expect = $8, notify = $9, items = $10, state = 'waiting', due_ms = $11,"
             " tries = 0, changed_ms = $12, refused = 0, put_ms = $12, receipt = NULL WHERE onboard_deliveries.credentialing = $4 AND onboard_deliveries.dsim_id = $3 AND onboard_deliveries.state <> 'closed'",
             {row.delivery, row.user, row.dsim_id, row.credentialing, row.account->kek, ByteView(row.account->blob), ByteView(row.nonces.send), ByteView(row.nonces.expect), notify,
              ByteView(items), due_ms, now_ms})) == 1;
}

Result<std::optional<Row>> load_by_user(store::Session& session, std::string_view user) {
  return session.query_one(fmt::format("SELECT {} FROM onboard_deliveries WHERE account_user = $1", kColumns), {user}, read);
}

Result<std::vector<Row>> due(store::Session& session, std::string_view in_state, std::int64_t now_ms, std::int64_t limit, std::string_view credentialing) {
  std::vector<Row> out;
  const auto take = [&](const store::Row& row) -> Status {
    out.push_back(TF_TRY(read(row)));
    return {};
  };
  if (credentialing.empty())
    TF_CHECK(session.query(fmt::format("SELECT {} FROM onboard_deliveries WHERE state = $1 AND due_ms <= $2 ORDER BY due_ms LIMIT $3", kColumns), {in_state, now_ms, limit}, take));
  else
    TF_CHECK(session.query(fmt::format("SELECT {} FROM onboard_deliveries WHERE credentialing = $4 AND state = $1 AND due_ms <= $2 ORDER BY due_ms LIMIT $3", kColumns),
                           {in_state, now_ms, limit, credentialing}, take));
  return out;
}

Result<bool> is_kept(store::Session& session, std::string_view delivery) {
  return TF_TRY(session.query_one("SELECT 1 FROM onboard_deliveries WHERE delivery = $1", {delivery}, [](const store::Row&) { return true; })).value_or(false);
}

Result<std::map<std::string, std::int64_t>> count_waiting(store::Session& session) {
  std::map<std::string, std::int64_t> out;
  TF_CHECK(session.query("SELECT credentialing, COUNT(*) FROM onboard_deliveries WHERE state IN ('waiting', 'delivered') GROUP BY credentialing", {}, [&](const store::Row& row) -> Status {
    out[row.text(0)] = row.integer(1);
    return {};
  }));
  return out;
}

Status keep_nonces(store::Session& session, std::string_view delivery, const dm::Nonces& nonces) {
  TF_TRY(session.execute("UPDATE onboard_deliveries SET nonce_send = $2, nonce_expect = $3 WHERE delivery = $1", {delivery, ByteView(nonces.send), ByteView(nonces.expect)}));
  return {};
}

Status postpone(store::Session& session, std::string_view delivery, std::int64_t due_ms) {
  TF_TRY(session.execute("UPDATE onboard_deliveries SET due_ms = $2, tries = tries + 1 WHERE delivery = $1", {delivery, due_ms}));
  return {};
}

Status keep_receipt(store::Session& session, std::string_view delivery, std::string_view receipt, std::int64_t now_ms) {
  TF_TRY(session.execute("UPDATE onboard_deliveries SET state = 'delivered', receipt = $2, due_ms = $3, tries = 0, changed_ms = $3 WHERE delivery = $1 AND state = 'waiting'",
                         {delivery, receipt, now_ms}));
  return {};
}

Status close(store::Session& session, std::string_view delivery, std::int64_t now_ms) {
  TF_TRY(session.execute("UPDATE onboard_deliveries SET state = 'closed', kek = NULL, account = NULL, items = NULL, receipt = NULL, changed_ms = $2 WHERE delivery = $1",
                         {delivery, now_ms}));
  return {};
}

Status refuse_receipt(store::Session& session, std::string_view delivery, std::int64_t most, std::int64_t now_ms) {
  TF_TRY(session.execute("UPDATE onboard_deliveries SET state = CASE WHEN refused + 1 < $2 THEN 'waiting' ELSE 'refused' END, refused = refused + 1, receipt = NULL, tries = 0,"
                         " due_ms = CASE WHEN notify IS NULL THEN $4 ELSE $3 END, changed_ms = $3 WHERE delivery = $1 AND state IN ('waiting', 'delivered')", {delivery, most, now_ms, INT64_MAX}));
  TF_TRY(session.execute("UPDATE onboard_deliveries SET kek = NULL, account = NULL, items = NULL WHERE delivery = $1 AND state = 'refused'", {delivery}));
  return {};
}

Result<std::int64_t> forget(store::Session& session, std::int64_t over_before_ms, std::int64_t put_before_ms) {
  const auto over = TF_TRY(session.execute("DELETE FROM onboard_deliveries WHERE state IN ('closed', 'refused') AND changed_ms < $1", {over_before_ms}));
  return over + TF_TRY(session.execute("DELETE FROM onboard_deliveries WHERE put_ms < $1", {put_before_ms}));
}

}  // namespace tf::platform::provisioning
