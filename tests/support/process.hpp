// Programs started without a shell, the real trustferry among them. No child outlives the test that started it.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/json.hpp"

namespace tf::test {

struct Finished {
  int exit_code = -1;  // -1 when it was killed or did not end in time
  std::string out;
  std::string err;
};

struct Surroundings {
  std::vector<std::pair<std::string, std::string>> environment{};  // beside our own variables
};

// A program at work. The destructor kills it.
class Process {
 public:
  // Standard output and error go to the end of the file.
  static Process start(const std::vector<std::string>& command, const std::string& log_file, std::string_view input = "",
                       const Surroundings& surroundings = {});
  Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Process& operator=(Process&& other) noexcept {
    std::swap(pid_, other.pid_);
    return *this;
  }
  ~Process();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool running() const;
  void send(int signal) const;  // SIGSTOP: returns when it stands still
  // The exit code, 128 + the signal it died of, or -1 when it had to be killed as it did not end in time.
  int wait(std::chrono::seconds at_most = std::chrono::seconds(60));

 private:
  explicit Process(pid_t pid) : pid_(pid) {}
  friend Finished run(const std::vector<std::string>&, std::string_view, const Surroundings&);
  pid_t pid_;
};

// Runs a program to its end, at most a minute. command[0] is a path or is looked for in PATH.
Finished run(const std::vector<std::string>& command, std::string_view input = "", const Surroundings& surroundings = {});

// The path of the trustferry that was built with this test.
std::string trustferry_program();
Finished trustferry(std::vector<std::string> words, std::string_view input = "", const Surroundings& surroundings = {});

// Standard output as one JSON object; throws when it is none, which fails the test.
wire::JsonObject json_of(const std::string& text);

}  // namespace tf::test
