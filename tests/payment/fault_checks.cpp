// FaultRun: both sides' books afterwards, line by line.
#include <fmt/format.h>

#include "tests/payment/fault_run.hpp"

namespace tf::payment::test {

void FaultRun::check_orders() {
  std::set<std::string> seen;
  for (const auto& [number, order] : ledger_.orders) {
    ++tally_.orders;
    if (!seen.insert(order.asked.user + '\n' + order.asked.order_number).second) wrong(order.transaction() + ": a second payment of one order");
    if (!has_ended(order.state)) wrong(order.transaction() + " has not ended: " + std::string(name_of(order.state)));
    if (ledger_.ends[number] != 1) wrong(fmt::format("{} ended {} times", order.transaction(), ledger_.ends[number]));
    (order.state == State::captured ? tally_.captured : order.state == State::declined ? tally_.declined : tally_.reversed)++;
    if (order.resolved) ++tally_.resolved;
    if (order.asked.is_direct()) ++tally_.direct, tally_.direct_paid += order.state == State::captured;
    if (order.code.starts_with("limit_")) ++tally_.over_limit;
    const Bank& bank = order.front_end == "card" ? card_ : wallet_;
    const auto there = bank.entries().find(order.transaction());
    const bool paid = there != bank.entries().end() && there->second.state == Bank::Entry::State::paid;
    if (paid != (order.state == State::captured)) wrong(fmt::format("{} is {} here and {}paid at the bank", order.transaction(), name_of(order.state), paid ? "" : "not "));
    if (paid && there->second.amount != order.asked.amount) wrong(order.transaction() + ": the bank took another amount");
    if (paid && there->second.paid_times != 1) wrong(order.transaction() + " was paid more than once");
  }
}

void FaultRun::check_bank(const Bank& bank) {
  std::int64_t theirs = 0;
  std::int64_t ours = 0;
  for (const auto& [transaction, entry] : bank.entries()) {
    const auto number = number_of(transaction);
    const auto order = number ? ledger_.orders.find(*number) : ledger_.orders.end();
    if (order == ledger_.orders.end()) {
      wrong(transaction + " is in the bank's books and not in ours");
      continue;
    }
    if (order->second.front_end != bank.name()) wrong(transaction + " went to two front ends");
    if (entry.state != Bank::Entry::State::paid) continue;
    theirs += entry.amount.minor;
    for (const auto& [refund, amount] : entry.refunds) theirs -= amount;
  }
  for (const auto& [number, order] : ledger_.orders)
    if (order.front_end == bank.name() && order.state == State::captured) ours += order.asked.amount.minor - order.refunded;
  if (ours != theirs) wrong(fmt::format("{}: ours {}, theirs {}", bank.name(), ours, theirs));
}

void FaultRun::check_refunds() {
  std::map<std::int64_t, std::int64_t> given;
  for (const auto& [number, refund] : ledger_.refunds) {
    ++tally_.refunds;
    if (refund.state == RefundState::pending) wrong(refund.transaction() + ": a refund that does not end");
    if (ledger_.ends[number] != 1) wrong(fmt::format("refund {} ended {} times", refund.transaction(), ledger_.ends[number]));
    const Order& order = ledger_.orders.at(refund.order);
    const Bank& bank = order.front_end == "card" ? card_ : wallet_;
    const auto theirs = bank.entries().find(order.transaction());
    const auto found = theirs == bank.entries().end() ? std::map<std::string, std::int64_t>::const_iterator() : theirs->second.refunds.find(refund.transaction());
    const std::int64_t there = theirs == bank.entries().end() || found == theirs->second.refunds.end() ? 0 : found->second;
    if (there != (refund.state == RefundState::done ? refund.amount.minor : 0)) wrong("refund " + refund.transaction() + " is another at the bank");
    if (refund.state == RefundState::done) given[refund.order] += refund.amount.minor;
  }
  for (const auto& [number, order] : ledger_.orders) {
    if (order.refunded != given[number]) wrong(fmt::format("{} has {} as refunded, the refunds are {}", order.transaction(), order.refunded, given[number]));
    if (order.refunded > order.asked.amount.minor) wrong(order.transaction() + ": more given back than was taken");
  }
}

void FaultRun::check_clients() {
  for (const auto& client : clients_) {
    const Order& there = ledger_.orders.at(client->answer->number);
    if (there.state != client->answer->state) wrong(there.transaction() + " was told otherwise than it is");
    if (there.asked.amount != client->request.amount) wrong(there.transaction() + " is not what was asked for");
    for (const auto& [number, refund] : client->given)
      if (refund.number != 0 && ledger_.refunds.at(refund.number).state != refund.state) wrong("refund " + number + " was told otherwise than it is");
  }
}

void FaultRun::check_limits() {
  if (limits_.all.empty()) return;
  std::map<std::string, std::int64_t> sums;
  for (const auto& [number, order] : ledger_.orders)
    if (order.state == State::captured && day_of(order.at_ms, 0) == day_of(VirtualTime::kStart, 0)) sums[order.asked.user] += order.asked.amount.minor;
  for (const auto& [user, sum] : sums) {
    if (sum > *limits_.all.front().sum_per_day) wrong(user + " paid more than the limit");
    const Usage& usage = ledger_.usage["user\n" + user + "\nCNY"];
    if (usage.day == day_of(VirtualTime::kStart, 0) && usage.sum != sum) wrong(fmt::format("{} has used {}, the limit's counter says {}", user, sum, usage.sum));
  }
}

void FaultRun::check_notices() {
  std::map<std::int64_t, std::int64_t> expected;
  for (const Notice& notice : ledger_.notices)
    if (notice.sequence != ++expected[notice.payment]) wrong("events out of sequence");
  std::map<std::int64_t, std::int64_t> ends;
  for (const auto& [number, order] : ledger_.orders) ends[number] += order.asked.merchant == "M1";
  for (const auto& [number, refund] : ledger_.refunds) ends[refund.order] += ledger_.orders.at(refund.order).asked.merchant == "M1";
  for (const auto& [number, count] : ends)
    if (expected[number] != count) wrong(fmt::format("{} ended {} times for the merchant and was told {} times", number, count, expected[number]));
}

}  // namespace tf::payment::test
