#include "platform/estate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/log.hpp"
#include "platform/rki/alarms.hpp"

namespace tf::platform {
namespace {

constexpr std::string_view kHeader = "serial,model,group,suites";
constexpr std::string_view kEstateColumns =
    "SELECT dsn, model, grp, suites, denied, personalised_at_ms, completed_set, completed_at_ms, device_key FROM terminals";

Error bad_line(std::size_t number, const std::string& why) {
  return {Code::invalid, "estate.csv", fmt::format("line {}: {}", number, why)};
}

bool plain_word(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

Result<EstateRow> parse_line(std::string_view line, std::size_t number) {
  std::vector<std::string_view> cells;
  while (true) {
    const std::size_t comma = line.find(',');
    cells.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) break;
    line.remove_prefix(comma + 1);
  }
  if (cells.size() != 4) return bad_line(number, fmt::format("{} values where serial,model,group,suites are four", cells.size()));
  auto dsn = wire::Dsn::parse(cells[0]);
  if (!dsn) return bad_line(number, dsn.error().detail);
  if (!plain_word(cells[1]) || !plain_word(cells[2]))
    return bad_line(number, "model and group are 1 to 64 letters, digits, '-', '_' or '.'");
  auto policy = rki::SuitePolicy::parse(cells[3]);
  if (!policy) return bad_line(number, policy.error().detail);
  return EstateRow{std::move(*dsn), std::string(cells[1]), std::string(cells[2]), *policy};
}

Result<EstateEntry> entry_from(const store::Row& row) {
  EstateEntry out{.row = {TF_TRY(wire::Dsn::parse(row.text(0))), row.text(1), row.text(2), TF_TRY(rki::SuitePolicy::parse(row.text(3)))},
                  .completed_at_ms = {}};
  out.denied = row.integer(4) != 0;
  out.personalised = !row.is_null(5);
  out.completed_set = row.integer(6);
  if (!row.is_null(7)) out.completed_at_ms = row.integer(7);
  if (!row.is_null(8)) out.device_key = row.text(8);
  return out;
}

}  // namespace

Result<std::vector<EstateRow>> parse_estate_csv(std::string_view text) {
  std::vector<EstateRow> rows;
  std::set<std::string> seen;
  std::size_t number = 0;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a spreadsheet's byte order mark
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (number == 1) {
      if (line != kHeader) return bad_line(1, "the first line is \"serial,model,group,suites\"");
      continue;
    }
    if (line.empty()) continue;
    rows.push_back(TF_TRY(parse_line(line, number)));
    if (!seen.insert(rows.back().dsn.text()).second) return bad_line(number, rows.back().dsn.text() + " stands twice in the file");
  }
  if (rows.empty()) return Error{Code::invalid, "estate.csv", "no terminal in the file"};
  return rows;
}

std::string estate_csv(const std::vector<EstateRow>& rows) {
  std::string out = std::string(kHeader) + "\n";
  for (const EstateRow& row : rows)
    out += fmt::format("{},{},{},{}\n", row.dsn.text(), row.model, row.group, row.policy.text());
  return out;
}

Result<ImportCount> import_estate(Context& context, const std::string& actor, const std::vector<EstateRow>& rows) {
  ImportCount count;
  const std::int64_t now = context.clock.now_ms();
  Act act{actor, "estate.import", fmt::format("{} terminals", rows.size())};
  act.detail = fmt::format(R"({{"terminals":{},"first":"{}","last":"{}"}})", rows.size(), rows.front().dsn.text(),
                           rows.back().dsn.text());
  TF_CHECK(perform_act(context, act, [&](store::Session& session) -> Status {
    count = {};
    for (const EstateRow& row : rows) {
      const std::string policy = row.policy.text();
      const auto added = TF_TRY(session.execute(
          "INSERT INTO terminals (dsn, model, grp, suites, imported_at_ms) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
          {std::string_view(row.dsn.text()), std::string_view(row.model), std::string_view(row.group), std::string_view(policy), now}));
      const auto changed = added == 1 ? 0 : TF_TRY(session.execute(
          "UPDATE terminals SET model = $2, grp = $3, suites = $4 WHERE dsn = $1 AND (model <> $2 OR grp <> $3 OR suites <> $4)",
          {std::string_view(row.dsn.text()), std::string_view(row.model), std::string_view(row.group), std::string_view(policy)}));
      ++(added == 1 ? count.added : changed == 1 ? count.changed : count.unchanged);
    }
    return {};
  }));
  return count;
}

