// What a PIN and a PUK look like (SP 800-73-4 part 1, 2.4.3): 6 to 8 octets, filled up to 8 with FF; a PIN is made of digits.
#pragma once
#include "base/bytes.hpp"

namespace tf::card::piv {

inline constexpr std::size_t kPinSize = 8;
inline constexpr std::ptrdiff_t kMinPin = 6;
inline constexpr std::uint8_t kPadding = 0xFF;

bool valid_pin(ByteView value);
bool valid_puk(ByteView value);

}  // namespace tf::card::piv
