// What the audit trail says about certificates. Private to ca.
#pragma once
#include <string>

#include "audit/entry.hpp"
#include "ca/register.hpp"

namespace tf::ca {

audit::Entry note_issued(const Record& record, const std::string& actor, std::int64_t now_ms);
audit::Entry note_failed(const Record& record, const std::string& actor, const char* reason, std::int64_t now_ms);
audit::Entry note_revoked(const Record& record, const std::string& actor, std::int64_t now_ms);
audit::Entry note_released(const Record& record, const std::string& actor, std::int64_t now_ms);

}  // namespace tf::ca
