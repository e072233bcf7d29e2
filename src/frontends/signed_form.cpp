#include "frontends/signed_form.hpp"

#include <algorithm>
#include <cctype>

namespace tf::frontends {
namespace {

constexpr std::size_t kMostFields = 128;

Error bad(const char* why) { return Error{Code::malformed, "frontends.form", why}; }

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

Result<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? digit_of(text[i + 2]) : -1;
    if (high < 0 || low < 0) return bad("an escape that is none");
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

void append_escaped(std::string& out, std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                       c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      const auto octet = static_cast<unsigned char>(c);
      out.append({'%', digits[octet >> 4], digits[octet & 15]});
    }
  }
}

Status add(Fields& fields, std::string name, std::string value) {
  if (name.empty()) return bad("a field without a name");
  if (fields.size() == kMostFields) return bad("too many fields");
  return fields.emplace(std::move(name), std::move(value)).second ? Status() : Status(bad("a field stands twice"));
}

// Where the field that begins at the front ends: at the next '&' outside of braces.
Result<std::size_t> end_of_field(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == '}' && --depth < 0) return bad("a brace that was not opened");
    if (text[i] == '&' && depth == 0) return i;
  }
  if (depth != 0) return bad("a brace that is not closed");
  return text.size();
}

}  // namespace

Result<Fields> parse_form(std::string_view body) {
  Fields out;
  while (!body.empty()) {
    const std::string_view field = body.substr(0, body.find('&'));
    const std::size_t equals = field.find('=');
    if (equals == std::string_view::npos) return bad("a field without a value");
    TF_CHECK(add(out, TF_TRY(unescaped(field.substr(0, equals))), TF_TRY(unescaped(field.substr(equals + 1)))));
    if (field.size() + 1 == body.size()) return bad("it ends with a separator");
    body.remove_prefix(std::min(body.size(), field.size() + 1));
  }
  return out;
}

std::string encode_form(const Fields& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out.push_back('&');
    append_escaped(out, name);
    out.push_back('=');
    append_escaped(out, value);
  }
  return out;
}

Result<Fields> parse_plain_form(std::string_view body) {
  Fields out;
  while (!body.empty()) {
    const std::string_view field = body.substr(0, TF_TRY(end_of_field(body)));
    const std::size_t equals = field.find('=');
    if (equals == std::string_view::npos) return bad("a field without a value");
    TF_CHECK(add(out, std::string(field.substr(0, equals)), std::string(field.substr(equals + 1))));
    if (field.size() + 1 == body.size()) return bad("it ends with a separator");
    body.remove_prefix(std::min(body.size(), field.size() + 1));
  }
  return out;
}

std::string joined(const Fields& fields, std::initializer_list<std::string_view> without, Empties empties) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (std::ranges::find(without, name) != without.end()) continue;
    if (value.empty() && empties == Empties::dropped) continue;
    if (!out.empty()) out.push_back('&');
    out.append(name).append("=").append(value);
  }
  return out;
}

const std::string& value_of(const Fields& fields, std::string_view name) {
  static const std::string none;
  const auto found = fields.find(std::string(name));
  return found == fields.end() ? none : found->second;
}

}  // namespace tf::frontends
