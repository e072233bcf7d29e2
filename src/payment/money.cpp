#include "payment/money.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tf::payment {
namespace {

// ISO 4217, those that have not two.
constexpr std::string_view kNone[] = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"};
constexpr std::string_view kThree[] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};

}  // namespace

bool is_currency(std::string_view text) {
  return text.size() == 3 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

int decimals_of(std::string_view currency) {
  if (std::ranges::find(kNone, currency) != std::end(kNone)) return 0;
  return std::ranges::find(kThree, currency) != std::end(kThree) ? 3 : 2;
}

Result<Money> parse_money(std::string_view text, std::string_view currency) {
  if (!is_currency(currency)) return Error{Code::invalid, "payment.amount", "a currency is three letters, like CNY"};
  const auto decimals = static_cast<std::size_t>(decimals_of(currency));
  const auto wrong = [&](std::string what) {
    return Error{Code::invalid, "payment.amount", fmt::format("\"{}\": {}", text.substr(0, 40), what)};
  };
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string digits(text.substr(0, point));
  const std::string_view fraction = point == text.size() ? std::string_view() : text.substr(point + 1);
  if (digits.empty() || (point != text.size() && (fraction.size() != decimals || decimals == 0)))
    return wrong(fmt::format("an amount in {} has {} decimals", currency, decimals));
  digits += fraction;
  digits.append(decimals - fraction.size(), '0');
  std::int64_t minor = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), minor);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.front() == '-') return wrong("is no amount");
  if (minor > kMostMinor) return wrong("is too much");
  return Money{minor, std::string(currency)};
}

std::string format_money(const Money& money) {
  const int decimals = decimals_of(money.currency);
  if (decimals == 0) return std::to_string(money.minor);
  const std::int64_t unit = decimals == 3 ? 1000 : 100;
  return fmt::format("{}.{:0{}}", money.minor / unit, money.minor % unit, decimals);
}

}  // namespace tf::payment
