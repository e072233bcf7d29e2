// The data elements of ISO 8583:1987 (clause 4.3): a table, and what each kind of content may hold. The codec knows no field
// by itself; what is not in the table is refused.
#pragma once
#include <cstdint>

#include "base/bytes.hpp"

namespace tf::frontends::card {

enum class Content : std::uint8_t {
  n,    // digits
  xn,   // C or D (credit, debit), then digits; the size counts the letter
  an,   // letters and digits
  anp,  // letters, digits, and spaces at the end
  ans,  // printable ASCII
  z,    // track 2: digits and '='
  b,    // octets
};
enum class Length : std::uint8_t { fixed, ll, lll };

struct Field {
  int number;
  Content content;
  Length length;
  std::size_t size;  // characters or octets; the most of it where the length varies
  const char* name;
};

// nullptr: there is no such field, or one that only tells of others (1, 65).
const Field* field(int number);
// Does the text (for b: any octets) fit the field in size and characters?
bool fits(const Field& field, ByteView value);

namespace f {
inline constexpr int pan = 2, processing_code = 3, amount = 4, transmission = 7, trace = 11, local_time = 12, local_date = 13, expiry = 14,
                     merchant_type = 18, entry_mode = 22, condition = 25, acquirer = 32, reference = 37, approval = 38, response = 39,
                     terminal = 41, merchant = 42, additional = 48, currency = 49, pin = 52, own_number = 62, mac = 64, network_code = 70,
                     original = 90, mac_secondary = 128;
}  // namespace f

}  // namespace tf::frontends::card
