// The running hash of a conversation: th_0 = SHA-256("trustferry/rki/1"), th_n = SHA-256(th_n-1 ‖ length ‖ body n), where
// body n is the n-th HTTP body exactly as it was on the wire and length its size in 4 bytes, big-endian. It begins with
// the suites offered, so nobody in between can talk the two sides down.
#pragma once
#include <string_view>

#include "base/bytes.hpp"

namespace tf::rki {

class Transcript {
 public:
  Transcript();
  void add(std::string_view body);
  // The hash there would be if text came next; the transcript stays as it is.
  [[nodiscard]] Hash256 with(std::string_view text) const;
  [[nodiscard]] const Hash256& hash() const { return hash_; }

 private:
  Hash256 hash_;
};

}  // namespace tf::rki
