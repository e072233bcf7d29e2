#include "simulate/ewallet/bill.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "frontends/amount.hpp"

namespace tf::simulate::ewallet {

std::string bill_of(const Ledger& ledger, std::string_view dialect, std::string_view day) {
  const auto is_of_day = [day](std::int64_t at_ms) { return frontends::china_digits(at_ms).starts_with(day); };
  std::vector<std::string> rows;
  for (const Order& order : ledger.orders()) {
    const bool moved = order.state == State::paid || order.state == State::reversed;
    if (order.dialect != dialect || !moved || !is_of_day(order.at_ms)) continue;
    rows.push_back(fmt::format("{},{},payment,{},{},{},{}", day, order.number, order.amount, order.currency,
                               order.state == State::paid ? "captured" : "reversed", order.reference));
  }
  for (const Return& back : ledger.returns()) {
    if (back.dialect != dialect || back.amount == 0 || !is_of_day(back.at_ms)) continue;
    rows.push_back(fmt::format("{},{},refund,{},CNY,done,{}", day, back.number, back.amount, back.reference));
  }
  std::ranges::sort(rows);
  std::string out(kBillHeader);
  for (const std::string& row : rows) out += "\n" + row;
  return out + "\n";
}

}  // namespace tf::simulate::ewallet
