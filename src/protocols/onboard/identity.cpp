#include "protocols/onboard/identity.hpp"

#include <algorithm>
#include <charconv>

namespace tf::onboard {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_alphanumeric(char c) { return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool all_digits(std::string_view text) { return std::ranges::all_of(text, is_digit); }

// ISO/IEC 7812-1 annex B.
bool luhn(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    int digit = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1) digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
    sum += digit;
  }
  return sum % 10 == 0;
}

bool name_like(std::string_view text, std::string_view besides) {
  const auto fits = [&](char c) { return is_alphanumeric(c) || besides.find(c) != std::string_view::npos; };
  return !text.empty() && text.size() <= kMaxId && is_alphanumeric(text.front()) && std::ranges::all_of(text, fits);
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && text.size() <= 5 && text.front() != '0' && port <= 65535;
}

bool is_host(std::string_view text) {
  const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';  // IPv6
  const auto in_name = [](char c) { return is_digit(c) || is_lower(c) || c == '.' || c == '-'; };
  const auto in_address = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || c == ':' || c == '.'; };
  if (bracketed) return std::ranges::all_of(text.substr(1, text.size() - 2), in_address);
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, in_name);
}

}  // namespace

Result<std::string> parse_id(std::string_view text) {
  if (!name_like(text, "._:-"))
    return Error{Code::malformed, "onboard.id", "an id is 1 to 64 of A-Z a-z 0-9 . _ : -, beginning with a letter or digit"};
  return std::string(text);
}

Result<std::string> parse_dsim_id(std::string_view text) {
  if (!name_like(text, ".:-"))
    return Error{Code::malformed, "onboard.dsim_id", "a DSIM_ID is 1 to 64 of A-Z a-z 0-9 . : -, beginning with a letter or digit"};
  return std::string(text);
}

Result<std::string> parse_imsi(std::string_view text) {
  if ((text.size() != 14 && text.size() != 15) || !all_digits(text)) return Error{Code::malformed, "onboard.imsi", "an IMSI is 14 or 15 digits"};
  return std::string(text);
}

std::string account_user(std::string_view delivery, std::string_view server_id) { return std::string(delivery) + "@" + std::string(server_id); }

Result<AccountUser> parse_account_user(std::string_view user) {
  const std::size_t at = user.find('@');
  const auto delivery = parse_id(user.substr(0, at)), server_id = parse_id(at == std::string_view::npos ? "" : user.substr(at + 1));
  if (!delivery || !server_id) return Error{Code::malformed, "onboard.user", "an account's user is a delivery and a server, with @ between them"};
  return AccountUser{*delivery, *server_id};
}

Result<std::string> parse_iccid(std::string_view text) {
  if (text.size() < 18 || text.size() > 20 || !all_digits(text) || (text.size() > 18 && !luhn(text)))
    return Error{Code::malformed, "onboard.iccid", "an ICCID is 18 to 20 digits; with 19 or 20 the last one is a check digit"};
  return std::string(text);
}

Result<std::string> parse_owner(std::string_view text) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (text.empty() || text.size() > kMaxId || std::ranges::any_of(text, control))
    return Error{Code::malformed, "onboard.owner", "an owner is up to 64 bytes of UTF-8 without control characters"};
  return std::string(text);
}

Result<std::string> parse_url(std::string_view text) {
  const auto printable = [](char c) { return c > 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '<' && c != '>'; };
  if (text.size() > kMaxUrl || !std::ranges::all_of(text, printable) || !host_of(text))
    return Error{Code::malformed, "onboard.url", "a URL is http or https with a host, up to 255 printable characters"};
  return std::string(text);
}

Result<std::string> parse_host(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == text.size() || !is_host(text.substr(0, colon)) || !is_port(text.substr(colon + 1)))
    return Error{Code::malformed, "onboard.host", "a host is name:port or address:port, in lower case"};
  return std::string(text);
}

Result<std::string> host_of(std::string_view url) {
  const bool tls = url.starts_with("https://");
  if (!tls && !url.starts_with("http://")) return Error{Code::malformed, "onboard.url", "a URL begins with https:// or http://"};
  url.remove_prefix(tls ? 8 : 7);
  std::string host(url.substr(0, url.find_first_of("/?#")));
  const std::size_t colon = host.rfind(':');
  if (colon == std::string::npos || host.ends_with("]")) host += tls ? ":443" : ":80";
  if (!parse_host(host)) return Error{Code::malformed, "onboard.url", "a URL has a host in lower case"};
  return host;
}

}  // namespace tf::onboard
