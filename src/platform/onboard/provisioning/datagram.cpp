#include "platform/onboard/provisioning/datagram.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>

namespace tf::platform {
namespace {

struct Place {
  std::string host, port;
};

std::optional<Place> split(const std::string& to) {
  const std::size_t colon = to.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  Place out{to.substr(0, colon), to.substr(colon + 1)};
  if (out.host.starts_with('[') && out.host.ends_with(']')) out.host = out.host.substr(1, out.host.size() - 2);
  return out;
}

// 4 or 16 octets; none of what is no literal address.
Bytes octets_of(const std::string& host) {
  for (const auto& [family, size] : {std::pair{AF_INET, 4}, std::pair{AF_INET6, 16}}) {
    Bytes out(static_cast<std::size_t>(size));
    if (::inet_pton(family, host.c_str(), out.data()) == 1) return out;
  }
  return {};
}

bool inside(const Bytes& address, const Bytes& network, unsigned bits) {
  if (address.size() != network.size()) return false;
  for (std::size_t i = 0; i < address.size() && i * 8 < bits; ++i) {
    const unsigned left = bits - static_cast<unsigned>(i) * 8;
    const unsigned mask = left >= 8 ? 0xFFU : 0xFF00U >> left & 0xFFU;
    if ((address[i] & mask) != (network[i] & mask)) return false;
  }
  return true;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
// A resolver takes "127.1" and "0x7f000001" for addresses: the last label of a name has a letter first.
bool is_name(const std::string& host) {
  const auto good = [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'; };
  const std::size_t last = host.rfind('.') + 1;
  return last < host.size() && is_letter(host[last]) && std::ranges::all_of(host, good);
}

}  // namespace

Result<NotifyPlaces::Network> NotifyPlaces::network_of(const std::string& place) {
  const std::size_t slash = std::min(place.find('/'), place.size());
  Network out{octets_of(place.substr(0, slash)), 0};
  out.bits = static_cast<unsigned>(out.address.size() * 8);
  unsigned bits = out.bits;
  if (slash < place.size()) {
    const auto read = std::from_chars(place.data() + slash + 1, place.data() + place.size(), bits);
    if (read.ec != std::errc() || read.ptr != place.data() + place.size()) bits = 129;
  }
  if (out.address.empty() || bits > out.bits)
    return Error{Code::invalid, "config.value", "provisioning.notify: \"" + place + "\" is no network (10.0.0.0/8) and no suffix of names (.devices.example)"};
  out.bits = bits;
  return out;
}

Result<NotifyPlaces> NotifyPlaces::parse(const std::vector<std::string>& places) {
  NotifyPlaces out;
  for (const std::string& place : places) {
    if (place.starts_with('.') && is_name(place)) out.suffixes_.push_back(place);
    else out.networks_.push_back(TF_TRY(network_of(place)));
  }
  return out;
}

NotifyPlaces::Kind NotifyPlaces::kind_of(const std::string& to) const {
  const auto place = split(to);
  if (!place) return Kind::none;
  if (const Bytes address = octets_of(place->host); !address.empty())
    return std::ranges::any_of(networks_, [&](const Network& each) { return inside(address, each.address, each.bits); }) ? Kind::literal : Kind::none;
  const bool named = is_name(place->host) && std::ranges::any_of(suffixes_, [&](const std::string& each) { return place->host.size() > each.size() && place->host.ends_with(each); });
  return named ? Kind::name : Kind::none;
}

Status send_datagram(const std::string& to, NotifyPlaces::Kind kind, ByteView content) {
  const auto place = split(to);
  if (!place || kind == NotifyPlaces::Kind::none) return Error{Code::invalid, "onboard.address", to + " is not host:port, or not allowed"};
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_NUMERICSERV | (kind == NotifyPlaces::Kind::literal ? AI_NUMERICHOST : 0);
  addrinfo* found = nullptr;
  if (const int failed = ::getaddrinfo(place->host.c_str(), place->port.c_str(), &hints, &found); failed != 0)
    return Error{Code::unavailable, "onboard.resolver", to + ": " + ::gai_strerror(failed)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
  const int descriptor = ::socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return Error{Code::unavailable, "onboard.datagram", std::strerror(errno)};
  const ssize_t sent = ::sendto(descriptor, content.data(), content.size(), MSG_NOSIGNAL | MSG_DONTWAIT, found->ai_addr, found->ai_addrlen);
  const int error = errno;
  ::close(descriptor);
  if (sent != static_cast<ssize_t>(content.size())) return Error{Code::unavailable, "onboard.datagram", to + ": " + std::strerror(error)};
  return {};
}

}  // namespace tf::platform
