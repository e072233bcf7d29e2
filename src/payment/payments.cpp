#include "payment/payments.hpp"

#include "payment/desk/desk.hpp"

namespace tf::payment {

Payments::Payments(std::shared_ptr<Desk> desk) : desk_(std::move(desk)) {}
Payments::~Payments() { desk_->close(); }

Result<std::unique_ptr<Payments>> Payments::open(PaymentPorts ports, PaymentSettings settings, Router router, std::vector<FrontEnd*> front_ends) {
  auto desk = std::make_shared<Desk>(ports, settings, std::move(router), std::move(front_ends));
  std::unique_ptr<Payments> out(new Payments(desk));
  TF_CHECK(desk->take_up());
  return out;
}

void Payments::place(OrderRequest request, std::optional<PinBlock> pin, Done done) {
  desk_->place(std::move(request), std::move(pin), std::move(done));
}

void Payments::refund(RefundRequest request, RefundDone done) { desk_->refund(std::move(request), std::move(done)); }

Result<std::optional<Order>> Payments::find(const std::string& user, const std::string& order_number) const {
  return desk_->ports.books.find(user, order_number);
}

Result<std::optional<Order>> Payments::find(const std::string& transaction) const {
  return desk_->ports.books.find(TF_TRY(number_of(transaction)));
}

Result<std::optional<RefundOrder>> Payments::find_refund(const std::string& transaction, const std::string& refund_number) const {
  auto found = TF_TRY(desk_->ports.books.find_refund(TF_TRY(number_of(transaction)), refund_number));
  if (!found) return std::optional<RefundOrder>();
  return std::optional<RefundOrder>(std::move(found->refund));
}

Status Payments::hear(const std::string& front_end, const std::string& transaction, Outcome outcome) {
  const auto order = TF_TRY(find(transaction));
  if (!order || order->front_end != front_end) return Error{Code::not_found, "payment.no_order", transaction + " is no order of " + front_end};
  desk_->hear(*order, std::move(outcome));
  return {};
}

void Payments::brought(const std::string& transaction, bool will_pay, Done done) {
  auto order = find(transaction);
  if (!order) return done(order.error());
  if (!*order) return done(Error{Code::not_found, "payment.no_order", transaction});
  desk_->brought(**order, will_pay, std::move(done));
}

void Payments::decide(const std::string& transaction, bool paid, Along along, Done done) {
  auto order = find(transaction);
  if (!order) return done(order.error());
  if (!*order) return done(Error{Code::not_found, "payment.no_order", transaction});
  desk_->decide(**order, paid, std::move(along), std::move(done));
}

void Payments::decide_refund(const std::string& transaction, const std::string& refund_number, bool given_back, Along along, RefundDone done) {
  auto refund = find_refund(transaction, refund_number);
  if (!refund) return done(refund.error());
  if (!*refund) return done(Error{Code::not_found, "payment.no_refund", transaction + " has no refund " + refund_number});
  desk_->decide(**refund, given_back, std::move(along), std::move(done));
}

Status Payments::check_stuck(const Order& order) const { return desk_->check_stuck(order); }
Status Payments::check_stuck(const RefundOrder& refund) const { return desk_->check_stuck(refund); }

const Router& Payments::router() const { return desk_->router; }

bool Payments::healthy(const std::string& front_end) const {
  const FrontEnd* found = desk_->front_end(front_end);
  return found != nullptr && found->healthy();
}

std::size_t Payments::under_way() const { return desk_->under_way(); }

}  // namespace tf::payment
