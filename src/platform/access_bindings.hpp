// What operators do with access: enrolment codes, bindings, alarms.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "platform/access_store.hpp"
#include "platform/context.hpp"

namespace tf::platform {

struct IssuedCode {
  std::string code;  // shown once; only its hash is kept
  std::int64_t ends_ms = 0;
};
// A one-time code for this Did and service. Code::not_found for a service that is not configured.
Result<IssuedCode> issue_access_code(Context& context, const std::string& actor, const std::string& service, const std::string& did, std::int64_t minutes);

struct BindingEntry {
  std::string key_id, service, did, msisdn, status, info;
  std::int64_t created_ms = 0;
  std::int64_t ends_ms = 0;
  std::optional<std::int64_t> authenticated_ms;
};
// After the given key id, in order of key ids.
Result<std::vector<BindingEntry>> list_bindings(Context& context, const std::string& after, std::int64_t limit);
Status revoke_binding(Context& context, const std::string& actor, const std::string& key_id);

struct AlarmEntry {
  std::string id, kind, service, did, msisdn, state;
  std::int64_t at_ms = 0;
};
Result<std::vector<AlarmEntry>> list_alarms(Context& context, std::int64_t limit);  // newest first
// The binding the alarm is about may be made: what stands in its way is superseded. Code::conflict when it is not open.
Status approve_alarm(Context& context, const std::string& actor, const std::string& id);

}  // namespace tf::platform