Result<std::vector<EstateEntry>> list_estate(Context& context, std::string_view after, std::int64_t limit) {
  std::vector<EstateEntry> out;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    return session.query(std::string(kEstateColumns) + " WHERE dsn > $1 ORDER BY dsn LIMIT $2", {after, limit},
                         [&](const store::Row& row) -> Status {
                           out.push_back(TF_TRY(entry_from(row)));
                           return {};
                         });
  }));
  return out;
}

Result<EstateEntry> show_terminal(Context& context, const wire::Dsn& dsn) {
  std::optional<EstateEntry> out;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    return session.query(std::string(kEstateColumns) + " WHERE dsn = $1", {std::string_view(dsn.text())},
                         [&](const store::Row& row) -> Status {
                           out = TF_TRY(entry_from(row));
                           return {};
                         });
  }));
  if (!out) return Error{Code::not_found, "estate.unknown_dsn", "no terminal " + dsn.text() + " in the estate"};
  return std::move(*out);
}

Status set_denied(Context& context, const std::string& actor, const wire::Dsn& dsn, bool denied) {
  return perform_act(context, {actor, denied ? "estate.deny" : "estate.allow", dsn.text()}, [&](store::Session& session) -> Status {
    const auto changed = TF_TRY(session.execute("UPDATE terminals SET denied = $2 WHERE dsn = $1",
                                                {std::string_view(dsn.text()), std::int64_t{denied ? 1 : 0}}));
    if (changed == 1) return {};
    return Error{Code::not_found, "estate.unknown_dsn", "no terminal " + dsn.text() + " in the estate"};
  });
}

Status forget_device_key(Context& context, const std::string& actor, const wire::Dsn& dsn) {
  const std::string known = TF_TRY(show_terminal(context, dsn)).device_key;
  if (known.empty()) return Error{Code::conflict, "estate.no_device_key", "no device key is remembered of " + dsn.text()};
  const Act act{actor, "estate.forget_key", dsn.text(), fmt::format(R"({{"device_key":"{}"}})", known)};
  return perform_act(context, act, [&](store::Session& session) -> Status {
    const auto changed = TF_TRY(session.execute("UPDATE terminals SET device_key = NULL WHERE dsn = $1 AND device_key = $2",
                                                {std::string_view(dsn.text()), std::string_view(known)}));
    if (changed != 1) return Error{Code::conflict, "estate.overtaken", "the device key of " + dsn.text() + " changed meanwhile"};
    return end_rki_alarms(session, dsn.text());
  });
}

Result<EstateCounts> count_estate(Context& context) {
  EstateCounts out;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    TF_CHECK(session.query("SELECT COUNT(*), COALESCE(SUM(CASE WHEN completed_set > 0 THEN 1 ELSE 0 END), 0), "
                           "COALESCE(SUM(denied), 0) FROM terminals", {}, [&](const store::Row& row) -> Status {
                             out.terminals = row.integer(0);
                             out.completed = row.integer(1);
                             out.denied = row.integer(2);
                             return {};
                           }));
    return session.query("SELECT COUNT(*) FROM rki_keys WHERE status = 'active'", {}, [&](const store::Row& row) -> Status {
      out.active_keys = row.integer(0);
      return {};
    });
  }));
  return out;
}

}  // namespace tf::platform
