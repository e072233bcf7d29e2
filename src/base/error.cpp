#include "base/error.hpp"

namespace tf {

std::string_view name_of(Code code) {
  switch (code) {
    case Code::invalid: return "invalid";
    case Code::malformed: return "malformed";
    case Code::refused: return "refused";
    case Code::denied: return "denied";
    case Code::not_found: return "not_found";
    case Code::conflict: return "conflict";
    case Code::overloaded: return "overloaded";
    case Code::unavailable: return "unavailable";
    case Code::sealed: return "sealed";
    case Code::integrity: return "integrity";
    case Code::internal: return "internal";
  }
  return "internal";
}

std::string describe(const Error& error) {
  std::string out = error.reason;
  if (!error.detail.empty()) out.append(": ").append(error.detail);
  return out;
}

}  // namespace tf
