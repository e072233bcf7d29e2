// The closed list of reasons a phone is told (docs/protocols/wallet.md). The exact reason stays with the platform.
#pragma once
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tf::wallet {

// "register", "later", "codes", "waiting", "challenge", "time", "password", "locked", "certificate", "session", "order",
// "expired", "critical", "instrument", "pin", "refund" or "refused".
std::string_view public_reason(const Error& error);
// The body of a 403.
std::string refusal_body(const Error& error);

}  // namespace tf::wallet
