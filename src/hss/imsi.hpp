// An IMSI in its one spelling (3GPP TS 23.003 §2.2): 6 to 15 decimal digits. Anything else is refused, not trimmed.
#pragma once
#include <compare>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tf::hss {

class Imsi {
 public:
  static Result<Imsi> parse(std::string_view digits);  // Code::malformed "hss.imsi"
  [[nodiscard]] const std::string& text() const { return digits_; }
  friend auto operator<=>(const Imsi&, const Imsi&) = default;

 private:
  explicit Imsi(std::string digits) : digits_(std::move(digits)) {}
  std::string digits_;
};

}  // namespace tf::hss
