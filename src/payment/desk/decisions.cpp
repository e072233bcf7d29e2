#include "payment/desk/decisions.hpp"

#include "store/session.hpp"

namespace tf::payment {
namespace {

using store::Row;
using store::Session;

constexpr std::string_view kSelect = "SELECT number, verdict, reason, proposed_by, proposed_ms, decided_by, decided_ms, contradicted, contradicted_ms FROM payment_decisions ";

// The verdict's name says what it is of.
Result<Decision> read_decision(const Row& row) {
  const std::string_view verdict = row.text_view(1);
  const bool of_refund = verdict == verdict_name(true, true) || verdict == verdict_name(false, true);
  return Decision{.number = row.integer(0), .refund = of_refund, .paid = TF_TRY(parse_verdict(verdict, of_refund)), .reason = row.text(2), .proposed_by = row.text(3), .proposed_ms = row.integer(4),
                  .decided_by = row.text(5), .decided_ms = row.integer(6), .contradicted = row.text(7), .contradicted_ms = row.integer(8)};
}

}  // namespace

std::string_view verdict_name(bool paid, bool of_refund) {
  if (of_refund) return paid ? "refunded" : "declined";
  return paid ? "paid" : "undone";
}

Result<bool> parse_verdict(std::string_view name, bool of_refund) {
  for (const bool paid : {true, false})
    if (name == verdict_name(paid, of_refund)) return paid;
  return Error{Code::invalid, "payment.verdict", of_refund ? "a refund is decided to be refunded or declined" : "an order is decided to be paid or undone"};
}

Result<std::optional<Decision>> load_decision(Session& session, std::int64_t number) {
  return session.query_one(std::string(kSelect) + "WHERE number = $1", {number}, read_decision);
}

Result<std::vector<Decision>> load_decisions(Session& session, std::int64_t limit) {
  std::vector<Decision> out;
  TF_CHECK(session.query(std::string(kSelect) + "ORDER BY proposed_ms DESC, number LIMIT $1", {limit}, [&](const Row& row) -> Status {
    out.push_back(TF_TRY(read_decision(row)));
    return {};
  }));
  return out;
}

Status propose_decision(Session& session, const Decision& it) {
  TF_CHECK(session.execute("DELETE FROM payment_decisions WHERE number = $1 AND decided_by = ''", {it.number}));
  const auto rows = TF_TRY(session.execute(
      "INSERT INTO payment_decisions (number, verdict, reason, proposed_by, proposed_ms, decided_by, decided_ms, contradicted, contradicted_ms) "
      "VALUES ($1, $2, $3, $4, $5, '', 0, '', 0) ON CONFLICT DO NOTHING",
      {it.number, verdict_name(it.paid, it.refund), it.reason, it.proposed_by, it.proposed_ms}));
  return rows == 1 ? Status() : Status(Error{Code::conflict, "payment.has_ended", transaction_of(it.number) + " is decided"});
}

Status confirm_decision(Session& session, std::int64_t number, const std::string& by, std::int64_t now_ms) {
  TF_CHECK(session.execute("UPDATE payment_decisions SET decided_by = $1, decided_ms = $2 WHERE number = $3 AND decided_by = ''", {by, now_ms, number}));
  return {};
}

Result<bool> note_contradiction(Session& session, std::int64_t number, const std::string& said, std::int64_t now_ms) {
  return TF_TRY(session.execute("UPDATE payment_decisions SET contradicted = $1, contradicted_ms = $2 WHERE number = $3 AND contradicted_ms = 0", {said, now_ms, number})) == 1;
}

}  // namespace tf::payment
