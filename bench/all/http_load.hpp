// Plain HTTP requests from many clients at once, on kept connections or a new one each time.
#pragma once
#include <functional>

#include "net/client/client.hpp"

namespace tf::bench {

struct HttpLoad {
  std::uint16_t port = 0;
  int requests = 0;
  int clients = 32;
  bool fresh = false;            // a new connection each time
  std::function<net::ClientRequest()> next;  // from many threads at once
  int status = 200;              // what every response has
  std::size_t least_bytes = 0;   // and how large it is at least
};
// Code::unavailable "bench.load" when one of them was not answered so: nothing is measured then.
Status send(const HttpLoad& load);

}  // namespace tf::bench
