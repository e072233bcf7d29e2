// The text forms of bytes. A decoder accepts exactly what the encoder writes; hexadecimal digits in either case.
#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "wire/encoding.hpp"

using namespace tf;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const std::string text(as_text(bytes));
  if (const auto decoded = wire::from_base64(text)) require(wire::base64(*decoded) == text);
  if (const auto decoded = wire::from_base64url(text)) require(wire::base64url(*decoded) == text);
  if (const auto decoded = wire::from_hex(text)) {
    std::string lower = text;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    require(wire::hex_lower(*decoded) == lower && wire::secret_from_hex(text).value() == SecretBytes(ByteView(*decoded)));
  }
  require(wire::from_base64(wire::base64(bytes)).value() == to_bytes(bytes));
  require(wire::from_base64url(wire::base64url(bytes)).value() == to_bytes(bytes));
  require(wire::from_hex(wire::hex_upper(bytes)).value() == to_bytes(bytes));
  return 0;
}
