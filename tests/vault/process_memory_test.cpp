#include "vault/process_memory.hpp"

#include <gtest/gtest.h>
#include <openssl/crypto.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <string>

namespace tf::vault::test {
namespace {

long locked_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmLck:")) return std::strtol(line.c_str() + 6, nullptr, 10);
  return -1;
}

bool sanitized(const MemoryReport& report) { return report.why == "built with a sanitizer"; }

// Runs in a child, as the protection cannot be taken back; 0 means all true.
int in_a_child(const std::function<int()>& what) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(what());
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

// The numbers say which expectation failed.
int check_against_the_system() {
  const MemoryReport report = protect_process_memory();
  if (memory_report().why != report.why || memory_report().locked != report.locked) return 1;
  if (sanitized(report)) return report.locked || report.not_dumped || report.key_heap ? 2 : 0;
  if (report.why.empty() != (report.locked && report.not_dumped)) return 3;
  if (report.not_dumped != (::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0)) return 4;
  rlimit core{};
  if (report.not_dumped && (::getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0)) return 5;
  if (report.locked && locked_kib() <= 0) return 6;
  if (report.key_heap != (CRYPTO_secure_malloc_initialized() == 1)) return 7;
  return 0;
}

TEST(ProcessMemory, reports_what_the_system_confirms) { EXPECT_EQ(in_a_child(check_against_the_system), 0); }

TEST(ProcessMemory, reports_that_nobody_asked) {
  EXPECT_FALSE(memory_report().locked);
  EXPECT_FALSE(memory_report().not_dumped);
  EXPECT_EQ(memory_report().why, "not asked for");
}

TEST(ProcessMemory, under_a_limit_it_locks_a_key_heap_and_allocations_go_on) {
  const auto limited = [] {
    const rlimit limit{8U << 20, 8U << 20};
    if (::setrlimit(RLIMIT_MEMLOCK, &limit) != 0) return 10;
    if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) return 11;  // gives up CAP_IPC_LOCK
    if (const int wrong = check_against_the_system(); wrong != 0) return wrong;
    const MemoryReport report = memory_report();
    if (!sanitized(report) && (report.locked || !report.key_heap || !report.why.starts_with("RLIMIT_MEMLOCK")))
      return 12;
    constexpr std::size_t kLarge = 64U << 20;
    void* memory = std::malloc(kLarge);
    if (memory == nullptr) return 13;
    std::memset(memory, 1, kLarge);
    std::free(memory);
    return 0;
  };
  EXPECT_EQ(in_a_child(limited), 0);
}

}  // namespace
}  // namespace tf::vault::test
