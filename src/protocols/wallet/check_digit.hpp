// The check digit of card numbers, IMEIs and ICCIDs (ISO/IEC 7812-1 annex B, "Luhn").
#pragma once
#include <string>
#include <string_view>

namespace tf::wallet {

// digits: nothing but digits.
bool has_check_digit(std::string_view digits);
std::string with_check_digit(std::string digits);

}  // namespace tf::wallet
