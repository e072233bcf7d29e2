// A modem's line to programs: what they find when they open it.
#include "pcsc/pseudo_terminal.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "tests/support/expect.hpp"
#include "tests/support/temporary_directory.hpp"

namespace tf::pcsc {
namespace {

using test::must;

class Line : public testing::Test {
 protected:
  ~Line() override {
    end();
    ::close(stop);
  }
  // Says back what it hears, as often as it is told.
  void begin(std::size_t times = 1) {
    terminal = must(PseudoTerminal::open(path));
    work = std::thread([this, times] {
      EXPECT_OK(terminal->serve(
          [times](std::string_view heard) {
            std::string out;
            for (std::size_t i = 0; i < times; ++i) out += heard;
            return out;
          },
          stop));
    });
  }
  void end() {
    if (!work.joinable()) return;
    ::eventfd_write(stop, 1);
    work.join();
    terminal.reset();
  }
  int client() const {
    const int fd = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    EXPECT_GE(fd, 0);
    return fd;
  }
  static std::string hear(int fd, std::size_t size) {
    std::string out(size, '\0');
    std::size_t have = 0;
    pollfd wait{fd, POLLIN, 0};
    while (have < size && ::poll(&wait, 1, 10000) > 0) {
      const ssize_t n = ::read(fd, out.data() + have, size - have);
      if (n <= 0) break;
      have += static_cast<std::size_t>(n);
    }
    out.resize(have);
    return out;
  }
  test::TemporaryDirectory directory;
  std::string path = directory.file("at");
  int stop = ::eventfd(0, EFD_CLOEXEC);
  std::unique_ptr<PseudoTerminal> terminal;
  std::thread work;
};

TEST_F(Line, carries_octets_as_they_are_while_programs_come_and_go) {
  begin();
  const std::string octets("AT\r\n\x03\x04\x11\x13\x1a\x7f\xff\0~", 13);  // with all that a terminal would take for itself
  for (int program = 0; program < 2; ++program) {
    const int fd = client();
    ASSERT_EQ(::write(fd, octets.data(), octets.size()), static_cast<ssize_t>(octets.size()));
    EXPECT_EQ(hear(fd, octets.size()), octets);
    ::close(fd);
  }
}

TEST_F(Line, is_for_its_user_alone) {
  begin();
  struct stat seen{};
  ASSERT_EQ(::stat(path.c_str(), &seen), 0);
  EXPECT_TRUE(S_ISCHR(seen.st_mode));
  EXPECT_EQ(seen.st_mode & 0777u, 0600u);
}

TEST_F(Line, waits_for_a_program_that_reads_nothing_and_loses_nothing) {
  begin(2000);
  const int fd = client();
  const std::string said = "AT+CIMI\r";
  ASSERT_EQ(::write(fd, said.data(), said.size()), static_cast<ssize_t>(said.size()));
  std::string all;
  for (int i = 0; i < 2000; ++i) all += said;
  EXPECT_EQ(hear(fd, all.size()), all);
  ASSERT_EQ(::write(fd, said.data(), said.size()), static_cast<ssize_t>(said.size()));
  EXPECT_EQ(hear(fd, said.size()), said);
  end();  // with the rest untaken
  ::close(fd);
}

TEST_F(Line, leaves_what_is_at_its_path_already) {
  begin();
  EXPECT_REFUSED(PseudoTerminal::open(path), Code::conflict, "pcsc.path_exists");
  EXPECT_TRUE(std::filesystem::is_symlink(path));
  end();
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(path))) << "the link goes with the line";
  std::filesystem::create_symlink("/nowhere", path);
  EXPECT_REFUSED(PseudoTerminal::open(path), Code::conflict, "pcsc.path_exists");
  EXPECT_REFUSED(PseudoTerminal::open(directory.path()), Code::conflict, "pcsc.path_exists");
  EXPECT_REFUSED(PseudoTerminal::open(directory.file("no/such")), Code::unavailable, "pcsc.pseudo_terminal");
}

TEST_F(Line, does_not_remove_a_link_that_another_put_there) {
  begin();
  std::filesystem::remove(path);
  std::filesystem::create_symlink("/dev/null", path);
  end();
  EXPECT_EQ(std::filesystem::read_symlink(path), "/dev/null");
}

}  // namespace
}  // namespace tf::pcsc
