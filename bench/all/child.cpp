#include "bench/all/child.hpp"

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "bench/all/measure.hpp"

namespace tf::bench {

void share_processors(Share share) {
  const int all = static_cast<int>(std::thread::hardware_concurrency());
  if (all < 2) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int i = 0; i < all; ++i)
    if ((i < all / 2) == (share == Share::servers)) CPU_SET(i, &set);
  sched_setaffinity(0, sizeof set, &set);
}

Result<std::unique_ptr<Child>> Child::start(const std::vector<std::string>& arguments, const std::string& log, Share share) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int out : {STDOUT_FILENO, STDERR_FILENO}) posix_spawn_file_actions_addopen(&actions, out, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t pid = -1;
  share_processors(share);  // a child has its parent's processors
  const int failed = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  share_processors(Share::ours);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return Error{Code::unavailable, "bench.child", "cannot start " + arguments[0]};
  return std::unique_ptr<Child>(new Child(pid));
}

Child::~Child() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

double Child::cpu_us() const { return process_cpu_us(pid_); }

bool is_installed(const std::string& program) {
  const char* path = std::getenv("PATH");
  for (std::string_view rest = path == nullptr ? "" : path; !rest.empty();) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    if (::access((std::string(rest.substr(0, end)) + "/" + program).c_str(), X_OK) == 0) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

}  // namespace tf::bench
