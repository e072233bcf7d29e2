#include "vault/process_memory.hpp"

#include <fmt/format.h>
#include <linux/capability.h>
#include <openssl/crypto.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <mutex>

namespace tf::vault {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

std::mutex report_mutex;
MemoryReport& report() {
  static MemoryReport kept;
  return kept;
}

bool may_lock_without_limit() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  return syscall(SYS_capget, &header, data) == 0 && (data[0].effective & (1U << CAP_IPC_LOCK)) != 0;
}

// The soft limit raised to the hard one.
rlim_t lock_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return 0;
  rlimit raised = limit;
  raised.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_MEMLOCK, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

void lock(MemoryReport& out) {
  const rlim_t limit = lock_limit();
  if (limit == RLIM_INFINITY || may_lock_without_limit()) {
    out.locked = mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
    if (!out.locked) out.why = fmt::format("mlockall: {}", std::strerror(errno));
    return;
  }
  // With a limit, MCL_FUTURE would turn a later allocation into a failure. A locked heap for private keys is what fits;
  // half the limit stays for others. OpenSSL wants a power of two.
  out.why = fmt::format("RLIMIT_MEMLOCK is {} KiB, set it to unlimited", limit / 1024);
  const std::size_t heap = std::bit_floor(std::min<std::size_t>(limit / 2, 16U << 20));
  if (heap < (1U << 20)) return;
  out.key_heap = CRYPTO_secure_malloc_init(heap, 32) == 1;
}

void keep_out_of_dumps(MemoryReport& out) {
  const rlimit none{0, 0};
  out.not_dumped = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && setrlimit(RLIMIT_CORE, &none) == 0;
  if (!out.not_dumped) out.why += fmt::format("{}dumps: {}", out.why.empty() ? "" : "; ", std::strerror(errno));
}

}  // namespace

MemoryReport protect_process_memory() {
  MemoryReport out;
  out.why.clear();
  if (kSanitized) {
    out.why = "built with a sanitizer";
  } else {
    lock(out);
    keep_out_of_dumps(out);
  }
  const std::lock_guard guard(report_mutex);
  return report() = out;
}

MemoryReport memory_report() {
  const std::lock_guard guard(report_mutex);
  return report();
}

}  // namespace tf::vault
