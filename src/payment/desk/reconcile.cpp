#include "payment/desk/reconcile.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <chrono>
#include <map>

#include "payment/books/rows.hpp"
#include "payment/money.hpp"
#include "wire/json.hpp"

namespace tf::payment {
namespace {

constexpr std::string_view kHead = "date,transaction,type,amount,currency,state,reference";
constexpr std::size_t kColumns = 7;
constexpr std::size_t kMaxText = 256U << 20;

// One record of RFC 4180, taken off the text; nullopt where a quote does not end or stands where it must not.
std::optional<std::vector<std::string>> take_record(std::string_view& text) {
  std::vector<std::string> out(1);
  bool quoted = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        out.back().push_back(c);
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        out.back().push_back(text[++i]);
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      if (!out.back().empty()) return std::nullopt;
      quoted = true;
    } else if (c == ',') {
      out.emplace_back();
    } else if (c == '\n') {
      break;
    } else if (c != '\r' || i + 1 >= text.size() || text[i + 1] != '\n') {
      out.back().push_back(c);
    }
  }
  if (quoted) return std::nullopt;
  text.remove_prefix(std::min(i + 1, text.size()));
  return out;
}

std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

Result<Line> read_line(const std::vector<std::string>& fields) {
  const auto wrong = [](const std::string& what) { return Error{Code::malformed, "payment.reconciliation", what}; };
  if (fields.size() != kColumns) return wrong(fmt::format("{} columns are expected", kColumns));
  const auto day = parse_day(fields[0]);
  if (!day) return wrong("the date");
  if (!number_of(fields[1])) return wrong("a transaction has 20 digits");
  if (fields[2] != "payment" && fields[2] != "refund") return wrong("the type is payment or refund");
  if (fields[2] == "payment" ? !parse_state(fields[5]) : !parse_refund_state(fields[5])) return wrong("the state");
  std::int64_t minor = 0;
  const auto [end, error] = std::from_chars(fields[3].data(), fields[3].data() + fields[3].size(), minor);
  if (error != std::errc() || end != fields[3].data() + fields[3].size() || minor < 0 || minor > kMostMinor) return wrong("the amount, in minor units");
  if (!is_currency(fields[4])) return wrong("the currency");
  return Line{*day, fields[1], fields[2], {minor, fields[4]}, fields[5], fields[6]};
}

std::string words(const Line& line) { return fmt::format("{} {} {}", line.amount.minor, line.amount.currency, line.state); }

// Still open here says nothing against an end there, but it is a difference until we know ourselves.
std::string verdict_on(const Line* ours, const Line* theirs) {
  if (ours == nullptr) return may_have_moved_money(*theirs) ? "missing_here" : "";
  if (theirs == nullptr) return may_have_moved_money(*ours) ? "missing_there" : "";
  if (!may_have_moved_money(*ours) && !may_have_moved_money(*theirs)) return "";
  if (ours->state != theirs->state) return "state_differs";
  return ours->amount == theirs->amount ? "" : "amount_differs";
}

}  // namespace

Result<std::int64_t> parse_day(std::string_view text) {
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text.size() != 10 || (i != 4 && i != 7) || text[i] != '-') digits.push_back(text[i]);
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(out / 10'000)), std::chrono::month(static_cast<unsigned>(out / 100 % 100)),
                                         std::chrono::day(static_cast<unsigned>(out % 100))};
  if (digits.size() != 8 || error != std::errc() || end != digits.data() + digits.size() || out < 0 || !date.ok())
    return Error{Code::invalid, "payment.day", "a day is written 2026-11-21"};
  return out;
}

bool may_have_moved_money(const Line& line) { return line.state != "declined" && line.state != "reversed" && line.state != "created"; }

Result<std::vector<Line>> parse_lines(std::string_view text) {
  if (text.size() > kMaxText) return Error{Code::malformed, "payment.reconciliation", "the file is too large"};
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // as spreadsheets write it
  std::vector<Line> out;
  bool head = true;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto fields = take_record(text);
    if (!fields) return Error{Code::malformed, "payment.reconciliation", fmt::format("line {}: a quote", number)};
    if (std::exchange(head, false)) {
      if (fmt::format("{}", fmt::join(*fields, ",")) != kHead)
        return Error{Code::malformed, "payment.reconciliation", fmt::format("the first line must be {}", kHead)};
      continue;
    }
    if (fields->size() == 1 && fields->front().empty() && text.empty()) break;
    auto line = read_line(*fields);
    if (!line) return Error{Code::malformed, "payment.reconciliation", fmt::format("line {}: {}", number, line.error().detail)};
    out.push_back(std::move(*line));
  }
  if (head) return Error{Code::malformed, "payment.reconciliation", fmt::format("the first line must be {}", kHead)};
  return out;
}

std::string write_lines(const std::vector<Line>& lines) {
  std::string out = std::string(kHead) + '\n';
  for (const Line& line : lines)
    out += fmt::format("{},{},{},{},{},{},{}\n", line.day, line.transaction, line.type, line.amount.minor, line.amount.currency, line.state, field(line.reference));
  return out;
}

