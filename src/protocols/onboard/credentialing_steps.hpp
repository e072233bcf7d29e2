// What the steps of credentialing*.cpp share; private to them.
#pragma once
#include "protocols/onboard/credentialing.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::onboard {

inline Error refused(const char* reason, std::string detail) { return Error{Code::refused, reason, std::move(detail)}; }

inline Update update_of(const Registration& from, Registration to) {
  to.version = from.version + 1;
  return {std::move(to), from.version};
}

inline std::string detail_of(const Registration& registration, std::string_view outcome) {
  wire::JsonWriter writer;
  writer.begin_object().member("registration", registration.id).member("state", name_of(registration.state));
  return writer.member("outcome", outcome).end_object().take();
}

inline void audit(Writes& writes, std::string_view action, const Registration& registration, std::string_view outcome) {
  writes.action = action;
  writes.subject = registration.dsim_id;
  writes.detail = detail_of(registration, outcome);
}

inline std::string new_id(Random& random) { return wire::hex_lower(random.array<16>()); }

inline Step alarmed(AlarmKind kind, const Registration& registration, std::string_view action, Error refusal) {
  Step out;
  out.writes.alarm = Alarm{kind, registration.dsim_id};
  audit(out.writes, action, registration, name_of(kind));
  out.refusal = std::move(refusal);
  return out;
}

// May this device, or one we do not know yet, go on with it? Errors as the header has them.
Status check_open(const std::optional<Registration>& registration, std::int64_t now_ms);

}  // namespace tf::onboard
