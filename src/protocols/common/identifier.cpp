#include "protocols/common/identifier.hpp"

#include "wire/encoding.hpp"

namespace tf::protocols {

std::string new_id(Random& random) {
  std::string out;
  do out = wire::base64url(random.array<16>());
  while (out.front() == '-');
  return out;
}

}  // namespace tf::protocols
