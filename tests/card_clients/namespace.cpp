// The whole test program lives in network and mount namespaces of its own: vpcd binds all addresses, and pcscd's socket is fixed below /run. Entered before
// any thread begins; what cannot be entered fails every test loudly.
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

// Who is not root becomes root of a user namespace, and stays himself outside of it.
bool be_root_inside(uid_t uid, gid_t gid) {
  return write_to("/proc/self/setgroups", "deny") && write_to("/proc/self/uid_map", "0 " + std::to_string(uid) + " 1") &&
         write_to("/proc/self/gid_map", "0 " + std::to_string(gid) + " 1");
}

class OwnReader final : public testing::Environment {
 public:
  void SetUp() override {
    const uid_t uid = ::geteuid();
    const gid_t gid = ::getegid();
    ASSERT_EQ(::unshare((uid == 0 ? 0 : CLONE_NEWUSER) | CLONE_NEWNET | CLONE_NEWNS), 0)
        << "namespaces for network and mounts are needed (root, or user namespaces): " << std::strerror(errno);
    if (uid != 0) ASSERT_TRUE(be_root_inside(uid, gid)) << std::strerror(errno);
    ASSERT_TRUE(loopback_up()) << std::strerror(errno);
    ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0) << std::strerror(errno);
    ASSERT_EQ(::mount("none", "/run", "tmpfs", 0, nullptr), 0) << std::strerror(errno);
    ASSERT_EQ(::mkdir("/run/pcscd", 0755), 0) << std::strerror(errno);
  }
};

[[maybe_unused]] testing::Environment* const kOwnReader = testing::AddGlobalTestEnvironment(new OwnReader);

}  // namespace
}  // namespace tf::test
