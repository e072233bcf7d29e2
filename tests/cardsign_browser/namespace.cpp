// The whole test program lives in a network of its own, where pcscd's virtual reader may listen on all addresses, with /run and /etc/chromium of
// its own. Entered before any thread begins; what cannot be entered, or is not installed, fails every test loudly.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace tf::test {
namespace {

bool loopback_up() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool up = fd >= 0 && ::ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  ::close(fd);
  return up;
}

bool write_to(const char* path, const std::string& text) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  const bool done = fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  return done;
}

class OwnMachine final : public testing::Environment {
 public:
  void SetUp() override {
    for (const char* program : {"/usr/sbin/pcscd", "/usr/bin/chromium", "/usr/bin/certutil", "/usr/bin/modutil"})
      ASSERT_EQ(::access(program, X_OK), 0) << program << " is not installed: ./dev test installs it";
    for (const char* file : {"/etc/reader.conf.d/vpcd", "/etc/chromium"}) ASSERT_EQ(::access(file, R_OK), 0) << file << " is not there: ./dev test installs it";
    const uid_t uid = ::geteuid();
    const gid_t gid = ::getegid();
    ASSERT_EQ(::unshare(CLONE_NEWNET | CLONE_NEWNS | (uid == 0 ? 0 : CLONE_NEWUSER)), 0) << "namespaces are needed (root, or user namespaces): " << std::strerror(errno);
    if (uid != 0)
      ASSERT_TRUE(write_to("/proc/self/setgroups", "deny") && write_to("/proc/self/uid_map", "0 " + std::to_string(uid) + " 1") &&
                  write_to("/proc/self/gid_map", "0 " + std::to_string(gid) + " 1")) << std::strerror(errno);
    ASSERT_EQ(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0) << std::strerror(errno);
    for (const char* place : {"/run", "/etc/chromium"}) ASSERT_EQ(::mount("tmpfs", place, "tmpfs", 0, "mode=755"), 0) << place << ": " << std::strerror(errno);
    ASSERT_EQ(::mkdir("/run/pcscd", 0755), 0);
    ASSERT_TRUE(loopback_up()) << std::strerror(errno);
  }
};

[[maybe_unused]] testing::Environment* const kOwnMachine = testing::AddGlobalTestEnvironment(new OwnMachine);

}  // namespace
}  // namespace tf::test
