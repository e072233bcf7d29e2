// Where a listener is: ADDRESS:PORT, in settings and options.
#pragma once
#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace tf::platform {

struct Listen {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  [[nodiscard]] std::string text() const;
};

// Code::invalid "config.listen".
Result<Listen> parse_listen(const std::string& text);

}  // namespace tf::platform
