// What both steps of the platform check and say; private to platform*.cpp.
#pragma once
#include <string>

#include "protocols/access/platform.hpp"

namespace tf::access {

inline Error refused(const char* reason, std::string detail) { return {Code::refused, reason, std::move(detail)}; }

// The service takes terminals of this suite.
Status check_suite(const ServicePolicy& policy, Suite suite);
// The number the gateway vouches for and the one the terminal expects are the same one, or there is none.
Status check_number(const ServicePolicy& policy, const std::string& number, const std::string& claimed);

// What made a key, as KeyRecord::made_by keeps it.
std::string code_name(const Opened& request);
std::string key_name(const std::string& key_id);
// The word of a key bound before, for what is to be bound now. A wrong one is no word at all, and more: an attempt.
Result<bool> has_word_of(const KeyRecord& key, const Opened& request, const PlatformPorts& ports);
// Whether this terminal proved to be the one with this Did; refused where it must and did not. A code that was shown must be
// right even where none is needed, and who proved himself once is not replaced by somebody who did not.
Result<bool> check_proof(const Opened& request, const std::string& number, const InitialiseSnapshot& snapshot, std::int64_t now,
                         const PlatformPorts& ports);

// For the audit trail.
std::string detail_of(const std::string& service, const std::string& did, std::string_view what);

}  // namespace tf::access
