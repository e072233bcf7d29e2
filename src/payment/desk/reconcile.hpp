// Reconciliation: our books and a front end's of one day, line by line. Both files are CSV (RFC 4180) with the header
// date,transaction,type,amount,currency,state,reference; amounts in minor units.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "audit/trail.hpp"
#include "payment/order.hpp"
#include "store/database.hpp"

namespace tf::payment {

struct Line {
  std::int64_t day = 0;       // YYYYMMDD
  std::string transaction{};  // ours, of the payment or the refund
  std::string type{};         // "payment", "refund"
  Money amount{};
  std::string state{};        // of a payment or of a refund, as in our books
  std::string reference{};
  friend bool operator==(const Line&, const Line&) = default;
};

// Code::malformed "payment.reconciliation", with the line.
Result<std::vector<Line>> parse_lines(std::string_view text);
std::string write_lines(const std::vector<Line>& lines);

struct Difference {
  std::string transaction{};
  std::string type{};
  std::string verdict{};  // missing_here, missing_there, amount_differs, state_differs, twice_there
  std::string ours{};     // "1000 CNY captured"; empty: nothing
  std::string theirs{};
};
struct Comparison {
  std::int64_t matched = 0;
  std::vector<Difference> differences{};
};
// What moved no money (declined, reversed) may be left out on either side.
Comparison compare(const std::vector<Line>& ours, const std::vector<Line>& theirs);

// All that the books have of this front end and day. Those that moved money, or may have, are our file.
Result<std::vector<Line>> load_lines(store::Session& session, const std::string& front_end, std::int64_t day);
bool may_have_moved_money(const Line& line);

struct Reconciling {
  std::string front_end{};
  std::int64_t day = 0;
  std::string actor{};  // "operator:anna"
};
// Compares and keeps the result; the one before of that front end and day is replaced. With an audit entry.
Result<Comparison> reconcile(store::Database& database, audit::Trail& trail, const Clock& clock, const Reconciling& what, std::string_view theirs);
// Code::not_found "payment.not_reconciled".
Result<Comparison> load_comparison(store::Session& session, const std::string& front_end, std::int64_t day);

// "2026-11-21" or "20261121". Code::invalid "payment.day".
Result<std::int64_t> parse_day(std::string_view text);

}  // namespace tf::payment
