// The closed list of reasons a terminal is told (docs/protocols/cardsign.md). The exact reason stays with the platform.
#pragma once
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tf::cardsign {

// "session", "superseded", "code", "card", "certificate", "payment", "signature", "pin_blocked", "instrument" or "refused".
std::string_view public_reason(const Error& error);
// The body of a 403.
std::string refusal_body(const Error& error);

}  // namespace tf::cardsign
