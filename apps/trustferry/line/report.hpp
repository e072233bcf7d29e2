// Results for people: names and values in columns, tables. With --json the same content as JSON text instead.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "wire/json.hpp"

namespace tf::cli {

// Two columns: a name and its value.
class Facts {
 public:
  Facts& add(std::string name, std::string value);
  void print() const;

 private:
  std::vector<std::pair<std::string, std::string>> rows_;
};

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> head) { rows_.push_back(std::move(head)); }
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void print() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// A moment in UTC, "2026-11-21 09:30:00".
std::string moment(std::int64_t ms);
// That of a member of an answer.
std::string moment_in(wire::JsonObject& object, const char* name);

}  // namespace tf::cli
