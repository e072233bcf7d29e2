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
// For the audit trail.
std::string detail_of(const std::string& service, const std::string& did, std::string_view what);

}  // namespace tf::access
