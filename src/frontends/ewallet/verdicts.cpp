#include "frontends/ewallet/verdicts.hpp"

#include <algorithm>
#include <string_view>

#include "frontends/amount.hpp"

namespace tf::frontends::ewallet {
namespace {

using payment::Payment;
using payment::Refund;
using payment::Verdict;
using Codes = std::initializer_list<std::string_view>;

constexpr std::string_view kSuccess = "10000";
constexpr std::string_view kBusinessFailed = "40004";
constexpr std::string_view kFundUnchanged = "fund_unchanged";

// Refusals after which this order will not be paid. What is not listed (a trade that has succeeded already, a system in
// trouble, a code made tomorrow) has to be asked about.
constexpr Codes kPayRefused = {
    "ACQ.BUYER_BALANCE_NOT_ENOUGH", "ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH", "ACQ.ERROR_BALANCE_PAYMENT_DISABLE",
    "ACQ.BUYER_SELLER_EQUAL", "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR", "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR",
    "ACQ.BEYOND_PAY_RESTRICTION", "ACQ.BEYOND_PER_RECEIPT_RESTRICTION", "ACQ.BUYER_ENABLE_STATUS_FORBID",
    "ACQ.INVALID_PARAMETER", "ACQ.ACCESS_FORBIDDEN", "ACQ.TOTAL_FEE_EXCEED", "ACQ.PARTNER_ERROR", "ACQ.TRADE_HAS_CLOSE",
    "ACQ.BUYER_NOT_EXIST", "ACQ.AGREEMENT_NOT_EXIST", "ACQ.AGREEMENT_INVALID", "ACQ.PAYMENT_FAIL", "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE",
    "ACQ.PAYMENT_REQUEST_HAS_RISK", "ACQ.ORDER_EXPIRED"};
// The order stands and cannot be undone.
constexpr Codes kCancelRefused = {"ACQ.SELLER_BALANCE_NOT_ENOUGH", "ACQ.REASON_TRADE_BEEN_FREEZEN", "ACQ.TRADE_HAS_FINISHED",
                                  "ACQ.TRADE_CANCEL_TIME_OUT", "ACQ.REASON_TRADE_STATUS_INVALID"};
constexpr Codes kRefundRefused = {"ACQ.SELLER_BALANCE_NOT_ENOUGH", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "ACQ.REASON_TRADE_BEEN_FREEZEN",
                                  "ACQ.TRADE_NOT_EXIST", "ACQ.TRADE_HAS_FINISHED", "ACQ.TRADE_STATUS_ERROR", "ACQ.INVALID_PARAMETER",
                                  "ACQ.NOT_ALLOW_PARTIAL_REFUND", "ACQ.BUYER_NOT_EXIST", "ACQ.TRADE_NOT_ALLOW_REFUND"};

bool is_in(Codes codes, std::string_view code) { return std::ranges::find(codes, code) != codes.end(); }

std::string text(wire::JsonObject& node, std::string_view name) {
  if (!node.has(name)) return {};
  auto value = node.optional_text(name);
  return value ? value->value_or("") : std::string();
}

Outcome unknown(std::string code, std::string reference = {}) { return {Verdict::unknown, std::move(code), std::move(reference)}; }

// What all answers have in common: whose they are, and whether they refuse.
struct Head {
  std::string code;
  std::string sub_code;
  std::string reference;
  bool ours = false;

  Head(wire::JsonObject& node, const std::string& transaction)
      : code(text(node, "code")), sub_code(text(node, "sub_code")), reference(text(node, "trade_no")),
        ours(text(node, "out_trade_no") == transaction) {}
  [[nodiscard]] bool success() const { return code == kSuccess; }
  // Not a success: refused if that is one of these, otherwise unknown.
  [[nodiscard]] Outcome failure(Codes refusals) const {
    const std::string& why = sub_code.empty() ? code : sub_code;
    if (code.empty()) return unknown("incomplete");
    if (code == kBusinessFailed && is_in(refusals, sub_code))
      return ours ? Outcome{Verdict::declined, sub_code, reference} : unknown("another_order");
    return unknown(why, reference);
  }
};

}  // namespace

Outcome judge_pay(wire::JsonObject& node, const Payment& payment) {
  const Head head(node, payment.transaction);
  if (!head.success()) return head.failure(kPayRefused);
  if (!head.ours) return unknown("another_order");
  if (minor_of(text(node, "total_amount")) != payment.amount.minor) return unknown("wrong_amount", head.reference);
  if (head.reference.empty()) return unknown("incomplete");
  return {Verdict::done, head.code, head.reference};
}

Outcome judge_state(const std::string& state, const std::string& reference, bool ever_paid) {
  const bool paid = state == "TRADE_SUCCESS" || state == "TRADE_FINISHED" || (state == "TRADE_CLOSED" && ever_paid);
  if (paid) return {Verdict::done, state, reference};
  if (state == "TRADE_CLOSED") return {Verdict::declined, state, reference};
  return unknown(state.empty() ? "incomplete" : state, reference);
}

Outcome judge_query(wire::JsonObject& node, const Payment& payment, bool expired) {
  const Head head(node, payment.transaction);
  if (!head.success()) return expired ? head.failure({kNoSuchTrade}) : head.failure({});
  if (!head.ours) return unknown("another_order");
  if (minor_of(text(node, "total_amount")) != payment.amount.minor) return unknown("wrong_amount", head.reference);
  return judge_state(text(node, "trade_status"), head.reference, !text(node, "send_pay_date").empty());
}

Outcome judge_cancel(wire::JsonObject& node, const Payment& payment) {
  const Head head(node, payment.transaction);
  if (!head.success()) return head.failure(kCancelRefused);
  if (!head.ours) return unknown("another_order");
  if (text(node, "retry_flag") != "N") return unknown("retry", head.reference);
  const std::string action = text(node, "action");
  if (!is_in({"", "close", "refund"}, action)) return unknown(action, head.reference);
  return {Verdict::done, action.empty() ? "none" : action, head.reference};
}

Outcome judge_close(wire::JsonObject& node, const Payment& payment) {
  const Head head(node, payment.transaction);
  if (!head.success()) return head.failure({"ACQ.REASON_TRADE_STATUS_INVALID", "ACQ.REASON_ILLEGAL_STATUS"});
  if (!head.ours) return unknown("another_order");
  return {Verdict::done, head.code, head.reference};
}

Outcome judge_refund(wire::JsonObject& node, const Refund& refund) {
  const Head head(node, refund.original.transaction);
  if (!head.success()) return head.failure(kRefundRefused);
  if (!head.ours) return unknown("another_order");
  if (text(node, "fund_change") != "Y") return unknown(std::string(kFundUnchanged), head.reference);
  // refund_fee is what was given back of this order in all.
  const auto total = minor_of(text(node, "refund_fee"));
  if (!total || *total < refund.amount.minor || *total > refund.original.amount.minor) return unknown("wrong_amount", head.reference);
  return {Verdict::done, head.code, head.reference};
}

Outcome judge_refund_query(wire::JsonObject& node, const Refund& refund) {
  const Head head(node, refund.original.transaction);
  if (!head.success()) return head.failure({});
  if (!head.ours || text(node, "out_request_no") != refund.transaction) return unknown("another_order");
  const std::string status = text(node, "refund_status");
  if (status != "REFUND_SUCCESS") return unknown(status.empty() ? "not_refunded" : status, head.reference);
  if (minor_of(text(node, "refund_amount")) != refund.amount.minor) return unknown("wrong_amount", head.reference);
  return {Verdict::done, status, head.reference};
}

}  // namespace tf::frontends::ewallet
