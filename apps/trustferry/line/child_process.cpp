#include "apps/trustferry/line/child_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

#include "base/file.hpp"

namespace tf::cli {
namespace {

// In the child, between fork and exec: nothing but system calls.
[[noreturn]] void become(char* const* argv, const char* log_file, bool own_error_output) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int in = ::open("/dev/null", O_RDONLY);
  const int out = ::open(log_file, O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  if (own_error_output) ::dup2(out, STDERR_FILENO);
  ::setpgid(0, 0);  // Ctrl-C at the terminal is ours to pass on
  ::execv(argv[0], argv);
  ::_exit(127);
}

Result<pid_t> spawn(const std::vector<std::string>& command, const std::string& log_file, bool own_error_output) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) return Error{Code::unavailable, "cli.fork", std::strerror(errno)};
  if (pid == 0) become(argv.data(), log_file.c_str(), own_error_output);
  return pid;
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& command, const std::string& log_file) {
  return ChildProcess(TF_TRY(spawn(command, log_file, true)), command[1]);
}

Result<std::string> ChildProcess::capture(const std::vector<std::string>& command, const std::string& output_file) {
  std::error_code ignored;
  std::filesystem::remove(output_file, ignored);
  ChildProcess child(TF_TRY(spawn(command, output_file, false)), command[1]);
  const int status = child.wait();
  if (status != 0) return Error{Code::internal, "cli.child", "trustferry " + child.name_ + " ended with status " + std::to_string(status)};
  const Bytes text = TF_TRY(read_file(output_file, 16UL * 1024 * 1024));
  return std::string(as_text(text));
}

ChildProcess::~ChildProcess() { terminate(); }

int ChildProcess::terminate() {
  if (pid_ > 0) ::kill(pid_, SIGTERM);
  return wait();
}

bool ChildProcess::running() {
  siginfo_t ended{};
  return pid_ > 0 && ::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == 0;
}

int ChildProcess::wait() {
  if (pid_ <= 0) return 0;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string own_program() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

}  // namespace tf::cli
