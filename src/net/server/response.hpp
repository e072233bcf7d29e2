// A response as bytes. Private to net/.
#pragma once
#include <string>

#include "net/problem.hpp"

namespace tf::net {

struct ResponseFrame {
  bool without_body = false;  // the answer to HEAD: its length is still told
  bool close = false;
};

// Appends head and body. Cache-Control is no-store unless the response has its own. A response that cannot be written
// without changing its meaning (a header with a line break, or one that belongs to the framing) becomes a 500.
void append_response(std::string& out, const HttpResponse& response, ResponseFrame frame);

}  // namespace tf::net
