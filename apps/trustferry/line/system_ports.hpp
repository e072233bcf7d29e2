// The clock and the randomness of this machine, for commands.
#pragma once
#include "base/ports.hpp"

namespace tf::cli {

inline SystemClock system_clock;
inline SystemRandom system_random;

}  // namespace tf::cli
