// The processors that this process may use.
#pragma once
#include <sched.h>

#include <algorithm>

namespace tf::net {

// 1 to 64; 2 where the system does not say.
inline int processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof set, &set) == 0 ? std::clamp(CPU_COUNT(&set), 1, 64) : 2;
}

}  // namespace tf::net
