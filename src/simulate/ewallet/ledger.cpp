#include "simulate/ewallet/ledger.hpp"

#include <fmt/format.h>

#include "frontends/amount.hpp"

namespace tf::simulate::ewallet {

std::optional<Order> Ledger::find(const std::string& dialect, const std::string& number) const {
  const std::lock_guard lock(mutex_);
  const auto found = orders_.find({dialect, number});
  return found == orders_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Order> Ledger::find_tn(const std::string& tn) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_tn_.find(tn);
  return found == by_tn_.end() ? std::nullopt : std::optional(orders_.at(found->second));
}

std::optional<Return> Ledger::find_return(const std::string& dialect, const std::string& number) const {
  const std::lock_guard lock(mutex_);
  const auto found = returns_.find({dialect, number});
  return found == returns_.end() ? std::nullopt : std::optional(found->second);
}

std::string Ledger::next_reference(std::int64_t now_ms) {
  return fmt::format("{}{:012}", frontends::china_digits(now_ms).substr(0, 8), ++references_);
}

void Ledger::settle(Order& order, const std::string& decline, std::int64_t now_ms) {
  order.at_ms = now_ms;
  order.reference = next_reference(now_ms);
  order.code = decline;
  if (decline.empty() && spent_[order.account] + order.amount > balance_) order.code = "balance";
  order.state = order.code.empty() ? State::paid : State::declined;
  if (order.state == State::paid) spent_[order.account] += order.amount;
}

Ledger::Booked Ledger::book(Order wanted, const std::string& decline, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  const auto found = orders_.find({wanted.dialect, wanted.number});
  if (found != orders_.end()) return {found->second, false};
  if (wanted.tn.empty()) settle(wanted, decline, now_ms);
  put(wanted);
  return {wanted, true};
}

std::optional<Order> Ledger::complete(const std::string& dialect, const std::string& number, const std::string& account,
                                      std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  const auto found = orders_.find({dialect, number});
  if (found == orders_.end() || found->second.state != State::waiting) return std::nullopt;
  if (!found->second.until.empty() && frontends::china_digits(now_ms) > found->second.until) return std::nullopt;
  Order order = found->second;
  order.account = account;
  settle(order, {}, now_ms);
  if (order.state == State::declined) order.state = State::waiting;  // for another account
  put(order);
  return order;
}

std::optional<State> Ledger::cancel(const std::string& dialect, const std::string& number, bool paid_too, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  const auto found = orders_.find({dialect, number});
  const bool seen = found != orders_.end();
  Order order = seen ? found->second : Order{dialect, number};
  const State before = order.state;
  if (before == State::paid && paid_too && order.returned == 0) {
    spent_[order.account] -= order.amount;
    order.state = State::reversed;
  } else if (before == State::waiting) {
    order.state = State::closed;
    order.at_ms = now_ms;
  } else {
    return before;
  }
  put(order);
  return seen ? std::optional(before) : std::nullopt;
}

Ledger::Refunding Ledger::refund(Return wanted, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  const auto known = returns_.find({wanted.dialect, wanted.number});
  if (known != returns_.end()) {
    const bool same = known->second.amount == wanted.amount && known->second.order == wanted.order;
    return same ? Refunding::repeated : Refunding::other_amount;
  }
  const auto found = orders_.find({wanted.dialect, wanted.order});
  if (found == orders_.end() || found->second.state != State::paid) return Refunding::not_paid;
  Order order = found->second;
  if (wanted.amount <= 0 || order.returned + wanted.amount > order.amount) return Refunding::too_much;
  order.returned += wanted.amount;
  spent_[order.account] -= wanted.amount;
  wanted.at_ms = now_ms;
  wanted.reference = next_reference(now_ms);
  put(wanted);
  put(order);
  return Refunding::done;
}

Ledger::Refunding Ledger::undo(Return wanted, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  const auto known = returns_.find({wanted.dialect, wanted.number});
  if (known != returns_.end()) return known->second.order == wanted.order ? Refunding::repeated : Refunding::other_amount;
  const auto found = orders_.find({wanted.dialect, wanted.order});
  if (found == orders_.end() || found->second.state != State::paid || found->second.returned != 0) return Refunding::not_paid;
  Order order = found->second;
  if (wanted.amount != order.amount) return Refunding::too_much;
  order.state = State::reversed;
  spent_[order.account] -= order.amount;
  wanted.amount = 0;
  wanted.at_ms = now_ms;
  wanted.reference = next_reference(now_ms);
  put(wanted);
  put(order);
  return Refunding::done;
}

std::optional<Order> Ledger::find_reference(const std::string& dialect, const std::string& reference) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, order] : orders_)
    if (order.dialect == dialect && order.reference == reference) return order;
  return std::nullopt;
}

void Ledger::told(const std::string& dialect, const std::string& number) {
  const std::lock_guard lock(mutex_);
  const auto found = orders_.find({dialect, number});
  if (found == orders_.end() || found->second.told) return;
  Order order = found->second;
  order.told = true;
  put(order);
}

std::uint64_t Ledger::revision() const {
  const std::lock_guard lock(mutex_);
  return revision_;
}

std::vector<Order> Ledger::orders() const {
  const std::lock_guard lock(mutex_);
  std::vector<Order> out;
  for (const auto& [key, order] : orders_) out.push_back(order);
  return out;
}

std::vector<Return> Ledger::returns() const {
  const std::lock_guard lock(mutex_);
  std::vector<Return> out;
  for (const auto& [key, back] : returns_) out.push_back(back);
  return out;
}

}  // namespace tf::simulate::ewallet
