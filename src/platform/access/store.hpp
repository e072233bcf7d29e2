// Rows of access: keys and bindings, used challenges, enrolment codes, alarms, peers.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "protocols/access/platform.hpp"
#include "store/session.hpp"

namespace tf::platform {

// Active keys only; nothing where there is none.
Result<std::optional<access::KeyRecord>> load_access_key(store::Session& session, const std::string& key_id);
Result<std::optional<access::KeyRecord>> load_superseded_key(store::Session& session, const std::string& key_id);  // of these only
Result<std::optional<access::KeyRecord>> load_access_key_by_did(store::Session& session, const std::string& service, const std::string& did);
Result<std::optional<access::KeyRecord>> load_access_key_by_number(store::Session& session, const std::string& service, const std::string& msisdn);

// The alarm by whose approval this Did may be bound to this number.
Result<std::optional<std::string>> load_access_approval(store::Session& session, const std::string& service, const std::string& did, const std::string& msisdn);
// The estate denies the terminal whose serial is this Did.
Result<bool> is_denied(store::Session& session, const std::string& did);

Result<std::optional<access::CodeRecord>> load_access_code(store::Session& session, const Hash256& hash);
struct CodeTries {
  std::int64_t wrong = 0;
  std::int64_t locked_until_ms = 0;
};
Result<CodeTries> load_code_tries(store::Session& session, const std::string& did);
// One more wrong code; locks the Did for a while after kWrongCodes of them. True: it is locked now.
inline constexpr std::int64_t kWrongCodes = 5;
inline constexpr std::int64_t kCodeLockMs = 15 * 60'000;
Result<bool> count_wrong_code(store::Session& session, const std::string& did, std::int64_t now_ms);

struct CodeIssue {
  std::string service;
  std::string did;
  std::string msisdn;  // empty: any number
  std::int64_t ends_ms = 0;
};
Status insert_access_code(store::Session& session, const Hash256& hash, const CodeIssue& issue);
Status insert_alarm(store::Session& session, const std::string& id, const access::Alarm& alarm, std::int64_t now_ms);
// Everything a step has to write but its audit entry. Code::conflict when another message was faster: "access.overtaken"; Code::refused
// when what works once was used before (OneUse::reason), "access.wrong_code" when the code was consumed meanwhile.
Status perform(store::Session& session, const access::Writes& writes, const std::string& alarm_id, std::int64_t now_ms);
// What worked once and ended ten minutes ago (clocks may be set back a little) need not be remembered.
inline constexpr std::int64_t kUsedMarginMs = 10LL * 60 * 1000;
Status forget_used(store::Session& session, std::int64_t now_ms);

}  // namespace tf::platform
