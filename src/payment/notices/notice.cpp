#include "payment/notices/notice.hpp"

#include <fmt/format.h>

#include "payment/money.hpp"
#include "wire/json.hpp"

namespace tf::payment {
namespace {

wire::JsonWriter begin(const Order& order, std::int64_t sequence, const std::string& type) {
  wire::JsonWriter out;
  out.begin_object().member("event", event_id(order.number, sequence)).member("sequence", sequence).member("type", type)
      .member("merchant", order.asked.merchant).member("transaction", order.transaction()).member("order_number", order.asked.order_number)
      .member("terminal", order.asked.terminal).member("subject", order.asked.subject);
  return out;
}

}  // namespace

std::string event_id(std::int64_t payment, std::int64_t sequence) { return fmt::format("{}-{}", transaction_of(payment), sequence); }

Notice notice_of(const Order& order, std::int64_t sequence) {
  wire::JsonWriter out = begin(order, sequence, "payment." + std::string(name_of(order.state)));
  out.member("amount", format_money(order.asked.amount)).member("currency", order.asked.amount.currency).member("at_ms", order.changed_ms).end_object();
  return {order.number, sequence, order.asked.merchant, out.take()};
}

Notice notice_of(const Order& order, const RefundOrder& refund, std::int64_t sequence) {
  wire::JsonWriter out = begin(order, sequence, "refund." + std::string(name_of(refund.state)));
  out.member("refund", refund.refund_number).member("refund_transaction", refund.transaction()).member("amount", format_money(refund.amount))
      .member("currency", refund.amount.currency).member("at_ms", refund.changed_ms).end_object();
  return {order.number, sequence, order.asked.merchant, out.take()};
}

}  // namespace tf::payment
