// Taking every wrapped row over to a new key-encryption key, and forgetting the old ones. For the platform at rest.
#pragma once
#include <functional>
#include <string>

#include "platform/context.hpp"

namespace tf::platform {

struct RewrapReport {
  std::int64_t rows = 0;             // under the new KEK
  std::vector<std::string> retired;  // old KEKs, forgotten for good
};

// A fresh KEK (unless an earlier run made one and was interrupted: more than one is there), every row under an older one
// wrapped anew in batches, then the old KEKs retired. Interrupted, it is run again and continues. progress: rows so far.
Result<RewrapReport> rewrap_all(Context& context, const std::string& actor, const std::function<void(std::int64_t)>& progress);

}  // namespace tf::platform
