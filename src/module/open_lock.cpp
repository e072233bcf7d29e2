// The lock file beside a module; the system lets go of it when the process ends, however it ends.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "module/state.hpp"

namespace tf::module {

Result<OpenLock> OpenLock::take(const std::string& directory, std::string_view dsim_id) {
  const std::string path = directory + "/" + std::string(dsim_id) + ".lock";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return Error{Code::unavailable, "module.store", path + ": " + std::strerror(errno)};
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return OpenLock(descriptor);
  ::close(descriptor);
  return Error{Code::conflict, "module.in_use", std::string(dsim_id) + " is open already"};
}

OpenLock::OpenLock(OpenLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

OpenLock::~OpenLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

namespace {

Status good_name(std::string_view dsim_id) {
  if (!valid_dsim_id(dsim_id)) return Error{Code::invalid, "module.dsim_id", "1 to 64 letters, digits, '.', '_' and '-'"};
  return {};
}

}  // namespace

Result<OpenLock> lock_for_new(const std::string& directory, std::string_view dsim_id) {
  TF_CHECK(good_name(dsim_id));
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Error{Code::unavailable, "module.store", directory + ": " + error.message()};
  OpenLock lock = TF_TRY(OpenLock::take(directory, dsim_id));
  if (std::filesystem::exists(StateFile::path_of(directory, dsim_id), error))
    return Error{Code::conflict, "module.exists", std::string(dsim_id) + " has a module in " + directory + " already"};
  return lock;
}

Result<OpenLock> lock_for_existing(const std::string& directory, std::string_view dsim_id) {
  TF_CHECK(good_name(dsim_id));
  std::error_code ignored;
  if (!std::filesystem::exists(StateFile::path_of(directory, dsim_id), ignored))
    return Error{Code::not_found, "module.no_module", std::string(dsim_id) + " has no module in " + directory};
  return OpenLock::take(directory, dsim_id);
}

}  // namespace tf::module
