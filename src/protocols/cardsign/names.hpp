// The names of cardsign: serials, users, orders, codes, the slots of a card. Each is canonical at the edge: what is not is refused.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "apdu/shield.hpp"
#include "base/result.hpp"

namespace tf::cardsign {

inline constexpr std::size_t kSubjectMax = 128;
inline constexpr std::int64_t kAmountMax = 999'999'999'999;
inline constexpr std::int64_t kTimeMax = 253'402'300'799'000;  // the year 9999

Result<std::string> parse_serial(std::string_view text);      // Code::malformed "cardsign.serial": 1–20 of A–Z 0–9 -
Result<std::string> parse_user(std::string_view text);        // Code::malformed "cardsign.user": 1–48 of A–Z a–z 0–9 . _ -, not first . _ -
Result<std::string> parse_order(std::string_view text);       // Code::malformed "cardsign.order": the same; a merchant's number
Result<std::string> parse_merchant(std::string_view text);    // Code::malformed "cardsign.merchant": 1–15 of A–Z a–z 0–9
Result<std::string> parse_code(std::string_view text);        // Code::malformed "cardsign.code": 26 of A–Z 2–7
Result<std::string> parse_id(std::string_view text);          // Code::malformed "cardsign.id": 22 of base64url; sessions, payments
Result<std::string> parse_platform(std::string_view text);    // Code::malformed "cardsign.platform": 1–64 of a–z 0–9 . -
Result<std::string> parse_currency(std::string_view text);    // Code::malformed "cardsign.currency": three of A–Z
Result<std::string> parse_instrument(std::string_view text);  // Code::malformed "cardsign.instrument": 1–64 of A–Z a–z 0–9 _ -
// Code::malformed "cardsign.subject": 1–128 bytes of UTF-8 without control characters and without those that turn the direction of
// writing (Unicode Bidi_Control), which would show an order other than it is.
Result<std::string> parse_subject(std::string_view text);

// modern: the card sees what it signs. classic: it signs a hash, as step 605 has it.
enum class Suite { modern, classic };
std::string_view name_of(Suite suite);
Result<Suite> parse_suite(std::string_view name);  // Code::malformed "cardsign.suite"

// Where a key is on the card.
using Slot = apdu::shield::Slot;
inline constexpr Slot kSlots[] = {Slot::payment, Slot::authentication, Slot::card, Slot::signature, Slot::encryption, Slot::hash};
Result<Slot> parse_slot(std::string_view name);  // Code::malformed "cardsign.slot"

}  // namespace tf::cardsign
