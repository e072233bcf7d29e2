#include "payment/order.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "payment/money.hpp"

namespace tf::payment {
namespace {

constexpr std::array<std::string_view, 8> kStates{"created", "sent", "offered", "unknown", "reversing", "captured", "declined", "reversed"};
constexpr std::array<std::string_view, 3> kRefundStates{"pending", "done", "declined"};
constexpr std::int64_t kTraces = 999'999;

Error invalid(const char* what) { return {Code::invalid, "payment.order", what}; }

bool is_alphanumeric(std::string_view text, std::size_t max_size) {
  return !text.empty() && text.size() <= max_size &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); });
}

bool is_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string_view name_of(State state) { return kStates[static_cast<std::size_t>(state)]; }
std::string_view name_of(RefundState state) { return kRefundStates[static_cast<std::size_t>(state)]; }

Result<State> parse_state(std::string_view name) {
  const auto found = std::ranges::find(kStates, name);
  if (found == kStates.end()) return Error{Code::integrity, "payment.state", "no such state"};
  return static_cast<State>(found - kStates.begin());
}

Result<RefundState> parse_refund_state(std::string_view name) {
  const auto found = std::ranges::find(kRefundStates, name);
  if (found == kRefundStates.end()) return Error{Code::integrity, "payment.state", "no such state"};
  return static_cast<RefundState>(found - kRefundStates.begin());
}

Status check(const OrderRequest& request) {
  if (request.user.empty() || request.user.size() > 64) return invalid("the user");
  if (request.order_number.empty() || request.order_number.size() > 64) return invalid("the order number");
  if (request.amount.minor <= 0 || request.amount.minor > kMostMinor) return invalid("the amount");
  if (!is_currency(request.amount.currency)) return invalid("the currency");
  if (!is_alphanumeric(request.merchant, 15)) return invalid("the merchant's number");
  if (!is_alphanumeric(request.terminal, 8)) return invalid("the terminal");
  if (request.subject.size() > 256 || request.instrument.size() > 64) return invalid("subject or instrument");
  if (request.prefix.size() > 11 || !is_digits(request.prefix)) return invalid("the card number's first digits");
  if (request.wallet.size() > 32) return invalid("the kind of wallet");
  if (request.gateway.size() > 32) return invalid("the gateway");
  if (request.is_direct() && !(request.instrument.empty() && request.prefix.empty() && request.wallet.empty())) return invalid("the phone chooses what pays at the gateway");
  return {};
}

std::string Order::transaction() const { return transaction_of(number); }

Payment Order::payment() const {
  return {.transaction = transaction(), .trace = trace_of(number), .at_ms = at_ms, .amount = asked.amount, .merchant = asked.merchant,
          .terminal = asked.terminal, .subject = asked.subject, .instrument = asked.instrument};
}

std::string RefundOrder::transaction() const { return transaction_of(number); }

Refund RefundOrder::refund(const Order& original) const {
  return {.transaction = transaction(), .trace = trace_of(number), .at_ms = at_ms, .amount = amount, .original = original.payment(),
          .original_reference = original.reference};
}

std::string transaction_of(std::int64_t number) { return fmt::format("{:08}{:012}", number / kNumbersADay, number % kNumbersADay); }

Result<std::int64_t> number_of(std::string_view transaction) {
  const Error wrong{Code::invalid, "payment.transaction", "a transaction number has 20 digits"};
  if (transaction.size() != 20 || !is_digits(transaction) || transaction.substr(8, 2) != "00") return wrong;
  std::int64_t out = 0;
  for (const char c : transaction.substr(0, 8)) out = out * 10 + (c - '0');
  for (const char c : transaction.substr(10)) out = out * 10 + (c - '0');
  return out;
}

std::uint32_t trace_of(std::int64_t number) { return static_cast<std::uint32_t>(number % kNumbersADay % kTraces + 1); }

std::int64_t day_of(std::int64_t at_ms, int utc_offset_minutes) {
  using namespace std::chrono;
  const auto days_since = floor<days>(sys_time<milliseconds>(milliseconds(at_ms)) + minutes(utc_offset_minutes));
  const year_month_day date{days_since};
  return static_cast<int>(date.year()) * 10'000LL + static_cast<unsigned>(date.month()) * 100LL + static_cast<unsigned>(date.day());
}

std::int64_t number_after(std::int64_t last, std::int64_t day) {
  return std::max(day, last / kNumbersADay) * kNumbersADay + (last + 1) % kNumbersADay;
}

}  // namespace tf::payment
