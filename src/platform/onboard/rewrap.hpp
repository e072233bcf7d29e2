// As platform/rewrap.hpp, of a directory of onboard: every wrapped row of its roles under a new key-encryption key. While it is not served.
#pragma once
#include <functional>

#include "platform/onboard/directory.hpp"
#include "platform/rewrap.hpp"

namespace tf::platform {

// Interrupted, it is run again and continues. progress: rows so far. Code::conflict "vault.rewrap" when a row changed meanwhile.
Result<RewrapReport> rewrap_onboard(OnboardOpened& opened, const std::string& actor, const std::function<void(std::int64_t)>& progress);

}  // namespace tf::platform
