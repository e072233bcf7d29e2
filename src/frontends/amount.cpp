#include "frontends/amount.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>

namespace tf::frontends {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::int64_t number(std::string_view digits) {
  std::int64_t out = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return out;
}

std::tm china(std::int64_t at_ms) {
  const auto seconds = static_cast<std::time_t>(at_ms / 1000 + 8 * 3600);  // no daylight saving since 1991
  std::tm out{};
  ::gmtime_r(&seconds, &out);
  return out;
}

}  // namespace

std::string decimal(std::int64_t minor) { return fmt::format("{}.{:02}", minor / 100, minor % 100); }

std::optional<std::int64_t> minor_of(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  if (!all_digits(whole) || whole.size() > 12 || (whole.size() > 1 && whole.front() == '0')) return std::nullopt;
  if (point == std::string_view::npos) return number(whole) * 100;
  const std::string_view part = text.substr(point + 1);
  if (!all_digits(part) || part.size() > 2) return std::nullopt;
  return number(whole) * 100 + number(part) * (part.size() == 1 ? 10 : 1);
}

std::optional<std::int64_t> whole_minor_of(std::string_view text) {
  if (!all_digits(text) || text.size() > 15 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  return number(text);
}

std::string china_time(std::int64_t at_ms) {
  const std::tm t = china(at_ms);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

std::string china_digits(std::int64_t at_ms) {
  const std::tm t = china(at_ms);
  return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

}  // namespace tf::frontends
