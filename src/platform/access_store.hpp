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
Result<std::optional<access::KeyRecord>> load_access_key_by_did(store::Session& session, const std::string& service, const std::string& did);
Result<std::optional<access::KeyRecord>> load_access_key_by_number(store::Session& session, const std::string& service, const std::string& msisdn);

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

Status insert_access_code(store::Session& session, const Hash256& hash, const std::string& service, const std::string& did, std::int64_t ends_ms);
Status insert_alarm(store::Session& session, const std::string& id, const access::Alarm& alarm, std::int64_t now_ms);
// Everything a step has to write but its audit entry. Code::conflict when another message was faster: "access.challenge_used",
// "access.overtaken"; Code::refused "access.wrong_code" when the code was consumed meanwhile.
Status perform(store::Session& session, const access::Writes& writes, const std::string& alarm_id, std::int64_t now_ms);
// Challenges that ended and need not be remembered.
Status forget_challenges(store::Session& session, std::int64_t now_ms);

}  // namespace tf::platform
