// The one form of base URL we take: https://host[:port][/].
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tf::net {

struct BaseUrl {
  std::string host{};  // a name in lower case, or an IP address without brackets
  std::uint16_t port = 443;
};

Result<BaseUrl> parse_base_url(std::string_view text);  // Code::invalid "net.base_url"

}  // namespace tf::net
