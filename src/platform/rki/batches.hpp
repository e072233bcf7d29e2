// Batches: a range of serials whose DIK1 the platform makes and gives, wrapped, to one loader.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "platform/context.hpp"
#include "protocols/rki/suite.hpp"
#include "wire/dsn.hpp"

namespace tf::platform {

struct BatchRecord {
  std::string id;
  wire::DsnRange range;
  std::string loader;
  std::int64_t issued_at_ms = 0;
};
Result<std::vector<BatchRecord>> list_batches(Context& context);

// Makes DIK1 for each suite, an issuing certificate for the loader limited to the range, and the signed package. One DIK1
// is never for more than its batch: Code::conflict "batches.overlap" when the range touches another batch, Code::refused
// "batches.range" when no work certificate serves all of it.
Result<std::string> issue_batch(Context& context, const std::string& actor, const std::string& id, const wire::DsnRange& range,
                                const rki::SuitePolicy& suites, std::string_view loader_request);

struct LogImport {
  std::int64_t personalised = 0;
  std::int64_t unknown = 0;  // personalised, but not in the estate
};
// Verifies a loader's log under the key it named in its request and marks its devices as personalised.
Result<LogImport> import_loader_log(Context& context, const std::string& actor, const std::string& batch, std::string_view log);

}  // namespace tf::platform
