// The books: what is durable of orders and refunds. the database keeps them (stored_books.hpp); a simulation keeps them in
// memory; tests/payment/books_contract.cpp holds both to the same promises. Calls return at once; what they are given is called
// once, after the commit or with the reason why there is none: an error says "not written, or not known to be".
#pragma once
#include <functional>
#include <vector>

#include "base/result.hpp"
#include "payment/order.hpp"
#include "payment/rules/limits.hpp"

namespace tf::payment {

struct Booking {
  bool found = false;  // (user, order number) was there before: order is what the books have, whatever was asked
  Order order{};       // new: sent, or declined with a code "limit_…"
};
struct RefundBooking {
  bool found = false;
  RefundOrder refund{};
  Order order{};  // the payment
};

// What a start has to know.
struct Opening {
  std::int64_t last_number = 0;
  std::vector<Order> orders;  // sent, offered, unknown, reversing
  std::vector<RefundBooking> refunds;  // pending
};

class Books {
 public:
  using Booked = std::move_only_function<void(Result<Booking>)>;
  using RefundBooked = std::move_only_function<void(Result<RefundBooking>)>;
  using Written = std::move_only_function<void(Status)>;
  virtual ~Books() = default;

  // Books a new order (its state is sent), with the counters of its limits.
  virtual void book(Order order, Booked done) = 0;
  // The order as it is now: state, resolved, code, reference, offer, changed_ms; asked.along along with it. from: its state in the books. The same again is no error;
  // any other state there is Code::conflict "payment.moved".
  virtual void write(const Order& order, State from, Written done) = 0;
  // Books a refund of refund.order, reserving its amount. Code::not_found "payment.no_order"; Code::refused "payment.not_captured",
  // "payment.refund_too_much", "payment.currency".
  virtual void book_refund(RefundOrder refund, RefundBooked done) = 0;
  // The front end says of an order that operators decided, or of this refund of it, that it went the other way: nothing moves, an alarm is
  // raised, once.
  virtual void contradicted(const Order& order, const std::optional<RefundOrder>& refund, const std::string& said, Written done) = 0;
  // Its end, and `along` with it. A declined one lets go of its amount.
  virtual void write_refund(const RefundOrder& refund, Written done) = 0;

  virtual Result<std::optional<Order>> find(const std::string& user, const std::string& order_number) = 0;
  virtual Result<std::optional<Order>> find(std::int64_t number) = 0;
  virtual Result<std::optional<RefundBooking>> find_refund(std::int64_t order, const std::string& refund_number) = 0;
  virtual Result<Opening> load() = 0;
};

}  // namespace tf::payment
