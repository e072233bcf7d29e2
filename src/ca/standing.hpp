// How a certificate stands with its authority: what OCSP and revocation lists say about it.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "pki/crl/crl.hpp"

namespace tf::ca {

enum class StandingKind {
  never_issued,  // no such number, an intent that came to nothing, or one that is still under way: never good
  good,          // issued and not revoked; also past its end
  revoked,       // also on hold
};

struct Standing {
  StandingKind kind = StandingKind::never_issued;
  pki::RevocationReason reason = pki::RevocationReason::unspecified;  // of a revoked one
  std::int64_t at_ms = 0;                                             // of a revoked one
  friend bool operator==(const Standing&, const Standing&) = default;
};

// Told of every certificate whose standing became another, after that is durable. On the writer's thread: must not wait.
using StandingChanged = std::function<void(const std::string& authority, const std::string& serial_hex)>;

}  // namespace tf::ca
