// The names of access: Did, number, service. Each is canonicalised at the edge: what is not canonical is refused.
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tf::access {

inline constexpr std::size_t kDidMax = 64;
inline constexpr std::size_t kInfoMax = 256;
inline constexpr std::size_t kApnMax = 63;

Result<std::string> parse_did(std::string_view text);      // Code::malformed "access.did": 1–64 of A–Z a–z 0–9 . _ : -
Result<std::string> parse_msisdn(std::string_view text);   // Code::malformed "access.msisdn": E.164 without "+", 5–15 digits
Result<std::string> parse_info(std::string_view text);     // Code::malformed "access.info": up to 256 printable ASCII characters
Result<std::string> parse_service(std::string_view text);  // Code::malformed "access.service": 1–32 of a–z 0–9 -
Result<std::string> parse_apn(std::string_view text);      // Code::malformed "access.apn": 1–63 of A–Z a–z 0–9 . -

enum class Suite { classic, modern };
std::string_view name_of(Suite suite);
Result<Suite> parse_suite(std::string_view name);  // Code::malformed "access.unknown_suite"
inline constexpr std::size_t kDkeyMax = 32;
// modern: 32; classic: 16, as the source has it
constexpr std::size_t dkey_size(Suite suite) { return suite == Suite::classic ? 16 : kDkeyMax; }

}  // namespace tf::access
