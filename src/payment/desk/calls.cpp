// Orders at the desk: what the front end is asked to do, what it answers, what the phone and the operators say.
#include "base/log.hpp"
#include "payment/desk/desk.hpp"

namespace tf::payment {
namespace {

constexpr std::int64_t kNoteAgainMs = 1'000;
constexpr std::int64_t kNoteAgainLongestMs = 60'000;

// Whether the front end says by it that the money went; nothing: it says nothing about that.
std::optional<bool> says_paid(Event event) {
  switch (event) {
    case Event::paid:
    case Event::found_paid:
    case Event::stands: return true;
    case Event::not_paid:
    case Event::found_not_paid:
    case Event::undone: return false;
    default: return std::nullopt;
  }
}

}  // namespace

Payments::Desk::Late Payments::Desk::late_of(const LivePtr& live, Event if_done, Event if_declined) {
  return [this, live, if_done, if_declined](const Outcome& outcome) {
    const std::lock_guard lock(mutex_);
    const bool done = outcome.verdict == Verdict::done;
    came_late(live->order, outcome.verdict == Verdict::unknown ? Event::not_found_out : done ? if_done : if_declined, outcome);
  };
}

void Payments::Desk::send(const LivePtr& live, std::optional<PinBlock> pin) {
  if (live->order.asked.is_direct()) return offer(live);
  live->front_end->pay(live->order.payment(), std::move(pin), watched([this, live](Outcome outcome) {
    const Event event = outcome.verdict == Verdict::done ? Event::paid : outcome.verdict == Verdict::declined ? Event::not_paid : Event::unanswered;
    happen(live, event, std::move(outcome));
  }, late_of(live, Event::paid, Event::not_paid)));
}

// The order for the phone. It moves no money, and without its number nobody can pay it: one whose answer got lost is taken back.
void Payments::Desk::offer(const LivePtr& live) {
  live->front_end->order_for_phone(live->order.payment(), live->order.asked.until_ms, watched([this, live](Outcome outcome) {
    const Event event = outcome.verdict == Verdict::done ? Event::offered : outcome.verdict == Verdict::declined ? Event::not_paid : Event::withdrawn;
    happen(live, event, std::move(outcome));
  }));
}

void Payments::Desk::ask(const LivePtr& live) {
  if (live->front_end == nullptr) return happen(live, Event::not_found_out);
  live->front_end->query(live->order.payment(), watched([this, live](Outcome outcome) {
    switch (outcome.verdict) {
      case Verdict::done: return happen(live, Event::found_paid, std::move(outcome));
      case Verdict::declined: return happen(live, Event::found_not_paid, std::move(outcome));
      case Verdict::unknown: break;
    }
    happen(live, asked_enough(live) ? Event::asked_enough : Event::not_found_out, std::move(outcome));
  }, late_of(live, Event::found_paid, Event::found_not_paid)));
}

// An offer lasts as long as the phone may pay; the rest is asked about as often as we have patience.
bool Payments::Desk::asked_enough(const LivePtr& live) {
  const std::lock_guard lock(mutex_);
  if (live->order.state == State::offered) return ports.clock.now_ms() - live->order.at_ms > settings.offer_ms;
  return live->tries >= settings.queries;
}

void Payments::Desk::undo(const LivePtr& live) {
  if (live->front_end == nullptr) return happen(live, Event::not_found_out);
  live->front_end->reverse(live->order.payment(), watched([this, live](Outcome outcome) {
    const Event event = outcome.verdict == Verdict::done ? Event::undone : outcome.verdict == Verdict::declined ? Event::stands : Event::not_found_out;
    happen(live, event, std::move(outcome));
  }, late_of(live, Event::undone, Event::stands)));
}

// --- the phone ---------------------------------------------------------------------------------------------------------

// What the phone says is no end: it is a reason to ask at once, or to take the offer back.
void Payments::Desk::brought(const Order& order, bool will_pay, Done done) {
  const Inside inside(*this);
  if (!inside) return done(Error{Code::unavailable, "payment.stopping", "the program ends"});
  LivePtr live;
  {
    const std::lock_guard lock(mutex_);
    live = find_open(order);
    if (live && live->order.state == State::offered) {
      live->waiting.push_back(std::move(done));
      return post([this, live, will_pay] { ask_for_phone(live, will_pay); });
    }
  }
  answer_from_books(order.asked, Error{Code::not_found, "payment.no_order", order.transaction()}, std::move(done));
}

void Payments::Desk::ask_for_phone(const LivePtr& live, bool will_pay) {
  const auto unknown = [this, live, will_pay](Outcome outcome) {
    if (!will_pay) return happen(live, Event::withdrawn, std::move(outcome));
    const std::lock_guard lock(mutex_);
    tell(live);
  };
  if (live->front_end == nullptr) return unknown({});
  live->front_end->query(live->order.payment(), watched([this, live, unknown](Outcome outcome) {
    if (outcome.verdict == Verdict::unknown) return unknown(std::move(outcome));
    happen(live, outcome.verdict == Verdict::done ? Event::found_paid : Event::found_not_paid, std::move(outcome));
  }, late_of(live, Event::found_paid, Event::found_not_paid)));
}

// --- operators -----------------------------------------------------------------------------------------------------------

Status Payments::Desk::check_stuck(const Order& order) const {
  if (has_ended(order.state)) return Error{Code::conflict, "payment.has_ended", order.transaction() + " is " + std::string(name_of(order.state))};
  const bool beyond = order.state == State::unknown || order.state == State::reversing;
  if (beyond && ports.clock.now_ms() - order.changed_ms >= settings.decide_after_ms) return {};
  return Error{Code::conflict, "payment.not_stuck", order.transaction() + " is still being found out: it is " + std::string(name_of(order.state))};
}

void Payments::Desk::decide(const Order& order, bool paid, Along along, Done done) {
  const Inside inside(*this);
  if (!inside) return done(Error{Code::unavailable, "payment.stopping", "the program ends"});
  std::unique_lock lock(mutex_);
  const LivePtr live = find_open(order);
  Status good = !live           ? Status(Error{Code::conflict, "payment.has_ended", order.transaction()})
                : live->writing ? Status(Error{Code::conflict, "payment.moving", order.transaction() + " is about to change; try again"})
                                : check_stuck(live->order);
  if (!good) {
    lock.unlock();
    return done(good.error());
  }
  live->waiting.push_back(std::move(done));
  take_step(live, {paid ? Event::decided_paid : Event::decided_undone, {Verdict::unknown, std::string(kDecided), {}}, std::move(along)}, lock);
}

void Payments::Desk::came_late(const Order& order, Event event, const Outcome& outcome) {
  late_.add();
  const auto paid = says_paid(event);
  if (order.code != kDecided || !has_ended(order.state) || !paid || *paid == (order.state == State::captured)) return;
  log::error("payment: order " + order.transaction() + " was decided to be " + std::string(name_of(order.state)) + "; " + order.front_end + " says otherwise");
  post([this, order, said = (*paid ? "paid " : "not paid ") + outcome.code] { contradict(order, std::nullopt, said, 0); });
}

void Payments::Desk::contradict(const Order& order, const std::optional<RefundOrder>& refund, const std::string& said, int failures) {
  ports.books.contradicted(order, refund, said, [self = shared_from_this(), order, refund, said, failures](const Status& noted) {
    const Inside inside(*self);
    if (!inside || noted) return;
    log::warn("payment: the alarm about " + (refund ? "refund " + refund->transaction() : "order " + order.transaction()) + " could not be written: " + describe(noted.error()));
    const std::int64_t delay = std::min(kNoteAgainMs << std::min(failures, 10), kNoteAgainLongestMs);
    self->after(std::chrono::milliseconds(delay), [desk = self.get(), order, refund, said, failures] { desk->contradict(order, refund, said, failures + 1); });
  });
}

}  // namespace tf::payment
