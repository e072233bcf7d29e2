// Orders at the desk: booked, moved along the table, answered.
#include "base/log.hpp"
#include "payment/books/write_again.hpp"
#include "payment/desk/desk.hpp"

namespace tf::payment {
namespace {

std::string key_of(const OrderRequest& request) { return request.user + '\n' + request.order_number; }

Error changed() { return {Code::conflict, "payment.order_changed", "this order number was used for another order"}; }

bool is_resolution(Event event) {
  return event == Event::found_paid || event == Event::found_not_paid || event == Event::undone || event == Event::stands ||
         event == Event::decided_paid || event == Event::decided_undone;
}

}  // namespace

void Payments::Desk::place(OrderRequest request, std::optional<PinBlock> pin, Done done) {
  const Inside inside(*this);
  if (!inside) return done(Error{Code::unavailable, "payment.stopping", "the program ends"});
  if (const Status good = check(request); !good) return done(good.error());
  std::unique_lock lock(mutex_);
  if (join(request, done, lock)) return;
  lock.unlock();
  auto route = way_of(request);
  if (!route) return answer_from_books(std::move(request), route.error(), std::move(done));
  lock.lock();
  if (join(request, done, lock)) return;
  auto live = std::make_shared<Live>(Live{.key = key_of(request), .front_end = front_end(*route), .pin = std::move(pin)});
  const std::int64_t now = ports.clock.now_ms();
  live->order = {.number = take_number(now), .asked = std::move(request), .front_end = std::move(*route), .at_ms = now, .state = State::sent, .changed_ms = now};
  live->waiting.push_back(std::move(done));
  orders_.emplace(live->key, live);
  open_.add();
  lock.unlock();
  ports.books.book(live->order, [self = shared_from_this(), live](Result<Booking> booking) {
    const Inside inside_too(*self);
    if (inside_too) self->booked(live, std::move(booking));
  });
}

// By the routes; or past them, where the phone pays at the network's own gateway.
Result<std::string> Payments::Desk::way_of(const OrderRequest& request) const {
  const auto healthy = [this](const std::string& name) {
    const FrontEnd* found = front_end(name);
    return found != nullptr && found->healthy();
  };
  if (!request.is_direct()) return router.choose(routed(request), healthy);
  const FrontEnd* gateway = front_end(request.gateway);
  if (gateway == nullptr || !gateway->takes_phones()) return Error{Code::refused, "payment.no_gateway", "phones cannot pay at the gateway of " + request.gateway};
  if (!healthy(request.gateway)) return Error{Code::unavailable, "payment.no_front_end", "the gateway is not healthy"};
  return request.gateway;
}

// True, and the mutex free, where the order is under way already and done is taken care of.
bool Payments::Desk::join(const OrderRequest& request, Done& done, std::unique_lock<std::mutex>& lock) {
  const auto found = orders_.find(key_of(request));
  if (found == orders_.end()) return false;
  Live& live = *found->second;
  Result<Order> answer = live.order;
  if (live.order.asked.content_hash != request.content_hash) {
    answer = changed();
  } else if (live.order.state == State::sent) {
    live.waiting.push_back(std::move(done));
    return true;
  }
  lock.unlock();
  done(std::move(answer));
  return true;
}

// Only what is open can be told anything; the table drops what comes too late.
void Payments::Desk::hear(const Order& order, Outcome outcome) {
  const Inside inside(*this);
  if (!inside || outcome.verdict == Verdict::unknown) return;
  LivePtr live;
  const bool done = outcome.verdict == Verdict::done;
  Event event = done ? Event::found_paid : Event::found_not_paid;
  {
    const std::lock_guard lock(mutex_);
    live = find_open(order);
    if (!live) return has_ended(order.state) ? came_late(order, event, outcome) : void();
    if (live->order.state == State::sent) event = done ? Event::paid : Event::not_paid;
  }
  happen(live, event, std::move(outcome));
}

Payments::Desk::LivePtr Payments::Desk::find_open(const Order& order) const {
  const auto found = orders_.find(key_of(order.asked));
  const bool there = found != orders_.end() && found->second->known && found->second->order.number == order.number;
  return there ? found->second : nullptr;
}

// There is no way for a new order; one that is in the books has its answer there.
void Payments::Desk::answer_from_books(OrderRequest request, Error otherwise, Done done) {
  post([this, request = std::move(request), otherwise = std::move(otherwise), done = std::move(done)]() mutable {
    auto found = ports.books.find(request.user, request.order_number);
    if (!found) return done(found.error());
    if (!*found) return done(std::move(otherwise));
    if ((*found)->asked.content_hash != request.content_hash) return done(changed());
    done(std::move(**found));
  });
}

void Payments::Desk::booked(const LivePtr& live, Result<Booking> booking) {
  if (!booking) {
    give_up(live, booking.error());
    if (may_be_written(booking.error())) look_later(live, 0);
    return;
  }
  std::unique_lock lock(mutex_);
  Order& there = booking->order;
  if (booking->found && there.asked.content_hash != live->order.asked.content_hash) {
    lock.unlock();
    return give_up(live, changed());
  }
  const bool found = booking->found;
  live->known = true;
  live->order = std::move(there);
  live->front_end = front_end(live->order.front_end);
  if (found) {
    live->pin.reset();
    // One that is open and that nobody here has was booked by a commit that was reported as failed.
    if (has_ended(live->order.state)) return tell(live);
    return take_step(live, {Event::restarted, {Verdict::unknown, "restart", {}}}, lock);
  }
  // From created by the table; the books have it already.
  const bool over = live->order.state == State::declined;
  const auto next = step(State::created, over ? Event::over_limit : Event::booked, kByQuery, settings.table);
  if (over) declined_.add();
  if (next) perform(live, next->effects);
}

void Payments::Desk::give_up(const LivePtr& live, const Error& error) {
  std::vector<Done> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting = std::move(live->waiting);
    if (orders_.erase(live->key) > 0) open_.subtract();
  }
  for (Done& done : waiting) done(error);
}

