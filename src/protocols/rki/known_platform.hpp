// For a program that carries many devices (a fleet, a gateway): the platform's work certificate is validated once and
// not once a device. One device by itself needs none of it.
#pragma once
#include <mutex>
#include <optional>

#include "pki/certificate.hpp"
#include "protocols/rki/messages.hpp"

namespace tf::rki {

class KnownPlatform {
 public:
  // The leaf of such a chain with such a revocation list and OCSP response under that root, if it was validated less than a
  // minute ago and still holds.
  // Its range has still to be checked for the device.
  [[nodiscard]] std::optional<pki::Certificate> find(const ServerHello& hello, const pki::Certificate& root, std::int64_t now_ms) const;
  void remember(const ServerHello& hello, const pki::Certificate& root, const pki::Certificate& leaf, std::int64_t now_ms,
                std::int64_t until_ms);

 private:
  static constexpr std::int64_t kLifeMs = 60'000;
  struct Known {
    std::vector<Bytes> chain;
    Bytes crl;
    std::optional<Bytes> ocsp;
    Bytes root;
    pki::Certificate leaf;
    std::int64_t from_ms;
    std::int64_t until_ms;
  };
  mutable std::mutex mutex_;
  std::vector<Known> known_;  // one for each suite; at most kMost
};

}  // namespace tf::rki
