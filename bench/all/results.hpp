// bench/out/latest.json: a list of rows; a run replaces its own rows and leaves the others.
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"

namespace tf::bench {

struct Row {
  std::string name;
  double value = 0;
  std::string unit;     // "us", "MiB", "1/s"
  double bound = 0;     // 0: none
  std::string better;   // "lower" or "higher"
};

Status write_rows(const std::string& path, const std::vector<Row>& rows);
void print_rows(const std::vector<Row>& rows);

}  // namespace tf::bench
