#include "tests/support/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

extern char** environ;

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
  return out;
}

struct Streams {
  int in, out, err;
};

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environment_with(const Surroundings& surroundings) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) out.emplace_back(*entry);
  for (const auto& [name, value] : surroundings.environment) out.push_back(name + "=" + value);
  return out;
}

pid_t spawn(const std::vector<std::string>& command, Streams streams, const Surroundings& surroundings) {
  const auto environment = environment_with(surroundings);
  const auto argv = pointers_to(command);
  const auto envp = pointers_to(environment);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) std::abort();
  if (pid > 0) return pid;
  // Between fork and exec: nothing but system calls.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  if (::dup2(streams.in, 0) == 0 && ::dup2(streams.out, 1) == 1 && ::dup2(streams.err, 2) == 2)
    ::execvpe(argv[0], argv.data(), envp.data());
  ::_exit(127);
}

}  // namespace

Process Process::start(const std::vector<std::string>& command, const std::string& log_file, std::string_view input,
                       const Surroundings& surroundings) {
  const int log = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) std::abort();
  const int in = memory_file(input);
  Process out(spawn(command, {in, log, log}, surroundings));
  ::close(in);
  ::close(log);
  return out;
}

Process::~Process() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

bool Process::running() const {
  siginfo_t ended{};
  return pid_ > 0 && ::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == 0;
}

// A stop begins when the thread that takes the signal is next scheduled; on a busy machine the others go on until then.
void Process::send(int signal) const {
  if (pid_ <= 0) return;
  ::kill(pid_, signal);
  siginfo_t stopped{};
  if (signal == SIGSTOP) ::waitid(P_PID, static_cast<id_t>(pid_), &stopped, WSTOPPED | WEXITED | WNOWAIT);
}

int Process::wait(std::chrono::seconds at_most) {
  if (pid_ <= 0) return -1;
  const auto end = std::chrono::steady_clock::now() + at_most;
  while (std::chrono::steady_clock::now() < end) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    ::usleep(2'000);
  }
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
  return -1;
}

Finished run(const std::vector<std::string>& command, std::string_view input, const Surroundings& surroundings) {
  const Streams streams{memory_file(input), memory_file(""), memory_file("")};
  Process process(spawn(command, streams, surroundings));
  const int code = process.wait();
  Finished out{code < 128 ? code : -1, content_of(streams.out), content_of(streams.err)};
  for (const int fd : {streams.in, streams.out, streams.err}) ::close(fd);
  return out;
}

std::string trustferry_program() { return TRUSTFERRY_PROGRAM; }

Finished trustferry(std::vector<std::string> words, std::string_view input, const Surroundings& surroundings) {
  words.insert(words.begin(), trustferry_program());
  return run(words, input, surroundings);
}

wire::JsonObject json_of(const std::string& text) {
  if (text.empty() || text.back() != '\n') throw std::runtime_error("not a line of JSON: " + text);
  auto parsed = wire::JsonObject::parse(std::string_view(text).substr(0, text.size() - 1), {.size = 16UL * 1024 * 1024});
  if (!parsed) throw std::runtime_error("not a line of JSON: " + text);
  return std::move(*parsed);
}

}  // namespace tf::test
