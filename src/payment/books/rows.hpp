// The SQL of orders, refunds and usage. Private to the room, and for the platform's lists.
#pragma once
#include <optional>
#include <vector>

#include "payment/order.hpp"
#include "payment/rules/limits.hpp"
#include "store/session.hpp"

namespace tf::payment {

// False when (user, order number) is there already; then nothing is written.
Result<bool> insert_order(store::Session& session, const Order& order);
// False when the order is not in state from.
Result<bool> update_order(store::Session& session, const Order& order, State from, bool noticed);
Result<std::optional<Order>> load_order(store::Session& session, std::int64_t number);
Result<std::optional<Order>> load_order(store::Session& session, const std::string& user, const std::string& order_number);
Result<std::vector<Order>> load_open_orders(store::Session& session);
// Of one front end, booked on one day of the books (YYYYMMDD), by number.
Result<std::vector<Order>> load_orders_of(store::Session& session, const std::string& front_end, std::int64_t day);

Status insert_refund(store::Session& session, const RefundOrder& refund);
Result<bool> update_refund(store::Session& session, const RefundOrder& refund);  // false: it is not pending
Result<std::optional<RefundOrder>> load_refund(store::Session& session, std::int64_t payment, const std::string& refund_number);
Result<std::optional<RefundOrder>> load_refund(store::Session& session, std::int64_t number);
Result<std::vector<RefundOrder>> load_pending_refunds(store::Session& session);
Result<std::vector<RefundOrder>> load_refunds_of(store::Session& session, const std::string& front_end, std::int64_t day);
// True when so much more can be given back; it is reserved then.
Result<bool> reserve_refund(store::Session& session, std::int64_t payment, std::int64_t amount);
Status release_refund(store::Session& session, std::int64_t payment, std::int64_t amount);

Result<std::int64_t> load_last_number(store::Session& session);
// The next number of an event of this payment; the last one, which is also what update_order() took for it where it is noticed.
Result<std::int64_t> next_event(store::Session& session, std::int64_t payment);
Result<std::int64_t> last_event(store::Session& session, std::int64_t payment);

Result<Usage> load_usage(store::Session& session, Of of, const std::string& who, const std::string& currency);
Status save_usage(store::Session& session, Of of, const std::string& who, const std::string& currency, const Usage& usage);

}  // namespace tf::payment
