// The names of onboard: devices, operators, deliveries, subscribers, addresses. Each is canonicalised at the edge: what is not
// canonical is refused.
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tf::onboard {

inline constexpr std::size_t kMaxId = 64;
inline constexpr std::size_t kMaxUser = 2 * kMaxId + 1;
inline constexpr std::size_t kMaxUrl = 255;
inline constexpr std::size_t kMaxUrls = 4;    // of a route, and of a READY's provisioning servers
inline constexpr std::size_t kMaxEnvelope = 32U << 10U;  // octets of XML

// Operators, plans, deliveries, servers. Code::malformed "onboard.id": 1–64 of A–Z a–z 0–9 . _ : -, beginning with a letter or digit
Result<std::string> parse_id(std::string_view text);
// As an id but without "_", which an X.509 serialNumber (a PrintableString) cannot have. Code::malformed "onboard.dsim_id"
Result<std::string> parse_dsim_id(std::string_view text);
// Whose account a user name of OMA DM is: DELIVERY@SERVER_ID, for "@" stands in no id. Code::malformed "onboard.user".
struct AccountUser {
  std::string delivery, server_id;
};
std::string account_user(std::string_view delivery, std::string_view server_id);
Result<AccountUser> parse_account_user(std::string_view user);
Result<std::string> parse_imsi(std::string_view text);   // Code::malformed "onboard.imsi": 14 or 15 digits (TS 23.003 §2.2)
Result<std::string> parse_iccid(std::string_view text);  // Code::malformed "onboard.iccid": 18–20 digits; 19, 20: the last one Luhn's (E.118)
Result<std::string> parse_owner(std::string_view text);  // Code::malformed "onboard.owner": 1–64 bytes of UTF-8 without control characters
Result<std::string> parse_url(std::string_view text);    // Code::malformed "onboard.url": https or http, 255 printable characters at most
Result<std::string> parse_host(std::string_view text);   // Code::malformed "onboard.host": host:port, lower case
// host:port of a URL, the port written out: what an access token names. Code::malformed "onboard.url".
Result<std::string> host_of(std::string_view url);

}  // namespace tf::onboard
