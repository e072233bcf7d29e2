// Amounts as people write them: "10.00", with exactly the decimals of the currency (ISO 4217; two unless the table says
// otherwise), no sign, no separators.
#pragma once
#include <string>
#include <string_view>

#include "payment/front_end.hpp"

namespace tf::payment {

inline constexpr std::int64_t kMostMinor = 999'999'999'999;  // twelve digits, ISO 8583 field 4

bool is_currency(std::string_view text);  // three letters A–Z
int decimals_of(std::string_view currency);
// Code::invalid "payment.amount". A whole amount may leave the decimals out.
Result<Money> parse_money(std::string_view text, std::string_view currency);
std::string format_money(const Money& money);  // "10.00"

}  // namespace tf::payment
