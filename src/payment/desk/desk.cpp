#include "payment/desk/desk.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace tf::payment {
namespace {

std::map<std::string, FrontEnd*> by_name(std::vector<FrontEnd*> front_ends) {
  std::map<std::string, FrontEnd*> out;
  for (FrontEnd* front_end : front_ends) out.emplace(front_end->name(), front_end);
  return out;
}

metrics::Counter& ends(metrics::Registry& registry, State state) {
  return registry.counter("trustferry_payment_orders_total", "Orders that ended", {{"state", std::string(name_of(state))}});
}

}  // namespace

Payments::Desk::Inside::Inside(Desk& desk) : desk_(desk), entered_((desk.gate_.fetch_add(1) & kClosed) == 0) {
  if (!entered_) desk.leave();
}

Payments::Desk::Inside::~Inside() {
  if (entered_) desk_.leave();
}

// The last one out of a closed desk tells who waits for that.
void Payments::Desk::leave() {
  if (gate_.fetch_sub(1) != (kClosed | 1)) return;
  const std::lock_guard lock(mutex_);
  left_.notify_all();
}

Payments::Desk::Desk(PaymentPorts to, PaymentSettings how, Router by, std::vector<FrontEnd*> front_ends)
    : ports(to), settings(how), router(std::move(by)), front_ends_(by_name(std::move(front_ends))),
      captured_(ends(to.metrics, State::captured)), declined_(ends(to.metrics, State::declined)), reversed_(ends(to.metrics, State::reversed)),
      resolved_(to.metrics.counter("trustferry_payment_resolved_total", "Orders that ended by query or reversal")),
      late_(to.metrics.counter("trustferry_payment_late_answers_total", "Answers of front ends that came when they did not matter any more")),
      refunded_(to.metrics.counter("trustferry_payment_refunds_total", "Refunds that were carried out")),
      open_(to.metrics.gauge("trustferry_payment_open", "Orders and refunds under way")) {}

FrontEnd* Payments::Desk::front_end(const std::string& name) const {
  const auto found = front_ends_.find(name);
  return found == front_ends_.end() ? nullptr : found->second;
}

std::size_t Payments::Desk::under_way() {
  const std::lock_guard lock(mutex_);
  return orders_.size() + refunds_.size();
}

Status Payments::Desk::take_up() {
  Opening opening = TF_TRY(ports.books.load());
  if (!opening.orders.empty() || !opening.refunds.empty())
    log::info("payment: " + std::to_string(opening.orders.size()) + " orders and " + std::to_string(opening.refunds.size()) + " refunds to settle");
  std::vector<LivePtr> orders;
  std::vector<LiveRefundPtr> refunds;
  {
    const std::lock_guard lock(mutex_);
    last_number_ = opening.last_number;
    open_.add(static_cast<std::int64_t>(opening.orders.size() + opening.refunds.size()));
    for (Order& order : opening.orders) {
      auto live = std::make_shared<Live>(Live{.key = order.asked.user + '\n' + order.asked.order_number, .order = std::move(order), .known = true});
      live->front_end = front_end(live->order.front_end);
      orders_.emplace(live->key, live);
      orders.push_back(std::move(live));
    }
    for (RefundBooking& booking : opening.refunds) {
      auto live = std::make_shared<LiveRefund>(LiveRefund{.key = booking.order.transaction() + '\n' + booking.refund.refund_number,
                                                          .refund = std::move(booking.refund), .order = std::move(booking.order), .known = true});
      live->front_end = front_end(live->refund.front_end);
      refunds_.emplace(live->key, live);
      refunds.push_back(std::move(live));
    }
  }
  for (const LivePtr& live : orders) post([this, live] { happen(live, Event::restarted, {Verdict::unknown, "restart", {}}); });
  for (const LiveRefundPtr& live : refunds) post([this, live] { send_refund(live); });
  return {};
}

void Payments::Desk::close() {
  std::vector<Done> waiting;
  std::vector<RefundDone> waiting_refunds;
  {
    std::unique_lock lock(mutex_);
    gate_.fetch_or(kClosed);
    left_.wait(lock, [this] { return gate_ == kClosed; });
    for (auto& [key, live] : orders_) std::ranges::move(live->waiting, std::back_inserter(waiting));
    for (auto& [key, live] : refunds_) std::ranges::move(live->waiting, std::back_inserter(waiting_refunds));
    orders_.clear();
    refunds_.clear();
    watches_.clear();
  }
  const Error stopping{Code::unavailable, "payment.stopping", "the program ends; what is open is settled after the next start"};
  for (Done& done : waiting) done(stopping);
  for (RefundDone& done : waiting_refunds) done(stopping);
}

std::int64_t Payments::Desk::take_number(std::int64_t now_ms) {
  last_number_ = number_after(last_number_, day_of(now_ms, settings.utc_offset_minutes));
  return last_number_;
}

std::chrono::milliseconds Payments::Desk::back_off(int tries, std::int64_t longest_ms) const {
  std::int64_t delay = settings.back_off_ms;
  for (int i = 0; i < tries && delay < longest_ms; ++i) delay *= 2;
  return std::chrono::milliseconds(std::min(delay, longest_ms));
}

bool Payments::Desk::may_be_written(const Error& error) {
  return error.code == Code::unavailable || error.code == Code::integrity || error.code == Code::internal;
}

FrontEnd::Done Payments::Desk::watched(FrontEnd::Done then, Late late) {
  auto call = std::make_shared<Call>(std::move(then));
  const std::lock_guard lock(mutex_);
  watches_.push_back({ports.clock.monotonic_ms() + settings.patience_ms, call});
  if (!sweeping_) {
    sweeping_ = true;
    after(std::chrono::milliseconds(settings.patience_ms / 8 + 1), [this] { sweep(); });
  }
  return [self = shared_from_this(), call, late = std::move(late)](Outcome outcome) {
    const Inside inside(*self);
    if (!inside || call->answer(outcome)) return;
    late ? late(outcome) : self->late_.add();
  };
}

// Those that were answered go as far as they are the oldest; those that nobody answered are given up.
void Payments::Desk::sweep() {
  std::vector<std::shared_ptr<Call>> given_up;
  {
    const std::lock_guard lock(mutex_);
    const std::int64_t now = ports.clock.monotonic_ms();
    while (!watches_.empty() && (watches_.front().call->answered() || watches_.front().until_ms <= now)) {
      if (!watches_.front().call->answered()) given_up.push_back(std::move(watches_.front().call));
      watches_.pop_front();
    }
    sweeping_ = !watches_.empty();
    if (sweeping_) after(std::chrono::milliseconds(settings.patience_ms / 8 + 1), [this] { sweep(); });
  }
  for (const auto& call : given_up) call->answer({Verdict::unknown, "timeout", {}});
}

}  // namespace tf::payment
