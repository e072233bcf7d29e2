// What should not happen to an honest terminal, for operators to look into.
#pragma once
#include <string>
#include <vector>

#include "platform/context.hpp"

namespace tf::platform {

inline constexpr std::string_view kOtherDeviceKey = "rki.other_device_key";  // the refusal that is an alarm

struct RkiAlarm {
  std::string id;
  std::int64_t at_ms = 0;
  std::string kind;        // "other_device_key"
  std::string dsn;
  std::string device_key;  // fingerprint of the key that was refused
  std::string remembered;  // of the one that is the terminal's
  std::string state;       // "open"; "done" when the terminal's device key was forgotten
};

// A terminal has one open alarm of a kind, and keeps the first.
Status raise_rki_alarm(store::Session& session, const RkiAlarm& alarm);
Status end_rki_alarms(store::Session& session, std::string_view dsn);
Result<std::vector<RkiAlarm>> list_rki_alarms(Context& context, std::int64_t limit);  // newest first

}  // namespace tf::platform
