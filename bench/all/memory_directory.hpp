// A directory in memory for what clients keep: their flash is not the servers' disk, and whoever runs when a disk interrupts is charged for it.
#pragma once
#include <string>

#include "base/result.hpp"

namespace tf::bench {

class MemoryDirectory {
 public:
  // In /dev/shm. Code::unavailable "bench.memory" where that cannot be.
  static Result<MemoryDirectory> make();
  MemoryDirectory(MemoryDirectory&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  MemoryDirectory(const MemoryDirectory&) = delete;
  ~MemoryDirectory();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit MemoryDirectory(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace tf::bench
