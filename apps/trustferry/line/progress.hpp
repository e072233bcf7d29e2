// A progress bar on standard error while something counts; quiet where nobody watches a terminal.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

namespace tf::cli {

class ProgressBar {
 public:
  struct Count {
    std::int64_t done = 0;
    std::int64_t total = 0;
    std::int64_t failed = 0;
  };
  ProgressBar(std::string what, std::function<Count()> read);
  ~ProgressBar();  // draws the last state and ends the line
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

 private:
  void draw(bool last) const;
  std::string what_;
  std::function<Count()> read_;
  bool terminal_;
  std::jthread thread_;
};

}  // namespace tf::cli
