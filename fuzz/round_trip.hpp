// What every fuzz target of messages demands.
#pragma once
#include <cstdlib>
#include <string>
#include <string_view>

namespace tf::fuzz {

inline void demand(bool promise) {
  if (!promise) std::abort();
}

// Encoded once more, a decoded message decodes to the same encoding.
template <class Decode>
void round_trip(std::string_view text, Decode decode) {
  const auto first = decode(text);
  if (!first) return;
  const std::string encoded = encode(*first);
  const auto second = decode(encoded);
  demand(second.has_value() && encode(*second) == encoded);
}

}  // namespace tf::fuzz
