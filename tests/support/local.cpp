#include "tests/support/local.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace tf::test {

std::uint16_t free_port() {
  static int next = 10'000 + (::getpid() * 37) % 20'000;
  while (true) {
    next = next >= 32'000 ? 10'000 : next + 1;
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(next));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    if (free) return static_cast<std::uint16_t>(next);
  }
}

void write_text(const std::string& path, std::string_view text) { std::ofstream(path, std::ios::binary | std::ios::trunc) << text; }

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 6000; ++i) {
    if (condition()) return true;
    ::usleep(5'000);
  }
  return false;
}

}  // namespace tf::test
