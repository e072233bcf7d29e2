// The parser of request targets: what it accepts has one spelling, holds no control characters, and says the same again
// when it is encoded and parsed once more.
#include <cstdlib>
#include <string>

#include "net/target.hpp"

namespace {

std::string encoded(std::string_view text, bool keep_slashes) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '/' && keep_slashes) {
      out.push_back(c);
    } else {
      out.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
  }
  return out;
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto target = tf::net::parse_target({reinterpret_cast<const char*>(data), size});
  if (!target) return 0;
  require(target->path.starts_with('/'));
  require((target->path + "/").find("/../") == std::string::npos &&
          (target->path + "/").find("/./") == std::string::npos);
  require(target->path.find("//") == std::string::npos);
  for (const char c : target->path) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f && c != '\\');
  std::string again = encoded(target->path, true);
  char separator = '?';
  for (const auto& [name, value] : target->query) {
    again.append(1, separator).append(encoded(name, false)).append("=").append(encoded(value, false));
    separator = '&';
  }
  const auto second = tf::net::parse_target(again);
  require(second && second->path == target->path && second->query == target->query);
  return 0;
}
