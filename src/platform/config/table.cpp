#include "platform/config/table.hpp"

#include <fmt/format.h>

namespace tf::platform::configuration {
namespace {

// The file's name without its folder, and the line; of what was in no file, that it was given.
std::string place_of(const toml::node& at) {
  if (!at.source().path) return "given";
  const std::string& path = *at.source().path;
  return fmt::format("{} line {}", path.substr(path.rfind('/') + 1), at.source().begin.line);
}

}  // namespace

Error wrong(const toml::node& at, const std::string& what) {
  return {Code::invalid, "config.value", fmt::format("{}: {}", place_of(at), what)};
}

const toml::node* Table::find(const char* key) {
  asked_.insert(key);
  return table_.get(key);
}

Status Table::integer(const char* key, std::int64_t min, std::int64_t max, std::int64_t& out) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  const auto value = node->value_exact<std::int64_t>();
  if (!value || *value < min || *value > max) return wrong(*node, fmt::format("{} is a number from {} to {}", key, min, max));
  out = *value;
  return {};
}

Status Table::texts(const char* key, std::vector<std::string>& out) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  const toml::array* array = node->as_array();
  if (array == nullptr) return wrong(*node, fmt::format("{} is a list of strings", key));
  out.clear();
  for (const toml::node& element : *array) {
    const auto text = element.value_exact<std::string>();
    if (!text) return wrong(element, fmt::format("{} is a list of strings", key));
    out.push_back(*text);
  }
  return {};
}

Result<std::string> Table::text(const char* key, std::string fallback) {
  const toml::node* node = find(key);
  if (node == nullptr) return fallback;
  const auto value = node->value_exact<std::string>();
  if (!value) return wrong(*node, fmt::format("{} is a string", key));
  return *value;
}

Result<bool> Table::choice(const char* key, std::string_view no, std::string_view yes, bool fallback) {
  const std::string word = TF_TRY(text(key, std::string(fallback ? yes : no)));
  if (word == yes || word == no) return word == yes;
  return wrong(*find(key), fmt::format("{} is \"{}\" or \"{}\"", key, no, yes));
}

Result<Listen> Table::listen(const char* key, const Listen& fallback) { return parse_listen(TF_TRY(text(key, fallback.text()))); }

Result<std::optional<Listen>> Table::listen_if(const char* key) {
  const std::string value = TF_TRY(text(key, ""));
  return value.empty() ? std::optional<Listen>() : std::optional(TF_TRY(parse_listen(value)));
}

Result<const toml::table*> Table::table(const char* key) {
  const toml::node* node = find(key);
  if (node == nullptr) return static_cast<const toml::table*>(nullptr);
  if (node->as_table() == nullptr) return wrong(*node, fmt::format("{} is a table", key));
  return node->as_table();
}

Result<const toml::array*> Table::tables(const char* key) {
  const toml::node* node = find(key);
  if (node == nullptr) return static_cast<const toml::array*>(nullptr);
  if (node->as_array() == nullptr) return wrong(*node, fmt::format("{} is a list of tables, [[{}]]", key, key));
  return node->as_array();
}

Status Table::finish() const {
  for (const auto& [key, node] : table_)
    if (!asked_.contains(std::string(key.str())))
      return Error{Code::invalid, "config.unknown_key",
                   fmt::format("{}: there is no setting \"{}{}\"", place_of(node), name_, key.str())};
  return {};
}

}  // namespace tf::platform::configuration
