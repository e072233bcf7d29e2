#include "protocols/wallet/check_digit.hpp"

#include <utility>

namespace tf::wallet {
namespace {

// Every second digit from the right counts twice; first: the place of the rightmost one, 0 for the check digit's.
int sum_of(std::string_view digits, std::size_t first) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int digit = digits[digits.size() - 1 - i] - '0';
    const bool twice = (i + first) % 2 == 1;
    sum += !twice ? digit : digit < 5 ? 2 * digit : 2 * digit - 9;
  }
  return sum;
}

}  // namespace

bool has_check_digit(std::string_view digits) { return sum_of(digits, 0) % 10 == 0; }

std::string with_check_digit(std::string digits) {
  const int sum = sum_of(digits, 1);
  return std::move(digits) + static_cast<char>('0' + (10 - sum % 10) % 10);
}

}  // namespace tf::wallet
