// ISO 4217: the three digits of field 49.
#pragma once
#include <string_view>

namespace tf::frontends::card {

// Empty for a currency that is not in the table.
std::string_view numeric_currency(std::string_view letters);
std::string_view currency_letters(std::string_view digits);

}  // namespace tf::frontends::card
