#include "bench/all/memory_directory.hpp"

#include <cstdlib>
#include <filesystem>

namespace tf::bench {

Result<MemoryDirectory> MemoryDirectory::make() {
  std::string path = "/dev/shm/trustferry-bench-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return Error{Code::unavailable, "bench.memory", "/dev/shm takes no directory: what devices keep would be on the servers' disk"};
  return MemoryDirectory(std::move(path));
}

MemoryDirectory::~MemoryDirectory() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace tf::bench
