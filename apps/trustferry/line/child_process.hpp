// A program started beside this one, ended with it.
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.hpp"

namespace tf::cli {

class ChildProcess {
 public:
  // Standard output and error go to the log file; standard input is empty. The child dies when this process does.
  static Result<ChildProcess> start(const std::vector<std::string>& command, const std::string& log_file);
  // Runs to its end with standard output in a file of its own (truncated first), and gives what it printed; standard
  // error is ours. Code::internal when it does not exit with 0.
  static Result<std::string> capture(const std::vector<std::string>& command, const std::string& output_file);

  ChildProcess(ChildProcess&& other) noexcept : pid_(other.pid_), name_(std::move(other.name_)) { other.pid_ = -1; }
  ~ChildProcess();  // terminate()
  // SIGTERM, then waits; its exit status, or 128 + the signal that ended it.
  int terminate();
  [[nodiscard]] bool running();
  int wait();

 private:
  ChildProcess(pid_t pid, std::string name) : pid_(pid), name_(std::move(name)) {}
  pid_t pid_;
  std::string name_;
};

// The file this program was started from.
std::string own_program();

}  // namespace tf::cli
