#include "net/target.hpp"

#include <array>
#include <cstdint>

namespace tf::net {
namespace {

constexpr std::size_t kMostQueryFields = 64;

Error bad_target(const char* what) { return Error{Code::malformed, "net.target", what}; }

// RFC 3986 §3.3: pchar and '/'; a query may also hold '?'. '%' is looked at apart.
constexpr std::array<bool, 256> allowed_in_path() {
  std::array<bool, 256> out{};
  for (const char c :
       std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/")) {
    out[static_cast<unsigned char>(c)] = true;
  }
  return out;
}
constexpr auto kAllowed = allowed_in_path();

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Length of the UTF-8 sequence at the start of text, without overlong forms and surrogates; 0 when it is none.
std::size_t utf8_length(std::string_view text) {
  const auto at = [text](std::size_t i) {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
  };
  const auto tail = [at](std::size_t i) { return (at(i) & 0xc0) == 0x80; };
  const std::uint8_t first = at(0);
  const std::uint8_t second = at(1);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool sound = !(first == 0xe0 && second < 0xa0) && !(first == 0xed && second > 0x9f);
    return sound && tail(1) && tail(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool sound = !(first == 0xf0 && second < 0x90) && !(first == 0xf4 && second > 0x8f);
    return sound && tail(1) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

Status check_text(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return bad_target("not UTF-8");
    if (length == 1 && (static_cast<unsigned char>(text[0]) < 0x20 || text[0] == 0x7f)) return bad_target("control character");
    text.remove_prefix(length);
  }
  return {};
}

Result<std::string> decode(std::string_view text, bool query) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
      if (low < 0) return bad_target("bad percent-encoding");
      const char decoded = static_cast<char>(high * 16 + low);
      if (!query && (decoded == '/' || decoded == '\\')) return bad_target("encoded slash");
      out.push_back(decoded);
      i += 2;
    } else if (query && c == '+') {
      out.push_back(' ');
    } else if (kAllowed[static_cast<unsigned char>(c)] || (query && c == '?')) {
      out.push_back(c);
    } else {
      return bad_target("character that must be encoded");
    }
  }
  TF_CHECK(check_text(out));
  return out;
}

Status check_segments(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);  // the '/'
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    if (segment == "." || segment == "..") return bad_target("dot segment");
    if (segment.empty() && !path.empty()) return bad_target("empty segment");
  }
  return {};
}

Status parse_query(std::string_view text, Target& out) {
  while (true) {
    const std::string_view field = text.substr(0, text.find('&'));
    const std::size_t equals = field.find('=');
    std::string name = TF_TRY(decode(field.substr(0, equals), true));
    std::string value;
    if (equals != std::string_view::npos) value = TF_TRY(decode(field.substr(equals + 1), true));
    if (name.empty()) return bad_target("query field without a name");
    if (out.query.size() == kMostQueryFields) return bad_target("too many query fields");
    out.query.emplace_back(std::move(name), std::move(value));
    if (field.size() == text.size()) return {};
    text.remove_prefix(field.size() + 1);
  }
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
  if (!text.starts_with('/')) return bad_target("not in origin-form");
  const std::size_t mark = text.find('?');
  Target out;
  out.path = TF_TRY(decode(text.substr(0, mark), false));
  TF_CHECK(check_segments(out.path));
  if (mark != std::string_view::npos && mark + 1 < text.size()) TF_CHECK(parse_query(text.substr(mark + 1), out));
  return out;
}

}  // namespace tf::net
