// Making a TCP connection within a time. Private to net/link.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include "net/local/stream.hpp"

namespace tf::net {

// host: a name or an address. Tries each address it has. Code::unavailable "link.connect".
Result<Descriptor> dial(const std::string& host, std::uint16_t port, std::chrono::milliseconds timeout);

// A socket that listens; port 0: the system chooses. Code::unavailable "link.listen".
struct Listening {
  Descriptor socket;
  std::uint16_t port = 0;
};
Result<Listening> listen_at(const std::string& host, std::uint16_t port);

}  // namespace tf::net
