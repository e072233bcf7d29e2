// Refunds at the desk: booked, sent until they are answered or operators decide them, ended.
#include <algorithm>

#include "base/log.hpp"
#include "payment/books/write_again.hpp"
#include "payment/desk/desk.hpp"
#include "payment/money.hpp"

namespace tf::payment {
namespace {

Error refund_changed() { return {Code::conflict, "payment.refund_changed", "this refund number was used for another refund"}; }

Status check(const RefundRequest& request) {
  const auto invalid = [](const char* what) { return Error{Code::invalid, "payment.refund", what}; };
  if (request.refund_number.empty() || request.refund_number.size() > 64) return invalid("the refund number");
  if (request.amount.minor <= 0 || request.amount.minor > kMostMinor || !is_currency(request.amount.currency)) return invalid("the amount");
  return {};
}

}  // namespace

void Payments::Desk::refund(RefundRequest request, RefundDone done) {
  const Inside inside(*this);
  if (!inside) return done(Error{Code::unavailable, "payment.stopping", "the program ends"});
  const auto order = number_of(request.transaction);
  if (!order) return done(order.error());
  if (const Status good = check(request); !good) return done(good.error());
  std::optional<Result<RefundOrder>> answer;
  LiveRefundPtr live;
  {
    const std::lock_guard lock(mutex_);
    const std::string key = request.transaction + '\n' + request.refund_number;
    if (const auto found = refunds_.find(key); found != refunds_.end()) {
      LiveRefund& there = *found->second;
      if (there.refund.amount != request.amount) {
        answer = refund_changed();
      } else if (there.tries == 0) {
        there.waiting.push_back(std::move(done));
      } else {
        answer = there.refund;
      }
    } else {
      const std::int64_t now = ports.clock.now_ms();
      live = std::make_shared<LiveRefund>(LiveRefund{.key = key});
      live->refund = {.number = take_number(now), .order = *order, .refund_number = request.refund_number, .amount = request.amount, .at_ms = now, .changed_ms = now, .along = std::move(request.along)};
      live->waiting.push_back(std::move(done));
      refunds_.emplace(key, live);
      open_.add();
    }
  }
  if (answer) return done(std::move(*answer));
  if (!live) return;
  ports.books.book_refund(live->refund, [self = shared_from_this(), live](Result<RefundBooking> booking) {
    const Inside inside_too(*self);
    if (inside_too) self->refund_booked(live, std::move(booking));
  });
}

void Payments::Desk::refund_booked(const LiveRefundPtr& live, Result<RefundBooking> booking) {
  if (!booking) {
    give_up(live, booking.error());
    if (may_be_written(booking.error())) look_later(live, 0);
    return;
  }
  if (booking->refund.amount != live->refund.amount) return give_up(live, refund_changed());
  const std::lock_guard lock(mutex_);
  live->known = true;
  live->refund = std::move(booking->refund);
  live->order = std::move(booking->order);
  live->front_end = front_end(live->refund.front_end);
  if (live->refund.state != RefundState::pending) return tell(live);
  post([this, live] { send_refund(live); });
}

// As with orders: it may be in the books although the commit was reported as failed.
void Payments::Desk::look_later(const LiveRefundPtr& live, int tries) {
  after(back_off(tries, settings.longest_refund_ms), [this, live, tries] { look(live, tries); });
}

void Payments::Desk::look(const LiveRefundPtr& live, int tries) {
  auto found = ports.books.find_refund(live->refund.order, live->refund.refund_number);
  if (!found) return look_later(live, tries + 1);
  if (!*found || (*found)->refund.state != RefundState::pending) return;
  const std::lock_guard lock(mutex_);
  if (!refunds_.try_emplace(live->key, live).second) return;
  open_.add();
  live->known = true;
  live->refund = std::move((*found)->refund);
  live->order = std::move((*found)->order);
  live->front_end = front_end(live->refund.front_end);
  post([this, live] { send_refund(live); });
}

void Payments::Desk::send_refund(const LiveRefundPtr& live) {
  std::unique_lock lock(mutex_);
  if (live->writing || live->refund.state != RefundState::pending) return;  // decided while this waited
  const Refund refund = live->refund.refund(live->order);
  lock.unlock();
  if (live->front_end == nullptr) return refund_answered(live, {Verdict::unknown, "no_front_end", {}});
  live->front_end->refund(refund, watched([this, live](Outcome outcome) { refund_answered(live, std::move(outcome)); }, [this, live](const Outcome& outcome) {
    const std::lock_guard inside_lock(mutex_);
    came_late(live, outcome);
  }));
}

void Payments::Desk::refund_answered(const LiveRefundPtr& live, Outcome outcome) {
  std::unique_lock lock(mutex_);
  if (live->writing || live->refund.state != RefundState::pending) return came_late(live, outcome);
  if (const auto state = step(live->refund.state, outcome.verdict)) return end_refund(live, *state, std::move(outcome), {}, lock);
  after(back_off(live->tries++, settings.longest_refund_ms), [this, live] { send_refund(live); });
  tell(live);
}

// What changes nothing any more; of a refund that operators decided it may say that they were wrong.
void Payments::Desk::came_late(const LiveRefundPtr& live, const Outcome& outcome) {
  if (live->writing) return live->heard.push_back(outcome);
  late_.add();
  const RefundOrder& refund = live->refund;
  const bool given_back = outcome.verdict == Verdict::done;
  if (refund.code != kDecided || refund.state == RefundState::pending || outcome.verdict == Verdict::unknown || given_back == (refund.state == RefundState::done)) return;
  log::error("payment: refund " + refund.transaction() + " was decided to be " + std::string(name_of(refund.state)) + "; " + refund.front_end + " says otherwise");
  post([this, order = live->order, refund, said = (given_back ? "refunded " : "not refunded ") + outcome.code] { contradict(order, refund, said, 0); });
}

// --- operators -----------------------------------------------------------------------------------------------------------

Status Payments::Desk::check_stuck(const RefundOrder& refund) const {
  if (refund.state != RefundState::pending) return Error{Code::conflict, "payment.has_ended", "refund " + refund.refund_number + " is " + std::string(name_of(refund.state))};
  if (ports.clock.now_ms() - refund.at_ms >= settings.decide_after_ms) return {};
  return Error{Code::conflict, "payment.not_stuck", "refund " + refund.refund_number + " is still being found out"};
}

void Payments::Desk::decide(const RefundOrder& refund, bool given_back, Along along, RefundDone done) {
  const Inside inside(*this);
  if (!inside) return done(Error{Code::unavailable, "payment.stopping", "the program ends"});
  std::unique_lock lock(mutex_);
  const auto found = refunds_.find(transaction_of(refund.order) + '\n' + refund.refund_number);
  const LiveRefundPtr live = found == refunds_.end() ? nullptr : found->second;
  const Status good = !live                           ? Status(Error{Code::conflict, "payment.has_ended", "refund " + refund.refund_number})
                      : !live->known || live->writing ? Status(Error{Code::conflict, "payment.moving", "refund " + refund.refund_number + " is about to change; try again"})
                                                      : check_stuck(live->refund);
  if (!good) {
    lock.unlock();
    return done(good.error());
  }
  live->waiting.push_back(std::move(done));
  end_refund(live, given_back ? RefundState::done : RefundState::declined, {Verdict::unknown, std::string(kDecided), {}}, std::move(along), lock);
}

// --- the end -------------------------------------------------------------------------------------------------------------

void Payments::Desk::end_refund(const LiveRefundPtr& live, RefundState state, Outcome outcome, Along along, std::unique_lock<std::mutex>& lock) {
  RefundOrder next = live->refund;
  next.state = state;
  next.code = std::move(outcome.code);
  next.reference = std::move(outcome.reference);
  next.changed_ms = ports.clock.now_ms();
  next.along = std::move(along);
  live->writing = true;
  lock.unlock();
  write_refund(live, std::move(next), 0);
}

void Payments::Desk::write_refund(const LiveRefundPtr& live, RefundOrder next, int failures) {
  const auto held = std::make_shared<const RefundOrder>(std::move(next));
  ports.books.write_refund(*held, [self = shared_from_this(), live, held, failures](const Status& status) {
    const Inside inside(*self);
    if (inside) self->refund_written(live, *held, status, failures);
  });
}

void Payments::Desk::refund_written(const LiveRefundPtr& live, const RefundOrder& next, const Status& status, int failures) {
  if (!status) {
    const bool hopeless = status.error().code == Code::conflict || status.error().code == Code::integrity;
    log::write(hopeless ? log::Level::error : log::Level::warn,
               "payment: refund " + next.transaction() + " as " + std::string(name_of(next.state)) + ": " + describe(status.error()));
    if (hopeless) return give_up(live, status.error());
    const std::int64_t delay = write_again_ms(failures);
    return after(std::chrono::milliseconds(delay), [this, live, next, failures] { write_refund(live, next, failures + 1); });
  }
  const std::lock_guard lock(mutex_);
  live->refund = next;
  live->refund.along = {};
  live->writing = false;
  if (next.state == RefundState::done) refunded_.add();
  tell(live);
  for (const Outcome& outcome : std::exchange(live->heard, {})) came_late(live, outcome);
}

void Payments::Desk::tell(const LiveRefundPtr& live) {
  if (live->refund.state != RefundState::pending && refunds_.erase(live->key) > 0) open_.subtract();
  if (live->waiting.empty()) return;
  post([refund = live->refund, waiting = std::exchange(live->waiting, {})]() mutable {
    for (RefundDone& done : waiting) done(refund);
  });
}

void Payments::Desk::give_up(const LiveRefundPtr& live, const Error& error) {
  std::vector<RefundDone> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting = std::move(live->waiting);
    if (refunds_.erase(live->key) > 0) open_.subtract();
  }
  for (RefundDone& done : waiting) done(error);
}

}  // namespace tf::payment
