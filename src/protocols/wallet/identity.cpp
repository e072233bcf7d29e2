#include "protocols/wallet/identity.hpp"

#include <algorithm>

#include "protocols/wallet/check_digit.hpp"

namespace tf::wallet {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool all_digits(std::string_view text) { return std::ranges::all_of(text, is_digit); }

// Length of the UTF-8 sequence at the front (RFC 3629, Unicode table 3-7); 0 when there is none.
std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool fits = tail(1) && tail(2) && !(first == 0xE0 && byte(1) < 0xA0) && !(first == 0xED && byte(1) > 0x9F);
    return fits ? 3 : 0;
  }
  if (first < 0xF0 || first > 0xF4) return 0;
  const bool fits = tail(1) && tail(2) && tail(3) && !(first == 0xF0 && byte(1) < 0x90) && !(first == 0xF4 && byte(1) > 0x8F);
  return fits ? 4 : 0;
}

// What is shown to people holds no control characters, neither C0 nor C1.
bool plain_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = utf8_sequence(text);
    const auto first = static_cast<unsigned char>(text[0]);
    if (size == 0 || first < 0x20 || first == 0x7F || (first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0)) return false;
    text.remove_prefix(size);
  }
  return true;
}

template <class Fits>
Result<std::string> of_characters(std::string_view text, std::size_t min, std::size_t max, Fits fits, const Error& error) {
  if (text.size() < min || text.size() > max || !std::ranges::all_of(text, fits)) return error;
  return std::string(text);
}

bool in_order(char c) { return is_digit(c) || is_lower(c) || is_upper(c) || c == '.' || c == '_' || c == '-'; }
bool in_base64url(char c) { return is_digit(c) || is_lower(c) || is_upper(c) || c == '_' || c == '-'; }

}  // namespace

Result<std::string> parse_number(std::string_view text) {
  if (text.size() < 5 || text.size() > 15 || text.front() == '0' || !all_digits(text))
    return Error{Code::malformed, "wallet.number", "a number is 5 to 15 digits with its country code and without \"+\""};
  return std::string(text);
}

Result<std::string> parse_imei(std::string_view text) {
  if (text.size() != 15 || !all_digits(text) || !has_check_digit(text)) return Error{Code::malformed, "wallet.imei", "an IMEI is 15 digits, the last one a check digit"};
  return std::string(text);
}

Result<std::string> parse_iccid(std::string_view text) {
  if (text.size() < 18 || text.size() > 20 || !all_digits(text) || (text.size() > 18 && !has_check_digit(text)))
    return Error{Code::malformed, "wallet.iccid", "an ICCID is 18 to 20 digits; with 19 or 20 the last one is a check digit"};
  return std::string(text);
}

Result<std::string> parse_name(std::string_view text) {
  if (text.empty() || text.size() > kNameMax || !plain_utf8(text))
    return Error{Code::malformed, "wallet.name", "a name is up to 64 bytes of UTF-8 without control characters"};
  return std::string(text);
}

Result<std::string> parse_id_number(std::string_view text) {
  return of_characters(text, 4, 32, [](char c) { return is_digit(c) || is_upper(c) || c == '-'; },
                       {Code::malformed, "wallet.id_number", "an identity card's number is 4 to 32 of A-Z 0-9 -"});
}

Result<std::string> parse_order(std::string_view text) {
  return of_characters(text, 1, 32, in_order, {Code::malformed, "wallet.order", "an order's number is 1 to 32 of A-Z a-z 0-9 . _ -"});
}

Result<std::string> parse_payee(std::string_view text) {
  return of_characters(text, 1, 64, in_order, {Code::malformed, "wallet.payee", "a payee is 1 to 64 of A-Z a-z 0-9 . _ -"});
}

Result<std::string> parse_currency(std::string_view text) {
  return of_characters(text, 3, 3, is_upper, {Code::malformed, "wallet.currency", "a currency is three of A-Z"});
}

Result<std::string> parse_instrument(std::string_view text) {
  return of_characters(text, 1, 64, in_base64url, {Code::malformed, "wallet.instrument", "an instrument's token is 1 to 64 of A-Z a-z 0-9 _ -"});
}

Result<std::string> parse_gateway(std::string_view text) {
  return of_characters(text, 1, 32, [](char c) { return is_digit(c) || is_lower(c) || c == '-'; },
                       {Code::malformed, "wallet.gateway", "a gateway is 1 to 32 of a-z 0-9 -"});
}

Result<std::string> parse_tn(std::string_view text) {
  return of_characters(text, 1, 64, [](char c) { return is_digit(c) || is_lower(c) || is_upper(c); },
                       {Code::malformed, "wallet.tn", "an order's number at a gateway is 1 to 64 of A-Z a-z 0-9"});
}

Result<std::string> parse_content(std::string_view text) {
  if (text.size() > kContentMax || !plain_utf8(text))
    return Error{Code::malformed, "wallet.content", "content is up to 2048 bytes of UTF-8 without control characters"};
  return std::string(text);
}

Result<std::string> parse_platform(std::string_view text) {
  return of_characters(text, 1, 64, [](char c) { return is_digit(c) || is_lower(c) || c == '.' || c == '-'; },
                       {Code::malformed, "wallet.platform", "a platform's name is 1 to 64 of a-z 0-9 . -"});
}

Result<std::string> parse_id(std::string_view text) {
  return of_characters(text, 22, 22, in_base64url, {Code::malformed, "wallet.id", "an id is 22 characters of base64url"});
}

std::string_view name_of(Suite suite) { return suite == Suite::classic ? "classic" : "modern"; }

Result<Suite> parse_suite(std::string_view name) {
  if (name == "modern") return Suite::modern;
  if (name == "classic") return Suite::classic;
  return Error{Code::malformed, "wallet.unknown_suite", "the suites are modern and classic"};
}

std::string_view name_of(KeyMaker maker) { return maker == KeyMaker::phone ? "phone" : "platform"; }

Result<KeyMaker> parse_key_maker(std::string_view name) {
  if (name == "phone") return KeyMaker::phone;
  if (name == "platform") return KeyMaker::platform;
  return Error{Code::malformed, "wallet.key_maker", "a key is made by phone or platform"};
}

}  // namespace tf::wallet
