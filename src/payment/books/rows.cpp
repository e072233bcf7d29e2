#include "payment/books/rows.hpp"

#include "payment/books/schema.hpp"

namespace tf::payment {
namespace {

using store::Row;
using store::Session;

constexpr std::string_view kDirect = "direct";

#define TF_ORDER_COLUMNS                                                                                                        \
  "number, user_id, order_number, content_hash, amount, currency, merchant, terminal, subject, instrument, front_end, at_ms, " \
  "state, resolved, code, reference, changed_ms, refunded, path, offer"
#define TF_REFUND_COLUMNS "number, payment, refund_number, amount, currency, front_end, at_ms, state, code, reference, changed_ms"

Result<Order> read_order(const Row& row) {
  Order out;
  out.number = row.integer(0);
  out.asked.user = row.text(1);
  out.asked.order_number = row.text(2);
  out.asked.content_hash = row.array<32>(3);
  out.asked.amount = {row.integer(4), row.text(5)};
  out.asked.merchant = row.text(6);
  out.asked.terminal = row.text(7);
  out.asked.subject = row.text(8);
  out.asked.instrument = row.text(9);
  out.front_end = row.text(10);
  out.at_ms = row.integer(11);
  out.state = TF_TRY(parse_state(row.text_view(12)));
  out.resolved = row.integer(13) != 0;
  out.code = row.text(14);
  out.reference = row.text(15);
  out.changed_ms = row.integer(16);
  out.refunded = row.integer(17);
  if (row.text_view(18) == kDirect) out.asked.gateway = out.front_end;
  out.offer = row.text(19);
  return out;
}

Result<RefundOrder> read_refund(const Row& row) {
  RefundOrder out;
  out.number = row.integer(0);
  out.order = row.integer(1);
  out.refund_number = row.text(2);
  out.amount = {row.integer(3), row.text(4)};
  out.front_end = row.text(5);
  out.at_ms = row.integer(6);
  out.state = TF_TRY(parse_refund_state(row.text_view(7)));
  out.code = row.text(8);
  out.reference = row.text(9);
  out.changed_ms = row.integer(10);
  return out;
}

template <class T>
Result<std::vector<T>> list(Session& session, std::string_view sql, std::initializer_list<store::Value> values, Result<T> (*read)(const Row&)) {
  std::vector<T> out;
  TF_CHECK(session.query(sql, values, [&](const Row& row) -> Status {
    out.push_back(TF_TRY(read(row)));
    return {};
  }));
  return out;
}

}  // namespace

Result<bool> insert_order(Session& session, const Order& order) {
  const OrderRequest& asked = order.asked;
  const auto rows = TF_TRY(session.execute(
      "INSERT INTO payment_orders (" TF_ORDER_COLUMNS ", events) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, 0) ON CONFLICT (user_id, order_number) DO NOTHING",
      {order.number, asked.user, asked.order_number, ByteView(asked.content_hash), asked.amount.minor, asked.amount.currency, asked.merchant,
       asked.terminal, asked.subject, asked.instrument, order.front_end, order.at_ms, name_of(order.state), std::int64_t{order.resolved},
       order.code, order.reference, order.changed_ms, order.refunded, asked.is_direct() ? kDirect : std::string_view("routed"), order.offer}));
  return rows == 1;
}

Result<bool> update_order(Session& session, const Order& order, State from, bool noticed) {
  const auto rows = TF_TRY(session.execute(
      "UPDATE payment_orders SET state = $1, resolved = $2, code = $3, reference = $4, changed_ms = $5, offer = $6, events = events + $9 WHERE number = $7 AND state = $8",
      {name_of(order.state), std::int64_t{order.resolved}, order.code, order.reference, order.changed_ms, order.offer, order.number, name_of(from), std::int64_t{noticed}}));
  return rows == 1;
}

Result<std::optional<Order>> load_order(Session& session, std::int64_t number) {
  return session.query_one("SELECT " TF_ORDER_COLUMNS " FROM payment_orders WHERE number = $1", {number}, read_order);
}

Result<std::optional<Order>> load_order(Session& session, const std::string& user, const std::string& order_number) {
  return session.query_one("SELECT " TF_ORDER_COLUMNS " FROM payment_orders WHERE user_id = $1 AND order_number = $2", {user, order_number}, read_order);
}

Result<std::vector<Order>> load_open_orders(Session& session) {
  return list(session, "SELECT " TF_ORDER_COLUMNS " FROM payment_orders WHERE " TF_OPEN_ORDER " ORDER BY number", {}, read_order);
}

Result<std::vector<Order>> load_orders_of(Session& session, const std::string& front_end, std::int64_t day) {
  return list(session, "SELECT " TF_ORDER_COLUMNS " FROM payment_orders WHERE number >= $1 AND number < $2 AND front_end = $3 ORDER BY number",
              {day * kNumbersADay, (day + 1) * kNumbersADay, front_end}, read_order);
}

Status insert_refund(Session& session, const RefundOrder& refund) {
  TF_CHECK(session.execute(
      "INSERT INTO payment_refunds (" TF_REFUND_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
      {refund.number, refund.order, refund.refund_number, refund.amount.minor, refund.amount.currency, refund.front_end, refund.at_ms,
       name_of(refund.state), refund.code, refund.reference, refund.changed_ms}));
  return {};
}

Result<bool> update_refund(Session& session, const RefundOrder& refund) {
  const auto rows = TF_TRY(session.execute(
      "UPDATE payment_refunds SET state = $1, code = $2, reference = $3, changed_ms = $4 WHERE number = $5 AND state = 'pending'",
      {name_of(refund.state), refund.code, refund.reference, refund.changed_ms, refund.number}));
  return rows == 1;
}

Result<std::optional<RefundOrder>> load_refund(Session& session, std::int64_t payment, const std::string& refund_number) {
  return session.query_one("SELECT " TF_REFUND_COLUMNS " FROM payment_refunds WHERE payment = $1 AND refund_number = $2", {payment, refund_number},
                           read_refund);
}

Result<std::optional<RefundOrder>> load_refund(Session& session, std::int64_t number) {
  return session.query_one("SELECT " TF_REFUND_COLUMNS " FROM payment_refunds WHERE number = $1", {number}, read_refund);
}

Result<std::vector<RefundOrder>> load_pending_refunds(Session& session) {
  return list(session, "SELECT " TF_REFUND_COLUMNS " FROM payment_refunds WHERE state = 'pending' ORDER BY number", {}, read_refund);
}

Result<std::vector<RefundOrder>> load_refunds_of(Session& session, const std::string& front_end, std::int64_t day) {
  return list(session, "SELECT " TF_REFUND_COLUMNS " FROM payment_refunds WHERE number >= $1 AND number < $2 AND front_end = $3 ORDER BY number",
              {day * kNumbersADay, (day + 1) * kNumbersADay, front_end}, read_refund);
}

Result<bool> reserve_refund(Session& session, std::int64_t payment, std::int64_t amount) {
  return TF_TRY(session.execute("UPDATE payment_orders SET refunded = refunded + $1 WHERE number = $2 AND refunded + $1 <= amount",
                                {amount, payment})) == 1;
}

Status release_refund(Session& session, std::int64_t payment, std::int64_t amount) {
  TF_CHECK(session.execute("UPDATE payment_orders SET refunded = refunded - $1 WHERE number = $2", {amount, payment}));
  return {};
}

Result<std::int64_t> load_last_number(Session& session) {
  std::int64_t last = 0;
  for (const char* sql : {"SELECT COALESCE(MAX(number), 0) FROM payment_orders", "SELECT COALESCE(MAX(number), 0) FROM payment_refunds"}) {
    const auto found = TF_TRY(session.query_one(sql, {}, [](const Row& row) { return row.integer(0); }));
    last = std::max(last, found.value_or(0));
  }
  return last;
}

Result<std::int64_t> next_event(Session& session, std::int64_t payment) {
  // Two statements: SQLite makes a table for what RETURNING gives, and that takes twice as long.
  TF_TRY(session.execute("UPDATE payment_orders SET events = events + 1 WHERE number = $1", {payment}));
  return last_event(session, payment);
}

Result<std::int64_t> last_event(Session& session, std::int64_t payment) {
  const auto found = TF_TRY(session.query_one("SELECT events FROM payment_orders WHERE number = $1", {payment}, [](const Row& row) { return row.integer(0); }));
  if (!found) return Error{Code::integrity, "payment.no_order", transaction_of(payment)};
  return *found;
}

Result<Usage> load_usage(Session& session, Of of, const std::string& who, const std::string& currency) {
  const auto found = TF_TRY(session.query_one("SELECT day, sum, count, recent FROM payment_usage WHERE scope = $1 AND who = $2 AND currency = $3",
                                              {name_of(of), who, currency}, [](const Row& row) -> Result<Usage> {
                                                return Usage{row.integer(0), row.integer(1), row.integer(2), TF_TRY(decode_recent(row.bytes_view(3)))};
                                              }));
  return found.value_or(Usage{});
}

Status save_usage(Session& session, Of of, const std::string& who, const std::string& currency, const Usage& usage) {
  const Bytes recent = encode_recent(usage);
  TF_CHECK(session.execute(
      "INSERT INTO payment_usage (scope, who, currency, day, sum, count, recent) VALUES ($1, $2, $3, $4, $5, $6, $7) "
      "ON CONFLICT (scope, who, currency) DO UPDATE SET day = $4, sum = $5, count = $6, recent = $7",
      {name_of(of), who, currency, usage.day, usage.sum, usage.count, ByteView(recent)}));
  return {};
}

}  // namespace tf::payment
