// Other programs, on the processors that servers have here, or on ours.
#pragma once
#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace tf::bench {

// The servers have the first half of the processors, the load generator the rest: what one does does not empty the other's
// caches, as it is with machines of their own.
enum class Share { servers, ours };
void share_processors(Share share);  // of this thread and those it starts

class Child {
 public:
  // program: a path, or a name to be looked for in PATH; what it says goes into the log. share: ours for the other side of a server.
  static Result<std::unique_ptr<Child>> start(const std::vector<std::string>& arguments, const std::string& log, Share share = Share::servers);
  ~Child();  // ends it
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] double cpu_us() const;  // of all its threads since it began

 private:
  explicit Child(pid_t pid) : pid_(pid) {}
  pid_t pid_;
};

// Whether a program of this name is installed.
bool is_installed(const std::string& program);

}  // namespace tf::bench
