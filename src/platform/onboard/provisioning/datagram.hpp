// One datagram over UDP: how package 0 reaches a device that listens for it. Operators say where; a server that carries for many of them
// sends only where its own settings allow, so that none of them points it at whom he likes.
#pragma once
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tf::platform {

// Networks of literal addresses ("127.0.0.0/8", "fd00::/8"; without a length: one address) and names below a suffix (".devices.example").
class NotifyPlaces {
 public:
  NotifyPlaces() = default;  // nowhere
  // Code::invalid "config.value".
  static Result<NotifyPlaces> parse(const std::vector<std::string>& places);
  enum class Kind { none, literal, name };
  // to: host:port, an IPv6 address in brackets. none: not allowed.
  [[nodiscard]] Kind kind_of(const std::string& to) const;

 private:
  struct Network {
    Bytes address;  // 4 or 16
    unsigned bits = 0;
  };
  static Result<Network> network_of(const std::string& place);
  std::vector<Network> networks_;
  std::vector<std::string> suffixes_;
};

// Of a literal address nothing is resolved; a name waits for its resolver. Code::invalid "onboard.address", Code::unavailable
// "onboard.datagram", "onboard.resolver".
Status send_datagram(const std::string& to, NotifyPlaces::Kind kind, ByteView content);

}  // namespace tf::platform
