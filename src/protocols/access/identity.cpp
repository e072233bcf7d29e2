#include "protocols/access/identity.hpp"

#include <algorithm>

namespace tf::access {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

Result<std::string> parse_did(std::string_view text) {
  const auto fits = [](char c) { return is_digit(c) || is_lower(c) || is_upper(c) || c == '.' || c == '_' || c == ':' || c == '-'; };
  if (text.empty() || text.size() > kDidMax || !std::ranges::all_of(text, fits))
    return Error{Code::malformed, "access.did", "a Did is 1 to 64 of A-Z a-z 0-9 . _ : -"};
  return std::string(text);
}

Result<std::string> parse_msisdn(std::string_view text) {
  if (text.size() < 5 || text.size() > 15 || text.front() == '0' || !std::ranges::all_of(text, is_digit))
    return Error{Code::malformed, "access.msisdn", "a number is 5 to 15 digits with its country code and without \"+\""};
  return std::string(text);
}

// It is shown to operators, on their terminals.
Result<std::string> parse_info(std::string_view text) {
  if (text.size() > kInfoMax || !std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; }))
    return Error{Code::malformed, "access.info", "Info is up to 256 printable ASCII characters"};
  return std::string(text);
}

Result<std::string> parse_service(std::string_view text) {
  const auto fits = [](char c) { return is_digit(c) || is_lower(c) || c == '-'; };
  if (text.empty() || text.size() > 32 || !std::ranges::all_of(text, fits))
    return Error{Code::malformed, "access.service", "a service's name is 1 to 32 of a-z 0-9 -"};
  return std::string(text);
}

Result<std::string> parse_apn(std::string_view text) {
  const auto fits = [](char c) { return is_digit(c) || is_lower(c) || is_upper(c) || c == '.' || c == '-'; };
  if (text.empty() || text.size() > kApnMax || !std::ranges::all_of(text, fits))
    return Error{Code::malformed, "access.apn", "an access point's name is 1 to 63 of A-Z a-z 0-9 . -"};
  return std::string(text);
}

std::string_view name_of(Suite suite) { return suite == Suite::classic ? "classic" : "modern"; }

Result<Suite> parse_suite(std::string_view name) {
  if (name == "modern") return Suite::modern;
  if (name == "classic") return Suite::classic;
  return Error{Code::malformed, "access.unknown_suite", "the suites are modern and classic"};
}

}  // namespace tf::access
