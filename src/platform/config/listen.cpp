#include "platform/config/listen.hpp"

namespace tf::platform {

std::string Listen::text() const { return address + ":" + std::to_string(port); }

Result<Listen> parse_listen(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  int port = -1;
  if (colon != std::string::npos && colon > 0 && text.size() - colon <= 6 && text.size() - colon > 1) {
    port = 0;
    for (const char c : text.substr(colon + 1)) port = c >= '0' && c <= '9' && port >= 0 ? port * 10 + (c - '0') : -1;
  }
  if (port < 0 || port > 65535) return Error{Code::invalid, "config.listen", "\"" + text + "\" is not ADDRESS:PORT"};
  return Listen{text.substr(0, colon), static_cast<std::uint16_t>(port)};
}

}  // namespace tf::platform
