#include "frontends/card/fields.hpp"

#include <algorithm>
#include <array>

namespace tf::frontends::card {
namespace {

using enum Content;
using enum Length;

constexpr Field kFields[] = {
    {2, n, ll, 19, "primary account number"},
    {3, n, fixed, 6, "processing code"},
    {4, n, fixed, 12, "amount, transaction"},
    {5, n, fixed, 12, "amount, settlement"},
    {6, n, fixed, 12, "amount, cardholder billing"},
    {7, n, fixed, 10, "transmission date and time"},
    {8, n, fixed, 8, "amount, cardholder billing fee"},
    {9, n, fixed, 8, "conversion rate, settlement"},
    {10, n, fixed, 8, "conversion rate, cardholder billing"},
    {11, n, fixed, 6, "system trace audit number"},
    {12, n, fixed, 6, "time, local transaction"},
    {13, n, fixed, 4, "date, local transaction"},
    {14, n, fixed, 4, "date, expiration"},
    {15, n, fixed, 4, "date, settlement"},
    {16, n, fixed, 4, "date, conversion"},
    {17, n, fixed, 4, "date, capture"},
    {18, n, fixed, 4, "merchant's type"},
    {19, n, fixed, 3, "acquiring institution country code"},
    {20, n, fixed, 3, "PAN extended, country code"},
    {21, n, fixed, 3, "forwarding institution country code"},
    {22, n, fixed, 3, "point of service entry mode"},
    {23, n, fixed, 3, "card sequence number"},
    {24, n, fixed, 3, "network international identifier"},
    {25, n, fixed, 2, "point of service condition code"},
    {26, n, fixed, 2, "point of service PIN capture code"},
    {27, n, fixed, 1, "authorization identification response length"},
    {28, xn, fixed, 9, "amount, transaction fee"},
    {29, xn, fixed, 9, "amount, settlement fee"},
    {30, xn, fixed, 9, "amount, transaction processing fee"},
    {31, xn, fixed, 9, "amount, settlement processing fee"},
    {32, n, ll, 11, "acquiring institution identification code"},
    {33, n, ll, 11, "forwarding institution identification code"},
    {34, ans, ll, 28, "primary account number, extended"},
    {35, z, ll, 37, "track 2 data"},
    {36, z, lll, 104, "track 3 data"},
    {37, anp, fixed, 12, "retrieval reference number"},
    {38, anp, fixed, 6, "authorization identification response"},
    {39, an, fixed, 2, "response code"},
    {40, an, fixed, 3, "service restriction code"},
    {41, ans, fixed, 8, "card acceptor terminal identification"},
    {42, ans, fixed, 15, "card acceptor identification code"},
    {43, ans, fixed, 40, "card acceptor name and location"},
    {44, ans, ll, 25, "additional response data"},
    {45, ans, ll, 76, "track 1 data"},
    {46, ans, lll, 999, "additional data, ISO"},
    {47, ans, lll, 999, "additional data, national"},
    {48, ans, lll, 999, "additional data, private"},
    {49, n, fixed, 3, "currency code, transaction"},
    {50, n, fixed, 3, "currency code, settlement"},
    {51, n, fixed, 3, "currency code, cardholder billing"},
    {52, b, fixed, 8, "personal identification number data"},
    {53, n, fixed, 16, "security related control information"},
    {54, ans, lll, 120, "additional amounts"},
    {55, ans, lll, 999, "reserved, ISO"},
    {56, ans, lll, 999, "reserved, ISO"},
    {57, ans, lll, 999, "reserved, national"},
    {58, ans, lll, 999, "reserved, national"},
    {59, ans, lll, 999, "reserved, national"},
    {60, ans, lll, 999, "reserved, private"},
    {61, ans, lll, 999, "reserved, private"},
    {62, ans, lll, 999, "reserved, private"},
    {63, ans, lll, 999, "reserved, private"},
    {64, b, fixed, 8, "message authentication code"},
    {66, n, fixed, 1, "settlement code"},
    {67, n, fixed, 2, "extended payment code"},
    {68, n, fixed, 3, "receiving institution country code"},
    {69, n, fixed, 3, "settlement institution country code"},
    {70, n, fixed, 3, "network management information code"},
    {71, n, fixed, 4, "message number"},
    {72, n, fixed, 4, "message number, last"},
    {73, n, fixed, 6, "date, action"},
    {74, n, fixed, 10, "credits, number"},
    {75, n, fixed, 10, "credits, reversal number"},
    {76, n, fixed, 10, "debits, number"},
    {77, n, fixed, 10, "debits, reversal number"},
    {78, n, fixed, 10, "transfers, number"},
    {79, n, fixed, 10, "transfers, reversal number"},
    {80, n, fixed, 10, "inquiries, number"},
    {81, n, fixed, 10, "authorizations, number"},
    {82, n, fixed, 12, "credits, processing fee amount"},
    {83, n, fixed, 12, "credits, transaction fee amount"},
    {84, n, fixed, 12, "debits, processing fee amount"},
    {85, n, fixed, 12, "debits, transaction fee amount"},
    {86, n, fixed, 16, "credits, amount"},
    {87, n, fixed, 16, "credits, reversal amount"},
    {88, n, fixed, 16, "debits, amount"},
    {89, n, fixed, 16, "debits, reversal amount"},
    {90, n, fixed, 42, "original data elements"},
    {91, an, fixed, 1, "file update code"},
    {92, an, fixed, 2, "file security code"},
    {93, an, fixed, 5, "response indicator"},
    {94, an, fixed, 7, "service indicator"},
    {95, an, fixed, 42, "replacement amounts"},
    {96, b, fixed, 8, "message security code"},
    {97, xn, fixed, 17, "amount, net settlement"},
    {98, ans, fixed, 25, "payee"},
    {99, n, ll, 11, "settlement institution identification code"},
    {100, n, ll, 11, "receiving institution identification code"},
    {101, ans, ll, 17, "file name"},
    {102, ans, ll, 28, "account identification 1"},
    {103, ans, ll, 28, "account identification 2"},
    {104, ans, lll, 100, "transaction description"},
    {120, ans, lll, 999, "reserved, private"},
    {121, ans, lll, 999, "reserved, private"},
    {122, ans, lll, 999, "reserved, private"},
    {123, ans, lll, 999, "reserved, private"},
    {128, b, fixed, 8, "message authentication code"},
};

constexpr auto kByNumber = [] {
  std::array<const Field*, 129> out{};
  for (const Field& field : kFields) out[static_cast<std::size_t>(field.number)] = &field;
  return out;
}();

constexpr bool is_digit(std::uint8_t c) { return c >= '0' && c <= '9'; }
constexpr bool letter(std::uint8_t c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool padded(ByteView value) {
  while (!value.empty() && value.back() == ' ') value = value.first(value.size() - 1);
  return std::ranges::all_of(value, [](std::uint8_t c) { return is_digit(c) || letter(c); });
}

}  // namespace

const Field* field(int number) { return number < 0 || number > 128 ? nullptr : kByNumber[static_cast<std::size_t>(number)]; }

bool fits(const Field& field, ByteView value) {
  if (value.empty() || value.size() > field.size) return false;
  if (field.length == Length::fixed && value.size() != field.size) return false;
  switch (field.content) {
    case Content::n:
      return std::ranges::all_of(value, is_digit);
    case Content::xn:
      return (value[0] == 'C' || value[0] == 'D') && std::ranges::all_of(value.subspan(1), is_digit);
    case Content::an:
      return std::ranges::all_of(value, [](std::uint8_t c) { return is_digit(c) || letter(c); });
    case Content::anp:
      return padded(value);
    case Content::ans:
      return std::ranges::all_of(value, [](std::uint8_t c) { return c >= 0x20 && c <= 0x7E; });
    case Content::z:
      return std::ranges::all_of(value, [](std::uint8_t c) { return is_digit(c) || c == '='; });
    case Content::b:
      return true;
  }
  return false;
}

}  // namespace tf::frontends::card
