// The names of wallet: number, IMEI, ICCID, orders. Each is canonicalised at the edge: what is not canonical is refused.
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tf::wallet {

inline constexpr std::size_t kNameMax = 64;
inline constexpr std::size_t kContentMax = 2048;

Result<std::string> parse_number(std::string_view text);       // Code::malformed "wallet.number": E.164 without "+", 5–15 digits
Result<std::string> parse_imei(std::string_view text);         // Code::malformed "wallet.imei": 15 digits, the last one Luhn's
Result<std::string> parse_iccid(std::string_view text);        // Code::malformed "wallet.iccid": 18–20 digits; 19, 20: the last one Luhn's
Result<std::string> parse_name(std::string_view text);         // Code::malformed "wallet.name": 1–64 bytes of UTF-8 without control characters
Result<std::string> parse_id_number(std::string_view text);    // Code::malformed "wallet.id_number": 4–32 of A–Z 0–9 -
Result<std::string> parse_order(std::string_view text);        // Code::malformed "wallet.order": 1–32 of A–Z a–z 0–9 . _ -; refunds too
Result<std::string> parse_payee(std::string_view text);        // Code::malformed "wallet.payee": as an order, 1–64
Result<std::string> parse_currency(std::string_view text);     // Code::malformed "wallet.currency": three of A–Z
Result<std::string> parse_instrument(std::string_view text);   // Code::malformed "wallet.instrument": 1–64 of A–Z a–z 0–9 _ -
Result<std::string> parse_gateway(std::string_view text);      // Code::malformed "wallet.gateway": a front end, 1–32 of a–z 0–9 -
Result<std::string> parse_tn(std::string_view text);           // Code::malformed "wallet.tn": 1–64 of A–Z a–z 0–9
Result<std::string> parse_content(std::string_view text);      // Code::malformed "wallet.content": up to 2048 bytes of UTF-8
Result<std::string> parse_platform(std::string_view text);     // Code::malformed "wallet.platform": 1–64 of a–z 0–9 . -
Result<std::string> parse_id(std::string_view text);           // Code::malformed "wallet.id": 22 of base64url; registrations, sessions

enum class Suite { classic, modern };
std::string_view name_of(Suite suite);
Result<Suite> parse_suite(std::string_view name);  // Code::malformed "wallet.unknown_suite"

// Who makes the user's key pair: the phone, with a CSR, or the platform, as the source has it.
enum class KeyMaker { phone, platform };
std::string_view name_of(KeyMaker maker);
Result<KeyMaker> parse_key_maker(std::string_view name);  // Code::malformed "wallet.key_maker"

// What a phone and its SIM are: info2 and the devices of info3.
struct Subscriber {
  std::string number;
  std::string imei;
  std::string iccid;
  friend bool operator==(const Subscriber&, const Subscriber&) = default;
};
struct Person {
  std::string name;
  std::string id_number;
  friend bool operator==(const Person&, const Person&) = default;
};

}  // namespace tf::wallet
