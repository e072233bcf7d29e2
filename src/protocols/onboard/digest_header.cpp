#include "protocols/onboard/digest_header.hpp"

#include <algorithm>

#include "protocols/onboard/digest_aka.hpp"

namespace tf::onboard {
namespace {

constexpr std::string_view kScheme = "Digest ";
constexpr std::size_t kMaxParameters = 16;

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool token_character(char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::string_view token(std::string_view& rest) {
  const auto end = std::ranges::find_if_not(rest, token_character);
  const std::string_view out = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  rest.remove_prefix(out.size());
  return out;
}

void skip_blanks(std::string_view& rest) { rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size())); }

bool skip(std::string_view& rest, char c) {
  if (!rest.starts_with(c)) return false;
  rest.remove_prefix(1);
  return true;
}

Result<DigestParameter> parameter(std::string_view& rest) {
  DigestParameter out;
  out.name = std::string(token(rest));
  std::ranges::transform(out.name, out.name.begin(), lower);
  if (out.name.empty() || !skip(rest, '=')) return bad_digest("a parameter without a name");
  out.quoted = skip(rest, '"');
  if (out.quoted) {
    const std::size_t end = rest.find('"');
    if (end == std::string_view::npos || !quotable(rest.substr(0, end))) return bad_digest("a value that does not end, or is not plain");
    out.value = std::string(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  } else {
    out.value = std::string(token(rest));
    if (out.value.empty()) return bad_digest("a parameter without a value");
  }
  return out;
}

}  // namespace

Error bad_digest(std::string what) { return {Code::malformed, "onboard.digest", std::move(what)}; }

bool quotable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

Result<DigestParameters> DigestParameters::parse(std::string_view header) {
  if (header.size() > kMaxDigestHeader || header.size() < kScheme.size() ||
      !std::ranges::equal(header.substr(0, kScheme.size()), kScheme, {}, lower, lower))
    return bad_digest("no Digest header");
  std::string_view rest = header.substr(kScheme.size());
  DigestParameters out;
  do {
    skip_blanks(rest);
    DigestParameter next = TF_TRY(parameter(rest));
    if (out.has(next.name) || out.left_.size() == kMaxParameters) return bad_digest("a parameter twice, or too many");
    out.left_.push_back(std::move(next));
    skip_blanks(rest);
  } while (skip(rest, ','));
  if (!rest.empty()) return bad_digest("something behind a parameter");
  return out;
}

bool DigestParameters::has(std::string_view name) const {
  return std::ranges::any_of(left_, [&](const DigestParameter& one) { return one.name == name; });
}

Result<std::string> DigestParameters::take(std::string_view name, bool quoted) {
  const auto found = std::ranges::find(left_, name, &DigestParameter::name);
  if (found == left_.end() || found->quoted != quoted) return bad_digest(std::string(name) + " is missing or not written as it is to be");
  std::string out = std::move(found->value);
  left_.erase(found);
  return out;
}

Status DigestParameters::finish() const {
  if (left_.empty()) return {};
  return bad_digest("unknown parameter " + left_.front().name);
}

}  // namespace tf::onboard
