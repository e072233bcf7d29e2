// The whole test program lives in a network namespace of its own: hostapd binds all addresses, and osmo-hlr has fixed ports. Entered
// before any thread begins; what cannot be entered fails every test loudly.
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tf::hss::test {
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

class OwnNetwork final : public testing::Environment {
 public:
  void SetUp() override {
    const int how = ::geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET;
    ASSERT_EQ(::unshare(how), 0) << "a network namespace is needed (root, or user namespaces): " << std::strerror(errno);
    ASSERT_TRUE(loopback_up()) << std::strerror(errno);
  }
};

[[maybe_unused]] testing::Environment* const kOwnNetwork = testing::AddGlobalTestEnvironment(new OwnNetwork);

}  // namespace
}  // namespace tf::hss::test
