// Identifiers that travel, stand in databases and are typed by people.
#pragma once
#include <string>

#include "base/ports.hpp"

namespace tf::protocols {

// 22 characters of base64url, 128 bits; the first is no '-', which a command line would take for an option.
std::string new_id(Random& random);

}  // namespace tf::protocols
