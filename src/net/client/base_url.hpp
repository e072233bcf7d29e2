// The forms of base URL we take: https://host[:port][/], and http:// where a proxy on the way must read the request
// (an enriching gateway) and the payload protects itself.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tf::net {

struct BaseUrl {
  std::string host{};  // a name in lower case, or an IP address without brackets
  std::uint16_t port = 443;
  bool tls = true;
};

Result<BaseUrl> parse_base_url(std::string_view text);        // https only. Code::invalid "net.base_url"
Result<BaseUrl> parse_any_base_url(std::string_view text);    // http too, port 80

}  // namespace tf::net
