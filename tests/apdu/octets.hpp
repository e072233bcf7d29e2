// Octets of a test, as hexadecimal digits.
#pragma once
#include <string_view>

#include "tests/support/deterministic.hpp"
#include "wire/encoding.hpp"

namespace tf::apdu {

inline Bytes hex(std::string_view text) { return tf::test::must(wire::from_hex(text)); }

}  // namespace tf::apdu
