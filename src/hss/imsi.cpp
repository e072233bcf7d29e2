#include "hss/imsi.hpp"

#include <algorithm>

namespace tf::hss {

Result<Imsi> Imsi::parse(std::string_view digits) {
  const bool sized = digits.size() >= 6 && digits.size() <= 15;
  if (sized && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return Imsi(std::string(digits));
  return Error{Code::malformed, "hss.imsi", "an IMSI has 6 to 15 decimal digits"};
}

}  // namespace tf::hss
