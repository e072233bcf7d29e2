// A body may be a secret or hold one: what it leaves behind while it is read is wiped. Private to net/.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace tf::net {

inline void append_body(std::string& body, std::string_view more) {
  if (body.capacity() - body.size() < more.size()) {
    std::string larger;
    larger.reserve(std::max(2 * body.capacity(), body.size() + more.size()));
    larger.append(body);
    wipe(body.data(), body.size());
    body.swap(larger);
  }
  body.append(more);
}

// Takes what was used off the front of what was read.
inline void drop_used(std::string& input, std::size_t used) {
  wipe(input.data(), used);
  input.erase(0, used);
}

}  // namespace tf::net
