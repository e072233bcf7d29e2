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
  double least = 0;     // of the rounds, the ratio (value, where there is no bound); 0: measured once
  double most = 0;
};

// A machine among others is disturbed now and then, for seconds at a time: each round measures terms and whole one after the other and makes its rows of them.
// Of each row the round counts that is in the middle, by ratio (by value, where there is no bound). The same rows in the same order in each round.
std::vector<Row> middle(const std::vector<std::vector<Row>>& rounds);
// The same of numbers that are measured once in a round.
double middle(std::vector<double> values);

Status write_rows(const std::string& path, const std::vector<Row>& rows);
void print_rows(const std::vector<Row>& rows);

}  // namespace tf::bench
