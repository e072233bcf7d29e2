#include "tests/cli/program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace tf::test {
namespace {

// Files in memory instead of pipes: nobody can block on a full one.
int memory_file(std::string_view content) {
  const int fd = ::memfd_create("trustferry-test", MFD_CLOEXEC);
  if (fd < 0 || ::write(fd, content.data(), content.size()) != static_cast<ssize_t>(content.size())) std::abort();
  ::lseek(fd, 0, SEEK_SET);
  return fd;
}

std::string content_of(int fd) {
  std::string out(static_cast<std::size_t>(::lseek(fd, 0, SEEK_END)), '\0');
  if (::pread(fd, out.data(), out.size(), 0) != static_cast<ssize_t>(out.size())) std::abort();
  ::close(fd);
  return out;
}

int wait_for(pid_t pid) {
  for (int i = 0; i < 3000; ++i) {
    int status = 0;
    if (::waitpid(pid, &status, WNOHANG) == pid) return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ::usleep(10'000);
  }
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  return -1;
}

}  // namespace

Finished trustferry(const std::vector<std::string>& words, std::string_view input) {
  std::vector<char*> arguments{const_cast<char*>("trustferry")};
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int in = memory_file(input);
  const int out = memory_file("");
  const int err = memory_file("");
  const pid_t pid = ::fork();
  if (pid < 0) std::abort();
  if (pid == 0) {
    if (::dup2(in, 0) == 0 && ::dup2(out, 1) == 1 && ::dup2(err, 2) == 2) ::execv(TRUSTFERRY_PROGRAM, arguments.data());
    ::_exit(127);
  }
  Finished finished;
  finished.exit_code = wait_for(pid);
  ::close(in);
  finished.out = content_of(out);
  finished.err = content_of(err);
  return finished;
}

wire::JsonObject json_of(const std::string& text) {
  if (text.empty() || text.back() != '\n') std::abort();
  return std::move(wire::JsonObject::parse(std::string_view(text).substr(0, text.size() - 1)).value());
}

}  // namespace tf::test
