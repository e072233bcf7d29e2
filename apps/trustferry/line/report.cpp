#include "apps/trustferry/line/report.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "apps/trustferry/line/command_line.hpp"

namespace tf::cli {

Facts& Facts::add(std::string name, std::string value) {
  rows_.emplace_back(std::move(name), std::move(value));
  return *this;
}

void Facts::print() const {
  std::size_t width = 0;
  for (const auto& [name, value] : rows_) width = std::max(width, name.size());
  for (const auto& [name, value] : rows_) print_line(fmt::format("{:<{}}  {}", name, width, value));
}

void TextTable::print() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}  ", row[i], i + 1 == row.size() ? 0 : widths[i]);
    while (line.ends_with(' ')) line.pop_back();
    print_line(line);
  }
}

std::string moment(std::int64_t ms) { return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::gmtime(static_cast<std::time_t>(ms / 1000))); }

std::string moment_in(wire::JsonObject& object, const char* name) { return moment(object.integer(name, 0, INT64_MAX).value_or(0)); }

}  // namespace tf::cli
