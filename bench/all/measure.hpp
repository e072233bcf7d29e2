// CPU time, of this thread and of other processes, in microseconds.
#pragma once
#include <sys/types.h>

#include <ctime>

namespace tf::bench {

inline double to_us(const timespec& time) { return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3; }

inline double thread_cpu_us() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return to_us(now);
}

// All threads of a process, user and system: what getrusage would tell the process itself.
inline double process_cpu_us(pid_t pid) {
  clockid_t clock{};
  timespec now{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &now) != 0) return 0;
  return to_us(now);
}

// Mean CPU of one call on this thread.
template <class F>
double cpu_us_per_call(int calls, F&& call) {
  for (int i = 0; i < calls / 10 + 1; ++i) call();
  const double before = thread_cpu_us();
  for (int i = 0; i < calls; ++i) call();
  return (thread_cpu_us() - before) / calls;
}

}  // namespace tf::bench
