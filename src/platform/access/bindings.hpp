// What operators do with access: enrolment codes, bindings, alarms.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "platform/access/store.hpp"
#include "platform/context.hpp"

namespace tf::platform {

struct IssuedCode {
  std::string code;  // shown once; only its hash is kept
  std::int64_t ends_ms = 0;
};
// A one-time code for this Did and service. Code::not_found for a service that is not configured.
struct CodeRequest {
  std::string service;
  std::string did;
  std::string msisdn;  // the only number it may be bound to; empty: any
  std::int64_t minutes = 24 * 60;
};
Result<IssuedCode> issue_access_code(Context& context, const std::string& actor, CodeRequest request);

// The active key with this id whose time is not over; Code::refused "access.no_key".
Result<access::KeyRecord> living_access_key(Context& context, const std::string& key_id);

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
// The next initialisation of this Did with this number succeeds, once, and supersedes what stood in its way; until then
// the old key goes on working. Code::conflict when the alarm is not open, or not about a binding.
Status approve_alarm(Context& context, const std::string& actor, const std::string& id);

}  // namespace tf::platform
