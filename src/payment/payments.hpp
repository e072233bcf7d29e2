// Payments at work: takes orders and refunds, performs what the machine says (machine.hpp), settles what is open, also what
// an earlier run left behind. Every method may be called from any thread and returns without waiting for disk or network; who is
// waiting is told on a thread of the runner, or at once where there is nothing to wait for.
#pragma once
#include <map>
#include <memory>

#include "base/ports.hpp"
#include "metrics/registry.hpp"
#include "payment/books/books.hpp"
#include "payment/desk/machine.hpp"
#include "payment/desk/runner.hpp"
#include "payment/rules/routing.hpp"

namespace tf::payment {

struct PaymentSettings {
  int utc_offset_minutes = 0;
  std::int64_t patience_ms = 90'000;     // how long a front end may take to call back
  int queries = 6;                       // after 1, 2, 4, 8, 16, 32 s; then a reversal
  std::int64_t back_off_ms = 1'000;      // doubled each time …
  std::int64_t longest_ms = 300'000;     // … up to this for orders
  std::int64_t longest_refund_ms = 3'600'000;
  std::int64_t offer_ms = 960'000;       // direct: after it the order is taken back; longer than any gateway takes it
  std::int64_t decide_after_ms = 900'000;  // without change, before operators may decide
  std::span<const Transition> table = kTransitions;  // another one only to show that tests would notice
};

// All of these outlive the Payments.
struct PaymentPorts {
  Books& books;
  Runner& runner;
  const Clock& clock;
  metrics::Registry& metrics;
};

class Payments {
 public:
  // Takes up what the books have open, and begins to settle it.
  static Result<std::unique_ptr<Payments>> open(PaymentPorts ports, PaymentSettings settings, Router router, std::vector<FrontEnd*> front_ends);
  // Who still waits is told Code::unavailable "payment.stopping"; what is open is settled after the next start.
  ~Payments();

  // The order at its end; or pending (unknown, reversing): repeat the same order later. The same order again gets the same answer.
  // Errors: invalid "payment.order"; conflict "payment.order_changed"; refused "payment.no_route"; unavailable
  // "payment.no_front_end"; those of the database. After an error nothing was sent.
  using Done = std::move_only_function<void(Result<Order>)>;
  void place(OrderRequest request, std::optional<PinBlock> pin, Done done);

  // The refund at its end; or pending when the first attempt was not answered: repeat it later, or wait for the webhook.
  // Errors: invalid "payment.refund", "payment.transaction"; conflict "payment.refund_changed"; those of Books::book_refund.
  using RefundDone = std::move_only_function<void(Result<RefundOrder>)>;
  void refund(RefundRequest request, RefundDone done);

  // What the books have.
  [[nodiscard]] Result<std::optional<Order>> find(const std::string& user, const std::string& order_number) const;
  [[nodiscard]] Result<std::optional<Order>> find(const std::string& transaction) const;
  [[nodiscard]] Result<std::optional<RefundOrder>> find_refund(const std::string& transaction, const std::string& refund_number) const;

  // What a front end told by itself of an order of its own: an open order ends by it, an ended one does not change. Code::not_found
  // "payment.no_order".
  Status hear(const std::string& front_end, const std::string& transaction, Outcome outcome);

  // Direct: what the phone brought back from the gateway, verified. It is not believed but a reason to ask at once; where the phone will
  // not pay any more the order is taken back. The order as it is then; pending: ask again. Code::not_found "payment.no_order".
  void brought(const std::string& transaction, bool will_pay, Done done);

  // Operators say how an order ended that nobody else can tell of: unknown, or reversing, and unchanged for PaymentSettings::decide_after_ms.
  // along: written with the end; must not refuse. A front end that says otherwise afterwards moves nothing: Books::contradicted.
  // Code::not_found "payment.no_order"; Code::conflict "payment.has_ended", "payment.not_stuck", "payment.moving".
  void decide(const std::string& transaction, bool paid, Along along, Done done);
  [[nodiscard]] Status check_stuck(const Order& order) const;  // the conflicts of decide
  // The same of a refund that stays pending; it has to be as old. It is not sent again after that.
  void decide_refund(const std::string& transaction, const std::string& refund_number, bool given_back, Along along, RefundDone done);
  [[nodiscard]] Status check_stuck(const RefundOrder& refund) const;

  // For explain: the health of the front ends as routing sees it.
  [[nodiscard]] const Router& router() const;
  [[nodiscard]] bool healthy(const std::string& front_end) const;
  [[nodiscard]] std::size_t under_way() const;  // orders and refunds not at their end

 private:
  class Desk;
  explicit Payments(std::shared_ptr<Desk> desk);
  std::shared_ptr<Desk> desk_;
};

}  // namespace tf::payment
