// Amounts and moments as gateways of the mainland write them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tf::frontends {

// 1234 as "12.34", for currencies of two decimals; not negative.
std::string decimal(std::int64_t minor);
// "12.34", "12.3", "12"; nothing for any other spelling and for more than 14 digits.
std::optional<std::int64_t> minor_of(std::string_view text);
// Digits without a sign or leading zeros, at most 15; nothing otherwise.
std::optional<std::int64_t> whole_minor_of(std::string_view text);
// China Standard Time: "2026-11-21 17:30:00" and "20261121173000".
std::string china_time(std::int64_t at_ms);
std::string china_digits(std::int64_t at_ms);

}  // namespace tf::frontends
