#include "pcsc/pseudo_terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "base/secret.hpp"

namespace tf::pcsc {
namespace {

Error no_terminal(const std::string& what) { return Error{Code::unavailable, "pcsc.pseudo_terminal", what + ": " + std::strerror(errno)}; }

}  // namespace

Result<std::unique_ptr<PseudoTerminal>> PseudoTerminal::open(const std::string& path) {
  const int ours = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (ours < 0) return no_terminal("no pseudo terminal");
  std::unique_ptr<PseudoTerminal> out(new PseudoTerminal(ours, path));
  TF_CHECK(out->prepare());
  return out;
}

Status PseudoTerminal::prepare() {
  std::array<char, PATH_MAX> name{};
  if (::grantpt(ours_) != 0 || ::unlockpt(ours_) != 0 || ::ptsname_r(ours_, name.data(), name.size()) != 0) return no_terminal("no pseudo terminal");
  device_ = name.data();
  theirs_ = ::open(device_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  termios settings{};
  if (theirs_ < 0 || ::fchmod(theirs_, 0600) != 0 || ::tcgetattr(theirs_, &settings) != 0) return no_terminal(device_);
  ::cfmakeraw(&settings);
  if (::tcsetattr(theirs_, TCSANOW, &settings) != 0) return no_terminal(device_);
  if (::symlink(device_.c_str(), path_.c_str()) == 0) {
    linked_ = true;
    return {};
  }
  if (errno == EEXIST) return Error{Code::conflict, "pcsc.path_exists", path_ + " is there already; remove it, if nothing serves it any more"};
  return no_terminal(path_);
}

PseudoTerminal::~PseudoTerminal() {
  std::array<char, PATH_MAX> target{};
  const ssize_t size = linked_ ? ::readlink(path_.c_str(), target.data(), target.size()) : -1;
  if (size >= 0 && device_ == std::string_view(target.data(), static_cast<std::size_t>(size))) ::unlink(path_.c_str());
  if (theirs_ >= 0) ::close(theirs_);
  ::close(ours_);
}

Status PseudoTerminal::write_some(std::string& rest) const {
  const ssize_t n = ::write(ours_, rest.data(), rest.size());
  if (n < 0 && errno != EINTR && errno != EAGAIN) return no_terminal(device_);
  if (n <= 0) return {};
  wipe(rest.data(), static_cast<std::size_t>(n));  // keys of AKA
  rest.erase(0, static_cast<std::size_t>(n));
  return {};
}

Status PseudoTerminal::serve(const std::function<std::string(std::string_view)>& answer, int stop) {
  std::array<char, 4096> in{};
  std::string rest;
  for (;;) {
    pollfd both[] = {{stop, POLLIN, 0}, {ours_, static_cast<short>(rest.empty() ? POLLIN : POLLOUT), 0}};
    if (::poll(both, 2, -1) < 0) {
      if (errno == EINTR) continue;
      return no_terminal(device_);
    }
    if (both[0].revents != 0) break;
    if (!rest.empty()) {
      TF_CHECK(write_some(rest));
      continue;
    }
    const ssize_t n = ::read(ours_, in.data(), in.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n <= 0) return no_terminal(device_);
    rest = answer(std::string_view(in.data(), static_cast<std::size_t>(n)));
    wipe(in.data(), static_cast<std::size_t>(n));  // it may have been a PIN
  }
  wipe(rest.data(), rest.size());
  return {};
}

}  // namespace tf::pcsc
