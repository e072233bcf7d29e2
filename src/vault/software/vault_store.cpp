// Reading and replacing the vault's file. Writers of several processes take turns on a lock file, and nobody overwrites
// a version he has not seen: a lost key is lost for good.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/file.hpp"
#include "vault/software/vault_file.hpp"

namespace tf::vault::software {
namespace {

class FileLock {
 public:
  static Result<FileLock> take(const std::string& path) {
    FileLock lock(::open((path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    int rc = -1;
    if (lock.fd_ >= 0) do
        rc = ::flock(lock.fd_, LOCK_EX);
      while (rc != 0 && errno == EINTR);
    if (rc != 0) return Error{Code::unavailable, "vault.lock", path + ".lock: " + std::strerror(errno)};
    return lock;
  }
  FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock() {
    if (fd_ >= 0) ::close(fd_);
  }

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

bool exists(const std::string& path) {
  std::error_code ec;
  return std::filesystem::exists(std::filesystem::symlink_status(path, ec));
}

}  // namespace

Result<VaultFile> load(const std::string& path) {
  auto text = read_file(path, kMaxFile);
  if (!text && text.error().code == Code::not_found)
    return Error{Code::not_found, "vault.no_file", "no vault at " + path};
  if (!text && text.error().code == Code::malformed)
    return Error{Code::integrity, "vault.file", path + ": it is too large for a vault file"};
  if (!text) return std::move(text).error();
  auto file = decode(as_text(*text));
  if (!file) return Error{Code::integrity, "vault.file", path + ": " + file.error().detail};
  return file;
}

Status save(const std::string& path, const VaultFile* before, const VaultFile& after) {
  const FileLock lock = TF_TRY(FileLock::take(path));
  if (before == nullptr) {
    if (exists(path)) return Error{Code::conflict, "vault.file_exists", path + " exists already"};
  } else if (as_text(TF_TRY(read_file(path, kMaxFile))) != encode(*before)) {
    return Error{Code::conflict, "vault.file_changed",
                 path + " was changed by someone else; unseal again, then repeat"};
  }
  const std::string text = encode(after);
  if (auto readable = decode(text); !readable)  // never a file that we could not open again
    return Error{Code::refused, "vault.file_full", "the vault cannot hold that: " + readable.error().detail};
  return write_file_atomic(path, as_bytes(text), 0600);
}

}  // namespace tf::vault::software
