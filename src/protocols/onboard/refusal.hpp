// The closed list of reasons a device is told (docs/protocols/onboard.md). The exact reason stays with the server.
#pragma once
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tf::onboard {

// "access", "unregistered", "session", "used", "certificate" or "refused".
std::string_view public_reason(const Error& error);
// The body of a 403.
std::string refusal_body(const Error& error);

// What a refusal means to a device. refused: stop; the others as the page has it.
enum class Advice { access_again, owner_asks, hello_again, stop };
Advice advice_of(std::string_view public_reason);
// The reason in the body of a 403; "refused" for whatever it does not say.
std::string read_refusal(std::string_view body);

}  // namespace tf::onboard
