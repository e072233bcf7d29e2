#include "bench/all/results.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <set>

#include "base/file.hpp"

namespace json = boost::json;

namespace tf::bench {
namespace {

std::string commit() {
  std::string out;
  if (FILE* git = popen("git rev-parse --short HEAD 2>/dev/null", "r")) {
    char line[64] = {};
    if (std::fgets(line, sizeof line, git) != nullptr) out = line;
    pclose(git);
  }
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

json::array rows_kept(const std::string& path, const std::set<std::string>& replaced) {
  json::array out;
  const auto text = read_file(path, 16 * 1024 * 1024);
  if (!text) return out;
  json::error_code error;
  const json::value before = json::parse(json::string_view(reinterpret_cast<const char*>(text->data()), text->size()), error);
  if (error || !before.is_array()) return out;
  for (const json::value& row : before.get_array()) {
    const json::value* name = row.is_object() ? row.get_object().if_contains("name") : nullptr;
    if (name != nullptr && name->is_string() && !replaced.contains(std::string(name->get_string()))) out.push_back(row);
  }
  return out;
}

double measure_of(const Row& row) { return row.bound > 0 ? row.value / row.bound : row.value; }

}  // namespace

Status write_rows(const std::string& path, const std::vector<Row>& rows) {
  std::set<std::string> replaced;
  for (const Row& row : rows) replaced.insert(row.name);
  json::array all = rows_kept(path, replaced);
  const std::string at = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  const std::string made_by = commit();
  for (const Row& row : rows) {
    json::object object{{"name", row.name}, {"value", row.value}, {"unit", row.unit}, {"bound", nullptr}, {"ratio", nullptr},
                        {"better", row.better}, {"commit", made_by}, {"at", at}};
    if (row.bound > 0) {
      object["bound"] = row.bound;
      object["ratio"] = row.value / row.bound;
    }
    all.push_back(std::move(object));
  }
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  return write_file_atomic(path, as_bytes(json::serialize(all) + "\n"), 0644);
}

std::vector<Row> middle(const std::vector<std::vector<Row>>& rounds) {
  std::vector<Row> out;
  for (std::size_t at = 0; !rounds.empty() && at < rounds.front().size(); ++at) {
    std::vector<Row> same;
    for (const auto& round : rounds) same.push_back(round.at(at));
    std::ranges::sort(same, {}, measure_of);
    Row row = same[(same.size() - 1) / 2];
    row.least = measure_of(same.front());
    row.most = measure_of(same.back());
    out.push_back(std::move(row));
  }
  return out;
}

double middle(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[(values.size() - 1) / 2];
}

void print_rows(const std::vector<Row>& rows) {
  fmt::print("{:<32} {:>12} {:>12} {:>7}  {:<16} {}\n", "name", "value", "bound", "ratio", "rounds", "unit, better");
  for (const Row& row : rows) {
    const std::string bound = row.bound > 0 ? fmt::format("{:.1f}", row.bound) : "";
    const std::string ratio = row.bound > 0 ? fmt::format("{:.2f}", row.value / row.bound) : "";
    const std::string rounds = row.most == 0 ? "" : row.bound > 0 ? fmt::format("{:.2f} to {:.2f}", row.least, row.most) : fmt::format("{:.0f} to {:.0f}", row.least, row.most);
    fmt::print("{:<32} {:>12.1f} {:>12} {:>7}  {:<16} {}, {}\n", row.name, row.value, bound, ratio, rounds, row.unit, row.better);
  }
}

}  // namespace tf::bench
