// The request target in origin-form (RFC 9112 §3.2.1): an absolute path and a query, decoded once.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace tf::net {

struct Target {
  std::string path;                                        // begins with '/'
  std::vector<std::pair<std::string, std::string>> query;  // in order; '+' is a space, "a" is the same as "a="
};

// One spelling for each path: no "." or ".." or empty segment (a '/' may stand at the end), no encoded '/' or '\', no
// control character in any form, only the characters of RFC 3986, UTF-8 once decoded, at most 64 query fields.
// Everything else is Code::malformed "net.target".
Result<Target> parse_target(std::string_view text);

}  // namespace tf::net