// The caller was told that nothing was sent; what is in the books nevertheless is settled even if he never comes again.
void Payments::Desk::look_later(const LivePtr& live, int tries) {
  after(back_off(tries, settings.longest_ms), [this, live, tries] { look(live, tries); });
}

void Payments::Desk::look(const LivePtr& live, int tries) {
  auto found = ports.books.find(live->order.asked.user, live->order.asked.order_number);
  if (!found) return look_later(live, tries + 1);
  if (!*found || has_ended((*found)->state)) return;
  std::unique_lock lock(mutex_);
  if (!orders_.try_emplace(live->key, live).second) return;  // repeated meanwhile
  open_.add();
  live->known = true;
  live->order = std::move(**found);
  live->front_end = front_end(live->order.front_end);
  take_step(live, {Event::restarted, {Verdict::unknown, "restart", {}}}, lock);
}

// --- along the table -----------------------------------------------------------------------------------------------

void Payments::Desk::happen(const LivePtr& live, Event event, Outcome outcome) {
  std::unique_lock lock(mutex_);
  if (live->writing) return live->happened.push_back({event, std::move(outcome)});
  take_step(live, {event, std::move(outcome)}, lock);
}

void Payments::Desk::take_step(const LivePtr& live, Happened what, std::unique_lock<std::mutex>& lock) {
  const auto how = live->front_end != nullptr ? live->front_end->resolves() : kByQuery;
  const auto next = step(live->order.state, what.event, how, settings.table);
  if (!next) return came_late(live->order, what.event, what.outcome);
  if (next->state == live->order.state) return perform(live, next->effects);
  Order order = live->order;
  order.state = next->state;
  order.resolved = is_resolution(what.event);
  order.code = std::move(what.outcome.code);
  if (!what.outcome.reference.empty()) (what.event == Event::offered ? order.offer : order.reference) = std::move(what.outcome.reference);
  order.asked.along = std::move(what.along);
  order.changed_ms = ports.clock.now_ms();
  live->writing = true;
  lock.unlock();
  write(live, std::move(order), next->effects, 0);
}

void Payments::Desk::write(const LivePtr& live, Order next, Effects effects, int failures) {
  const auto held = std::make_shared<const Order>(std::move(next));
  ports.books.write(*held, live->order.state, [self = shared_from_this(), live, held, effects, failures](const Status& status) {
    const Inside inside(*self);
    if (inside) self->written(live, *held, effects, status, failures);
  });
}

void Payments::Desk::written(const LivePtr& live, const Order& next, Effects effects, const Status& status, int failures) {
  if (!status) {
    const bool hopeless = status.error().code == Code::conflict || status.error().code == Code::integrity;
    log::write(hopeless ? log::Level::error : log::Level::warn,
               "payment: order " + next.transaction() + " as " + std::string(name_of(next.state)) + ": " + describe(status.error()));
    if (hopeless) return give_up(live, status.error());
    const std::int64_t delay = write_again_ms(failures);
    return after(std::chrono::milliseconds(delay), [this, live, next, effects, failures] { write(live, next, effects, failures + 1); });
  }
  std::unique_lock lock(mutex_);
  live->order = next;
  live->order.asked.along = {};
  live->writing = false;
  live->tries = 0;
  if (has_ended(next.state)) {
    (next.state == State::captured ? captured_ : next.state == State::declined ? declined_ : reversed_).add();
    if (next.resolved) resolved_.add();
  }
  perform(live, effects);
  while (!live->writing && !live->happened.empty()) {
    Happened what = std::move(live->happened.front());
    live->happened.pop_front();
    take_step(live, std::move(what), lock);
    if (!lock.owns_lock()) return;  // what is left waits for that write
  }
}

void Payments::Desk::perform(const LivePtr& live, Effects effects) {
  if (effects.answer) tell(live);
  if (effects.send) post([this, live, pin = std::move(live->pin)]() mutable { send(live, std::move(pin)); });
  if (effects.ask) post([this, live] { ask(live); });
  if (effects.undo) post([this, live] { undo(live); });
  if (effects.wait) after(back_off(live->tries++, settings.longest_ms), [this, live] { happen(live, Event::due); });
}

void Payments::Desk::tell(const LivePtr& live) {
  if (has_ended(live->order.state) && orders_.erase(live->key) > 0) open_.subtract();
  if (live->waiting.empty()) return;
  post([order = live->order, waiting = std::exchange(live->waiting, {})]() mutable {
    for (Done& done : waiting) done(order);
  });
}

}  // namespace tf::payment
