// A body may be a secret or hold one: what it leaves behind while it is read is wiped. Private to net/.
#pragma once
#include <algorithm>
#include <memory>
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

// Takes what was used off the front of what was read; what follows moves there, and nothing stays behind it.
inline void drop_used(std::string& input, std::size_t used) {
  const std::size_t rest = input.size() - used;
  std::copy(input.begin() + static_cast<std::ptrdiff_t>(used), input.end(), input.begin());
  wipe(input.data() + rest, used);
  input.resize(rest);
}

struct WipeText {
  void operator()(std::string* text) const { wipe(text->data(), text->size()); }
};
// Of a text that outlives it.
using WipedAtEnd = std::unique_ptr<std::string, WipeText>;

}  // namespace tf::net
