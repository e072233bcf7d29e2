// The cryptographic operations of one download on the server's side, through the same calls the server makes, with nothing
// around them: the first term of the floor.
#pragma once
#include "protocols/rki/suite.hpp"

namespace tf::bench {

double crypto_cpu_us(rki::Suite suite);

}  // namespace tf::bench
