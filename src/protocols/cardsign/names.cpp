#include "protocols/cardsign/names.hpp"

#include <algorithm>

namespace tf::cardsign {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_alnum(char c) { return is_digit(c) || is_lower(c) || is_upper(c); }

template <class Fits>
Result<std::string> of_characters(std::string_view text, std::size_t min, std::size_t max, Fits fits, const Error& error) {
  if (text.size() < min || text.size() > max || !std::ranges::all_of(text, fits)) return error;
  return std::string(text);
}

Result<std::string> id_of(std::string_view text, const Error& error) {
  if (text.empty() || !is_alnum(text.front())) return error;
  return of_characters(text, 1, 48, [](char c) { return is_alnum(c) || c == '.' || c == '_' || c == '-'; }, error);
}

unsigned octet(std::string_view text, std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; }

// Length of the UTF-8 sequence at the front (RFC 3629 §4); 0 when there is none.
std::size_t sequence(std::string_view text) {
  const unsigned first = octet(text, 0);
  const unsigned second = octet(text, 1);
  const auto tail = [&](std::size_t at) { return (octet(text, at) & 0xC0U) == 0x80U; };
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool in_range = !(first == 0xE0 && second < 0xA0) && !(first == 0xED && second > 0x9F);
    return in_range && tail(1) && tail(2) ? 3 : 0;
  }
  const bool in_range = first >= 0xF0 && first <= 0xF4 && !(first == 0xF0 && second < 0x90) && !(first == 0xF4 && second > 0x8F);
  return in_range && tail(1) && tail(2) && tail(3) ? 4 : 0;
}

// C0, DEL, C1; U+061C, U+200E–200F, U+202A–202E, U+2066–2069; the separators U+2028 and U+2029.
bool hides_something(std::string_view one) {
  const unsigned first = octet(one, 0);
  const unsigned second = octet(one, 1);
  const unsigned third = octet(one, 2);
  if (one.size() == 1) return first < 0x20 || first == 0x7F;
  if (one.size() == 2) return (first == 0xC2 && second < 0xA0) || (first == 0xD8 && second == 0x9C);
  if (one.size() != 3 || first != 0xE2) return false;
  if (second == 0x80) return third == 0x8E || third == 0x8F || (third >= 0xA8 && third <= 0xAE);
  return second == 0x81 && third >= 0xA6 && third <= 0xA9;
}

}  // namespace

Result<std::string> parse_serial(std::string_view text) {
  return of_characters(text, 1, 20, [](char c) { return is_upper(c) || is_digit(c) || c == '-'; },
                       {Code::malformed, "cardsign.serial", "a card's serial number is 1 to 20 of A–Z, 0–9 and -"});
}
Result<std::string> parse_user(std::string_view text) {
  return id_of(text, {Code::malformed, "cardsign.user", "a user is 1 to 48 of A–Z, a–z, 0–9, '.', '_' and '-', beginning with a letter or digit"});
}
Result<std::string> parse_order(std::string_view text) {
  return id_of(text, {Code::malformed, "cardsign.order", "an order is 1 to 48 of A–Z, a–z, 0–9, '.', '_' and '-', beginning with a letter or digit"});
}
Result<std::string> parse_merchant(std::string_view text) {
  return of_characters(text, 1, 15, is_alnum, {Code::malformed, "cardsign.merchant", "a merchant is 1 to 15 letters and digits"});
}
Result<std::string> parse_code(std::string_view text) {
  return of_characters(text, 26, 26, [](char c) { return is_upper(c) || (c >= '2' && c <= '7'); },
                       {Code::malformed, "cardsign.code", "an enrolment code is 26 of A–Z and 2–7"});
}
Result<std::string> parse_id(std::string_view text) {
  return of_characters(text, 22, 22, [](char c) { return is_alnum(c) || c == '_' || c == '-'; }, {Code::malformed, "cardsign.id", "an id is 22 characters of base64url"});
}
Result<std::string> parse_platform(std::string_view text) {
  return of_characters(text, 1, 64, [](char c) { return is_lower(c) || is_digit(c) || c == '.' || c == '-'; },
                       {Code::malformed, "cardsign.platform", "a platform's name is 1 to 64 of a–z, 0–9, '.' and '-'"});
}
Result<std::string> parse_currency(std::string_view text) {
  return of_characters(text, 3, 3, is_upper, {Code::malformed, "cardsign.currency", "a currency is three of A–Z"});
}
Result<std::string> parse_instrument(std::string_view text) {
  return of_characters(text, 1, 64, [](char c) { return is_alnum(c) || c == '_' || c == '-'; },
                       {Code::malformed, "cardsign.instrument", "an instrument's token is 1 to 64 of A–Z, a–z, 0–9, '_' and '-'"});
}

Result<std::string> parse_subject(std::string_view text) {
  const Error wrong{Code::malformed, "cardsign.subject", "a subject is 1 to 128 bytes of UTF-8 without control characters"};
  if (text.empty() || text.size() > kSubjectMax) return wrong;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t size = sequence(rest);
    if (size == 0 || hides_something(rest.substr(0, size))) return wrong;
    rest.remove_prefix(size);
  }
  return std::string(text);
}

std::string_view name_of(Suite suite) { return suite == Suite::modern ? "modern" : "classic"; }

Result<Suite> parse_suite(std::string_view name) {
  for (const Suite suite : {Suite::modern, Suite::classic})
    if (name == name_of(suite)) return suite;
  return Error{Code::malformed, "cardsign.suite", "a suite is modern or classic"};
}

Result<Slot> parse_slot(std::string_view name) {
  if (const auto slot = apdu::shield::slot_named(name)) return *slot;
  return Error{Code::malformed, "cardsign.slot", "a slot is payment, authentication, card, signature, encryption or hash"};
}

}  // namespace tf::cardsign
