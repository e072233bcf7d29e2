#include "store/text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tf::store {
namespace {

// The length of the well-formed sequence at the beginning of text (RFC 3629 §4), 0 when there is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto tail = [&](std::size_t from, std::size_t size) {
    if (text.size() < size) return false;
    for (std::size_t i = from; i < size; ++i)
      if ((byte(i) & 0xc0) != 0x80) return false;
    return true;
  };
  const std::uint8_t first = byte(0);
  if (first >= 0xc2 && first <= 0xdf) return tail(1, 2) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (!tail(1, 3)) return 0;
    const bool overlong = first == 0xe0 && byte(1) < 0xa0;
    const bool surrogate = first == 0xed && byte(1) > 0x9f;
    return overlong || surrogate ? 0 : 3;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (!tail(1, 4)) return 0;
    const bool overlong = first == 0xf0 && byte(1) < 0x90;
    const bool too_high = first == 0xf4 && byte(1) > 0x8f;
    return overlong || too_high ? 0 : 4;
  }
  return 0;
}

// Most text is ASCII: eight octets at once, none of them zero and none above 0x7f.
bool is_plain(const char* eight) {
  constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101, kTops = 0x8080'8080'8080'8080;
  std::uint64_t octets = 0;
  std::memcpy(&octets, eight, sizeof octets);
  return (((octets - kOnes) | octets) & kTops) == 0;
}

}  // namespace

bool is_storable_text(std::string_view text) {
  while (!text.empty()) {
    if (text.size() >= 8 && is_plain(text.data())) {
      text.remove_prefix(8);
      continue;
    }
    const auto first = static_cast<std::uint8_t>(text.front());
    if (first == 0) return false;
    const std::size_t length = first < 0x80 ? 1 : sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace tf::store
