// The cryptographic operations of one download on the server's side, through the same calls the server makes, with nothing
// around them: the first term of the floor.
#pragma once
#include "protocols/rki/suite.hpp"

namespace tf::bench {

double crypto_cpu_us(rki::Suite suite);

// The same for an initialisation and an authentication of access, suite modern, P-256.
double initialise_crypto_cpu_us();
double authenticate_crypto_cpu_us();

}  // namespace tf::bench
