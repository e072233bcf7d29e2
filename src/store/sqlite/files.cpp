#include "store/sqlite/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tf::store::sqlite {
namespace {

Error from_errno(const std::string& path, int number) {
  const std::string detail = path + ": " + std::strerror(number);
  switch (number) {
    case EACCES:
    case EPERM:
    case EROFS: return {Code::unavailable, "store.read_only", detail};
    case ENOSPC:
    case EDQUOT: return {Code::unavailable, "store.full", detail};
    default: return {Code::unavailable, "store.cannot_open", detail};
  }
}

}  // namespace

Result<FileLock> FileLock::take(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return from_errno(path, errno);
  FileLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return from_errno(path, errno);
  return Error{Code::conflict, "store.in_use", path + " is held by another process"};
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

// An existing database is not opened here: closing any descriptor of it would drop the locks SQLite holds on it.
Status prepare_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor >= 0) {
    ::close(descriptor);
    return {};
  }
  if (errno != EEXIST) return from_errno(path, errno);
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return from_errno(path, errno);
  if (!S_ISREG(found.st_mode)) return Error{Code::invalid, "store.cannot_open", path + " is not a file"};
  if ((found.st_mode & 077) != 0 && ::chmod(path.c_str(), found.st_mode & 0600) != 0) return from_errno(path, errno);
  return {};
}

}  // namespace tf::store::sqlite