Comparison compare(const std::vector<Line>& ours, const std::vector<Line>& theirs) {
  struct Pair {
    const Line* ours = nullptr;
    const Line* theirs = nullptr;
    int times = 0;
  };
  std::map<std::pair<std::string_view, std::string_view>, Pair> pairs;
  for (const Line& line : ours) pairs[{line.transaction, line.type}].ours = &line;
  for (const Line& line : theirs) {
    Pair& pair = pairs[{line.transaction, line.type}];
    pair.theirs = &line;
    ++pair.times;
  }
  Comparison out;
  for (const auto& [key, pair] : pairs) {
    std::string verdict = pair.times > 1 ? "twice_there" : verdict_on(pair.ours, pair.theirs);
    if (!verdict.empty()) {
      out.differences.push_back({std::string(key.first), std::string(key.second), std::move(verdict), pair.ours ? words(*pair.ours) : "",
                                 pair.theirs ? words(*pair.theirs) : ""});
    } else if (pair.ours != nullptr && pair.theirs != nullptr) {
      ++out.matched;
    }
  }
  return out;
}

Result<std::vector<Line>> load_lines(store::Session& session, const std::string& front_end, std::int64_t day) {
  std::vector<Line> out;
  for (const Order& order : TF_TRY(load_orders_of(session, front_end, day)))
    if (!order.code.starts_with("limit_"))  // never sent
      out.push_back({day, order.transaction(), "payment", order.asked.amount, std::string(name_of(order.state)), order.reference});
  for (const RefundOrder& refund : TF_TRY(load_refunds_of(session, front_end, day)))
    out.push_back({day, refund.transaction(), "refund", refund.amount, std::string(name_of(refund.state)), refund.reference});
  return out;
}

namespace {

Status save(store::Session& session, const Reconciling& what, const Comparison& comparison, std::int64_t now_ms) {
  TF_CHECK(session.execute("DELETE FROM payment_differences WHERE front_end = $1 AND day = $2", {what.front_end, what.day}));
  TF_CHECK(session.execute(
      "INSERT INTO payment_reconciliations (front_end, day, at_ms, matched, differing) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT (front_end, day) DO UPDATE SET at_ms = $3, matched = $4, differing = $5",
      {what.front_end, what.day, now_ms, comparison.matched, static_cast<std::int64_t>(comparison.differences.size())}));
  for (const Difference& each : comparison.differences)
    TF_CHECK(session.execute(
        "INSERT INTO payment_differences (front_end, day, transaction_no, type, verdict, ours, theirs) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        {what.front_end, what.day, each.transaction, each.type, each.verdict, each.ours, each.theirs}));
  return {};
}

}  // namespace

Result<Comparison> reconcile(store::Database& database, audit::Trail& trail, const Clock& clock, const Reconciling& what, std::string_view theirs) {
  const std::vector<Line> their_lines = TF_TRY(parse_lines(theirs));
  for (const Line& line : their_lines)
    if (line.day != what.day) return Error{Code::invalid, "payment.reconciliation", fmt::format("{} is of another day", line.transaction)};
  std::vector<Line> our_lines;
  TF_CHECK(database.read([&](store::Session& session) -> Status {
    our_lines = TF_TRY(load_lines(session, what.front_end, what.day));
    return {};
  }));
  Comparison out = compare(our_lines, their_lines);
  const std::int64_t now = clock.now_ms();
  wire::JsonWriter detail;
  detail.begin_object().member("matched", out.matched).member("differing", static_cast<std::int64_t>(out.differences.size())).end_object();
  TF_CHECK(database.write([&](store::Session& session) -> Status {
    TF_CHECK(save(session, what, out, now));
    return trail.append(session, {.at_ms = now, .actor = what.actor, .action = "payment.reconcile", .subject = fmt::format("{} {}", what.front_end, what.day),
                                  .outcome = audit::Outcome::accepted, .reason = "", .detail = detail.text()});
  }));
  return out;
}

Result<Comparison> load_comparison(store::Session& session, const std::string& front_end, std::int64_t day) {
  Comparison out;
  const auto matched = TF_TRY(session.query_one("SELECT matched FROM payment_reconciliations WHERE front_end = $1 AND day = $2", {front_end, day},
                                                [](const store::Row& row) { return row.integer(0); }));
  if (!matched) return Error{Code::not_found, "payment.not_reconciled", fmt::format("{} {}", front_end, day)};
  out.matched = *matched;
  TF_CHECK(session.query("SELECT transaction_no, type, verdict, ours, theirs FROM payment_differences WHERE front_end = $1 AND day = $2 ORDER BY transaction_no, type",
                         {front_end, day}, [&](const store::Row& row) -> Status {
                           out.differences.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4)});
                           return {};
                         }));
  return out;
}

}  // namespace tf::payment
