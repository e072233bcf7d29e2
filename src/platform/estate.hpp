// The estate: which terminals there are. One CSV format in, one record out.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/context.hpp"
#include "protocols/rki/suite.hpp"
#include "wire/dsn.hpp"

namespace tf::platform {

struct EstateRow {
  wire::Dsn dsn;
  std::string model;
  std::string group;
  rki::SuitePolicy policy;
};

// First line: "serial,model,group,suites". Values have no quotes, no spaces around them. Code::invalid "estate.csv" with
// the number of the first bad line; nothing of the file is taken then.
Result<std::vector<EstateRow>> parse_estate_csv(std::string_view text);
std::string estate_csv(const std::vector<EstateRow>& rows);

struct ImportCount {
  std::int64_t added = 0;
  std::int64_t changed = 0;
  std::int64_t unchanged = 0;
};
// All rows or none.
Result<ImportCount> import_estate(Context& context, const std::string& actor, const std::vector<EstateRow>& rows);

struct EstateEntry {
  EstateRow row;
  bool denied = false;
  bool personalised = false;
  std::string device_key = {};     // fingerprint; empty: none is remembered
  std::int64_t completed_set = 0;  // 0: has not completed a download yet
  std::optional<std::int64_t> completed_at_ms;
};
// After the given serial, in order of serials.
Result<std::vector<EstateEntry>> list_estate(Context& context, std::string_view after, std::int64_t limit);
Result<EstateEntry> show_terminal(Context& context, const wire::Dsn& dsn);
// Of a device that was personalised anew: the next key that it proves itself with is remembered. Ends the terminal's
// alarms. Code::conflict "estate.no_device_key" where none is remembered.
Status forget_device_key(Context& context, const std::string& actor, const wire::Dsn& dsn);
Status set_denied(Context& context, const std::string& actor, const wire::Dsn& dsn, bool denied);

struct EstateCounts {
  std::int64_t terminals = 0;
  std::int64_t completed = 0;
  std::int64_t denied = 0;
  std::int64_t active_keys = 0;
};
Result<EstateCounts> count_estate(Context& context);

}  // namespace tf::platform
