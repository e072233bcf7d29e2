#include "frontends/card/currency.hpp"

namespace tf::frontends::card {
namespace {

struct Currency {
  std::string_view letters, digits;
};
constexpr Currency kCurrencies[] = {
    {"AED", "784"}, {"AUD", "036"}, {"BRL", "986"}, {"CAD", "124"}, {"CHF", "756"}, {"CNY", "156"}, {"CZK", "203"}, {"DKK", "208"},
    {"EUR", "978"}, {"GBP", "826"}, {"HKD", "344"}, {"HUF", "348"}, {"IDR", "360"}, {"ILS", "376"}, {"INR", "356"}, {"JPY", "392"},
    {"KRW", "410"}, {"MOP", "446"}, {"MXN", "484"}, {"MYR", "458"}, {"NOK", "578"}, {"NZD", "554"}, {"PHP", "608"}, {"PLN", "985"},
    {"RUB", "643"}, {"SAR", "682"}, {"SEK", "752"}, {"SGD", "702"}, {"THB", "764"}, {"TRY", "949"}, {"TWD", "901"}, {"USD", "840"},
    {"VND", "704"}, {"ZAR", "710"},
};

}  // namespace

std::string_view numeric_currency(std::string_view letters) {
  for (const Currency& currency : kCurrencies)
    if (currency.letters == letters) return currency.digits;
  return {};
}

std::string_view currency_letters(std::string_view digits) {
  for (const Currency& currency : kCurrencies)
    if (currency.digits == digits) return currency.letters;
  return {};
}

}  // namespace tf::frontends::card
