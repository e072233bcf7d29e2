#include "simulate/ewallet/bill.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/file.hpp"
#include "frontends/amount.hpp"

namespace tf::simulate::ewallet {
namespace {

std::string day_of(const std::string& number, std::int64_t at_ms) {
  const std::string day = number.substr(0, 8);
  const bool dated = day.size() == 8 && day.starts_with("20") && std::ranges::all_of(day, [](char c) { return c >= '0' && c <= '9'; });
  return dated ? day : frontends::china_digits(at_ms).substr(0, 8);
}

bool moved(const Order& order) { return order.state == State::paid || order.state == State::reversed; }

}  // namespace

std::string bill_of(const Ledger& ledger, std::string_view dialect, std::string_view day) {
  std::vector<std::string> rows;
  for (const Order& order : ledger.orders()) {
    if (order.dialect != dialect || !moved(order) || day_of(order.number, order.at_ms) != day) continue;
    rows.push_back(fmt::format("{},{},payment,{},{},{},{}", day, order.number, order.amount, order.currency,
                               order.state == State::paid ? "captured" : "reversed", order.reference));
  }
  for (const Return& back : ledger.returns()) {
    if (back.dialect != dialect || back.amount == 0 || day_of(back.number, back.at_ms) != day) continue;
    rows.push_back(fmt::format("{},{},refund,{},CNY,done,{}", day, back.number, back.amount, back.reference));
  }
  std::ranges::sort(rows);
  std::string out(kBillHeader);
  for (const std::string& row : rows) out += "\n" + row;
  return out + "\n";
}

Status write_bills(const Ledger& ledger, const std::string& directory) {
  std::set<std::pair<std::string, std::string>> days;
  for (const Order& order : ledger.orders())
    if (moved(order)) days.emplace(order.dialect, day_of(order.number, order.at_ms));
  for (const Return& back : ledger.returns()) days.emplace(back.dialect, day_of(back.number, back.at_ms));
  for (const auto& [dialect, day] : days) {
    std::error_code failure;
    std::filesystem::create_directories(directory + "/" + dialect, failure);
    TF_CHECK(write_file_atomic(directory + "/" + dialect + "/" + day + ".csv", as_bytes(bill_of(ledger, dialect, day)), 0644));
  }
  return {};
}

}  // namespace tf::simulate::ewallet
