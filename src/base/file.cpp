#include "base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace tf {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { (void)close(); }
  [[nodiscard]] int get() const { return fd_; }
  bool close() {
    const int fd = std::exchange(fd_, -1);
    return fd < 0 || ::close(fd) == 0;
  }

 private:
  int fd_;
};

Error system_error(const char* reason, const std::string& path) {
  const int cause = errno;
  return Error{cause == ENOENT ? Code::not_found : Code::unavailable, cause == ENOENT ? "base.no_file" : reason,
               path + ": " + std::strerror(cause)};
}

Error write_error(const std::string& path) {
  return Error{Code::unavailable, "base.file_write", path + ": " + std::strerror(errno)};
}

bool write_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(fd, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  return true;
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// A rename is durable only when its directory is.
bool sync_directory(const std::string& path) {
  const Descriptor directory(::open(directory_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return directory.get() >= 0 && ::fsync(directory.get()) == 0;
}

}  // namespace

Result<SecretBytes> read_secret_file(const std::string& path, std::size_t max_size) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat status{};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return system_error("base.file_read", path);
  if (!S_ISREG(status.st_mode)) return Error{Code::unavailable, "base.file_read", path + ": not a regular file"};
  const Error too_large{Code::malformed, "base.file_too_large", path + ": over " + std::to_string(max_size) + " bytes"};
  if (std::cmp_greater(status.st_size, max_size)) return too_large;
  SecretBytes out(static_cast<std::size_t>(status.st_size) + 1);  // one more, to see a file that grows meanwhile
  std::size_t size = 0;
  while (size < out.size()) {
    const ssize_t got = ::read(file.get(), out.reveal_mutable().data() + size, out.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("base.file_read", path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size == out.size()) return Error{Code::unavailable, "base.file_read", path + ": changed while it was read"};
  out.shorten(size);
  return out;
}

Result<Bytes> read_file(const std::string& path, std::size_t max_size) {
  const SecretBytes content = TF_TRY(read_secret_file(path, max_size));
  return to_bytes(content.reveal());
}

Status write_file_atomic(const std::string& path, ByteView bytes, unsigned mode) {
  std::string temporary = path + ".XXXXXX";
  Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) return write_error(path);
  const bool written = ::fchmod(file.get(), static_cast<mode_t>(mode)) == 0 && write_all(file.get(), bytes) &&
                       ::fsync(file.get()) == 0 && file.close() && ::rename(temporary.c_str(), path.c_str()) == 0;
  if (!written) {
    Error error = write_error(path);
    ::unlink(temporary.c_str());
    return error;
  }
  if (!sync_directory(path)) return write_error(path);
  return {};
}

}  // namespace tf
