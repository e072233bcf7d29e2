// A Unix datagram socket with an address of its own, as hostapd and wpa_supplicant's control clients have one.
#pragma once
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <optional>
#include <string>

#include "net/local/stream.hpp"

namespace tf::hss::test {

class Datagram {
 public:
  // own: where it is reached; peer: whom it talks to.
  Datagram(const std::string& own, const std::string& peer) : own_(own), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_un at = address(own);
    const sockaddr_un to = address(peer);
    ready_ = ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 &&
             ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  ~Datagram() { ::unlink(own_.c_str()); }
  Datagram(const Datagram&) = delete;
  Datagram& operator=(const Datagram&) = delete;

  [[nodiscard]] bool ready() const { return ready_; }
  bool send(const std::string& text) const { return ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()); }
  [[nodiscard]] std::optional<std::string> receive(int timeout_ms) const {
    pollfd waiting{socket_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, timeout_ms) != 1) return std::nullopt;
    char some[4096];
    const ssize_t got = ::recv(socket_.get(), some, sizeof some, 0);
    if (got < 0) return std::nullopt;
    return std::string(some, static_cast<std::size_t>(got));
  }

 private:
  static sockaddr_un address(const std::string& path) {
    sockaddr_un out{};
    out.sun_family = AF_UNIX;
    std::strncpy(out.sun_path, path.c_str(), sizeof out.sun_path - 1);
    return out;
  }
  std::string own_;
  net::Descriptor socket_;
  bool ready_ = false;
};

}  // namespace tf::hss::test
