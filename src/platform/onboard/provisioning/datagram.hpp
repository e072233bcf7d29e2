// One datagram over UDP: how package 0 reaches a device that listens for it.
#pragma once
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tf::platform {

// to: host:port. Code::invalid "onboard.address", Code::unavailable "onboard.datagram".
Status send_datagram(const std::string& to, ByteView content);

}  // namespace tf::platform
