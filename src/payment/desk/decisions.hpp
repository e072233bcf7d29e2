// What operators say of an order, or of a refund, whose end nobody else can tell: one proposes, another decides. Rows; who may is the caller's to know.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "payment/order.hpp"

namespace tf::payment {

struct Decision {
  std::int64_t number = 0;  // of the order, or of the refund: one count for both
  bool refund = false;      // it is of a refund
  bool paid = false;        // the order was paid, the refund given back; else it was undone or declined, or never was
  std::string reason{};
  std::string proposed_by{};
  std::int64_t proposed_ms = 0;
  std::string decided_by{};  // empty: only proposed
  std::int64_t decided_ms = 0;
  std::string contradicted{};  // what the front end said of it afterwards, where that was the opposite
  std::int64_t contradicted_ms = 0;
};
std::string_view verdict_name(bool paid, bool of_refund = false);           // "paid", "undone"; "refunded", "declined"
Result<bool> parse_verdict(std::string_view name, bool of_refund = false);  // Code::invalid "payment.verdict"

Result<std::optional<Decision>> load_decision(store::Session& session, std::int64_t number);
// The newest first.
Result<std::vector<Decision>> load_decisions(store::Session& session, std::int64_t limit);
// In the place of one that was only proposed. Code::conflict "payment.has_ended" where it is decided.
Status propose_decision(store::Session& session, const Decision& decision);
// May run again: the first time counts.
Status confirm_decision(store::Session& session, std::int64_t number, const std::string& by, std::int64_t now_ms);
// Whether this is the first time.
Result<bool> note_contradiction(store::Session& session, std::int64_t number, const std::string& said, std::int64_t now_ms);

}  // namespace tf::payment
