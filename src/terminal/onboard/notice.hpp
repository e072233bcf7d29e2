// Where a device hears package 0, the notification by which a provisioning server asks it to begin a session: datagrams at a UDP port, which
// stand for the short messages of a phone.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tf::terminal {

class OnboardNotices {
 public:
  // "HOST:PORT", port 0: the system chooses. Code::invalid "terminal.listen", Code::unavailable "terminal.listen".
  static Result<OnboardNotices> open(const std::string& where);
  OnboardNotices(OnboardNotices&& other) noexcept;
  OnboardNotices& operator=(OnboardNotices&&) = delete;
  ~OnboardNotices();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // The next datagram; nothing when none came in that time.
  std::optional<Bytes> receive(std::int64_t time_ms);

 private:
  OnboardNotices(int socket, std::uint16_t port) : socket_(socket), port_(port) {}
  int socket_;
  std::uint16_t port_;
};

}  // namespace tf::terminal
