#include "payment/notices/outbox.hpp"

namespace tf::payment {
namespace {

using store::Row;
using store::Session;

Due read_due(const Row& row) {
  return {.notice = {.payment = row.integer(0), .sequence = row.integer(1), .merchant = row.text(2), .body = row.text(3)},
          .created_ms = row.integer(4), .due_ms = row.integer(5), .attempts = static_cast<int>(row.integer(6)), .last_error = row.text(7)};
}

Result<std::vector<Due>> list(Session& session, std::string_view sql, std::initializer_list<store::Value> values) {
  std::vector<Due> out;
  TF_CHECK(session.query(sql, values, [&](const Row& row) -> Status {
    out.push_back(read_due(row));
    return {};
  }));
  return out;
}

}  // namespace

Status insert_notice(Session& session, const Notice& notice, std::int64_t now_ms) {
  TF_CHECK(session.execute(
      "INSERT INTO payment_events (payment, sequence, merchant, body, created_ms, due_ms, attempts, state, last_error) "
      "VALUES ($1, $2, $3, $4, $5, $5, 0, 'waiting', '')",
      {notice.payment, notice.sequence, notice.merchant, notice.body, now_ms}));
  return {};
}

Result<std::vector<std::string>> load_merchants_due(Session& session, std::int64_t until_ms) {
  std::vector<std::string> out;
  TF_CHECK(session.query("SELECT merchant, MIN(due_ms) FROM payment_events WHERE state = 'waiting' AND due_ms <= $1 GROUP BY merchant ORDER BY 2", {until_ms},
                         [&](const Row& row) -> Status {
                           out.push_back(row.text(0));
                           return {};
                         }));
  return out;
}

Result<std::optional<Due>> load_first_due(Session& session, const std::string& merchant, std::int64_t until_ms) {
  return session.query_one(
      "SELECT payment, sequence, merchant, body, created_ms, due_ms, attempts, last_error FROM payment_events AS e "
      "WHERE state = 'waiting' AND merchant = $1 AND due_ms <= $2 AND NOT EXISTS (SELECT 1 FROM payment_events AS b WHERE b.payment = e.payment "
      "AND b.sequence < e.sequence AND b.state = 'waiting') ORDER BY due_ms, payment, sequence LIMIT 1",
      {merchant, until_ms}, read_due);
}

Status mark_delivered(Session& session, const Notice& notice, int attempts) {
  TF_CHECK(session.execute("UPDATE payment_events SET state = 'delivered', attempts = $1, last_error = '' WHERE payment = $2 AND sequence = $3",
                           {std::int64_t{attempts}, notice.payment, notice.sequence}));
  return {};
}

Status mark_failed(Session& session, const Notice& notice, int attempts, std::optional<std::int64_t> due_ms, const std::string& error) {
  TF_CHECK(session.execute(
      "UPDATE payment_events SET state = $1, attempts = $2, due_ms = $3, last_error = $4 WHERE payment = $5 AND sequence = $6",
      {std::string_view(due_ms ? "waiting" : "given_up"), std::int64_t{attempts}, due_ms.value_or(0), error, notice.payment, notice.sequence}));
  return {};
}

Result<std::vector<Due>> load_given_up(Session& session, std::int64_t most) {
  return list(session,
              "SELECT payment, sequence, merchant, body, created_ms, due_ms, attempts, last_error FROM payment_events WHERE state = 'given_up' "
              "ORDER BY payment DESC, sequence LIMIT $1",
              {most});
}

Status forget_delivered(Session& session, std::int64_t before_ms) {
  TF_CHECK(session.execute("DELETE FROM payment_events WHERE state = 'delivered' AND created_ms < $1", {before_ms}));
  return {};
}

}  // namespace tf::payment
