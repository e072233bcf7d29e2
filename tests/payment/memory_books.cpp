#include "tests/payment/memory_books.hpp"

#include <algorithm>

namespace tf::payment::test {
namespace {

constexpr Of kScopes[] = {Of::user, Of::terminal};

}  // namespace

// The commit, and later the news of it: between the two the program may end.
template <class T, class Fn, class Done>
void MemoryBooks::commit(Fn fn, Done done) {
  const std::int64_t first = weather_.longest_ms == 0 ? 0 : dice_.below(weather_.longest_ms);
  const std::int64_t second = weather_.longest_ms == 0 ? 0 : dice_.below(weather_.longest_ms);
  const bool fails = weather_.fails_percent != 0 && dice_.happens(weather_.fails_percent);
  const bool lies = weather_.lies_percent != 0 && dice_.happens(weather_.lies_percent);
  time_.after(first, [this, alive = alive_, fn = std::move(fn), done = std::move(done), fails, lies, second]() mutable {
    if (!*alive) return;
    T out = fails ? T(Error{Code::unavailable, "store.io", "the disk"}) : fn();
    if (lies && out) out = T(Error{Code::unavailable, "store.io", "after it was written"});
    time_.after(second, [alive = std::move(alive), out = std::move(out), done = std::move(done)]() mutable {
      if (*alive) done(std::move(out));
    });
  });
}

void MemoryBooks::book(Order order, Booked done) {
  commit<Result<Booking>>([this, order = std::move(order)] { return book_now(order); }, std::move(done));
}
void MemoryBooks::write(const Order& order, State from, Written done) {
  commit<Status>([this, order, from] { return write_now(order, from); }, std::move(done));
}
void MemoryBooks::contradicted(const Order& order, const std::optional<RefundOrder>& refund, const std::string& said, Written done) {
  commit<Status>([this, number = refund ? refund->number : order.number, said]() -> Status {
    ledger_.contradictions.emplace(number, said);
    return {};
  }, std::move(done));
}
void MemoryBooks::book_refund(RefundOrder refund, RefundBooked done) {
  commit<Result<RefundBooking>>([this, refund = std::move(refund)] { return book_refund_now(refund); }, std::move(done));
}
void MemoryBooks::write_refund(const RefundOrder& refund, Written done) {
  commit<Status>([this, refund] { return write_refund_now(refund); }, std::move(done));
}

Order* MemoryBooks::find_order(const std::string& user, const std::string& order_number) {
  const auto found = std::ranges::find_if(ledger_.orders, [&](const auto& entry) {
    return entry.second.asked.user == user && entry.second.asked.order_number == order_number;
  });
  return found == ledger_.orders.end() ? nullptr : &found->second;
}

Usage& MemoryBooks::usage(Of of, const Order& order) {
  return ledger_.usage[std::string(name_of(of)) + '\n' + who(of, order.asked) + '\n' + order.asked.amount.currency];
}

void MemoryBooks::take_limits(Order& order) {
  const std::int64_t day = day_of(order.at_ms, limits_.utc_offset_minutes);
  std::optional<Usage> after[std::size(kScopes)];
  for (std::size_t i = 0; i < std::size(kScopes); ++i) {
    const Limit* limit = limits_.find(kScopes[i], order.asked.amount.currency);
    if (limit == nullptr) continue;
    after[i] = usage(kScopes[i], order);
    if (auto over = take(*limit, *after[i], order.asked.amount.minor, day, order.at_ms)) {
      order.state = State::declined;
      order.code = std::move(*over);
      return;
    }
  }
  for (std::size_t i = 0; i < std::size(kScopes); ++i)
    if (after[i]) usage(kScopes[i], order) = std::move(*after[i]);
}

void MemoryBooks::ended(const Order& order) {
  ++ledger_.ends[order.number];
  if (subscribes_ && subscribes_(order.asked.merchant)) ledger_.notices.push_back(notice_of(order, ++ledger_.events[order.number]));
}

Result<Booking> MemoryBooks::book_now(Order order) {
  if (const Order* there = find_order(order.asked.user, order.asked.order_number)) return Booking{.found = true, .order = *there};
  if (ledger_.orders.contains(order.number)) return Error{Code::conflict, "store.conflict", "number"};
  take_limits(order);
  ledger_.orders.emplace(order.number, order);
  if (order.state == State::declined) ended(order);
  return Booking{.found = false, .order = std::move(order)};
}

Status MemoryBooks::write_now(const Order& order, State from) {
  const auto found = ledger_.orders.find(order.number);
  if (found == ledger_.orders.end()) return Error{Code::conflict, "payment.moved", "no such order"};
  Order& there = found->second;
  if (there.state != from) {
    if (there.state == order.state) return {};
    return Error{Code::conflict, "payment.moved", order.transaction()};
  }
  there.state = order.state;
  there.resolved = order.resolved;
  there.code = order.code;
  there.reference = order.reference;
  there.offer = order.offer;
  there.changed_ms = order.changed_ms;
  if (!has_ended(order.state)) return {};
  if (order.state != State::captured)
    for (const Of of : kScopes)
      if (limits_.find(of, order.asked.amount.currency) != nullptr)
        give_back(usage(of, order), order.asked.amount.minor, day_of(order.at_ms, limits_.utc_offset_minutes));
  ended(there);
  return {};
}

Result<RefundBooking> MemoryBooks::book_refund_now(RefundOrder refund) {
  const auto found = ledger_.orders.find(refund.order);
  if (found == ledger_.orders.end()) return Error{Code::not_found, "payment.no_order", ""};
  Order& order = found->second;
  if (auto there = find_refund(refund.order, refund.refund_number); *there) return std::move(**there);
  if (order.state != State::captured) return Error{Code::refused, "payment.not_captured", ""};
  if (order.asked.amount.currency != refund.amount.currency) return Error{Code::refused, "payment.currency", ""};
  if (order.refunded + refund.amount.minor > order.asked.amount.minor) return Error{Code::refused, "payment.refund_too_much", ""};
  order.refunded += refund.amount.minor;
  refund.front_end = order.front_end;
  ledger_.refunds.emplace(refund.number, refund);
  return RefundBooking{.found = false, .refund = std::move(refund), .order = order};
}

Status MemoryBooks::write_refund_now(const RefundOrder& refund) {
  const auto found = ledger_.refunds.find(refund.number);
  if (found == ledger_.refunds.end()) return Error{Code::conflict, "payment.moved", "no such refund"};
  if (found->second.state != RefundState::pending) {
    if (found->second.state == refund.state) return {};
    return Error{Code::conflict, "payment.moved", refund.transaction()};
  }
  found->second = refund;
  ++ledger_.ends[refund.number];
  Order& order = ledger_.orders.at(refund.order);
  if (refund.state == RefundState::declined) order.refunded -= refund.amount.minor;
  if (subscribes_ && subscribes_(order.asked.merchant)) ledger_.notices.push_back(notice_of(order, refund, ++ledger_.events[order.number]));
  return {};
}

Result<std::optional<Order>> MemoryBooks::find(const std::string& user, const std::string& order_number) {
  const Order* found = find_order(user, order_number);
  return found == nullptr ? std::optional<Order>() : *found;
}

Result<std::optional<Order>> MemoryBooks::find(std::int64_t number) {
  const auto found = ledger_.orders.find(number);
  return found == ledger_.orders.end() ? std::optional<Order>() : found->second;
}

Result<std::optional<RefundBooking>> MemoryBooks::find_refund(std::int64_t order, const std::string& refund_number) {
  std::optional<RefundBooking> out;
  for (const auto& [number, there] : ledger_.refunds)
    if (there.order == order && there.refund_number == refund_number) out = {.found = true, .refund = there, .order = ledger_.orders.at(order)};
  return out;
}

Result<Opening> MemoryBooks::load() {
  Opening out;
  if (!ledger_.orders.empty()) out.last_number = ledger_.orders.rbegin()->first;
  if (!ledger_.refunds.empty()) out.last_number = std::max(out.last_number, ledger_.refunds.rbegin()->first);
  for (const auto& [number, order] : ledger_.orders)
    if (!has_ended(order.state)) out.orders.push_back(order);
  for (const auto& [number, refund] : ledger_.refunds)
    if (refund.state == RefundState::pending) out.refunds.push_back({.found = true, .refund = refund, .order = ledger_.orders.at(refund.order)});
  return out;
}

}  // namespace tf::payment::test
