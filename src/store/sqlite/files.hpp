// The files beside and around the database: its lock, its mode.
#pragma once
#include <string>
#include <utility>

#include "base/result.hpp"

namespace tf::store::sqlite {

// Held as long as the object lives; the kernel lets go when the process ends, however it ends.
class FileLock {
 public:
  static Result<FileLock> take(const std::string& path);  // Code::conflict "store.in_use"
  FileLock() = default;
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

// Makes the file with mode 0600 when there is none; takes the rights of group and others away when there is.
Status prepare_file(const std::string& path);

}  // namespace tf::store::sqlite
