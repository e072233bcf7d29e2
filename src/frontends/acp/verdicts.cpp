#include "frontends/acp/verdicts.hpp"

#include <algorithm>
#include <string_view>

#include "frontends/amount.hpp"

namespace tf::frontends::acp {
namespace {

using payment::Verdict;

// Codes after which the transaction will not happen. Not among them: 03, 04, 05 (ask), 02 and 06 (closed, busy), 12 (it was
// sent before), 34 and 35 (about another transaction), 37 (asked too often), 98, 99 (anything).
constexpr std::initializer_list<std::string_view> kRefused = {
    "01", "10", "11", "13", "30", "31", "32", "33", "36", "38", "39", "40", "41", "42", "60", "61", "62", "63",
    "64", "65", "66", "67", "68", "69", "70", "71", "72", "73", "77", "78", "79", "80", "81", "82", "83", "84"};

bool is_about(const Fields& answer, const Order& order, const Settings& settings) {
  return value_of(answer, "orderId") == order.id && value_of(answer, "txnTime") == order.time &&
         value_of(answer, "merId") == settings.merchant;
}

bool same_amount(const Fields& answer, const Order& order, const Settings& settings) {
  const std::string& currency = value_of(answer, "currencyCode");
  return whole_minor_of(value_of(answer, "txnAmt")) == order.amount.minor && (currency.empty() || currency == settings.currency_number);
}

Outcome unknown(std::string code, std::string reference = {}) { return {Verdict::unknown, std::move(code), std::move(reference)}; }

}  // namespace

Order order_of(const payment::Payment& payment, const Settings& settings) {
  const auto valid = payment.instrument.empty() ? settings.phone_order_valid : settings.order_valid;
  return {payment.transaction, china_digits(payment.at_ms), payment.amount,
          payment.at_ms + (valid + settings.clocks_differ).count() * 1000, 0};
}

Outcome judge_code(const std::string& code, const std::string& reference) {
  if (code == "00" || code == "A6") return {Verdict::done, code, reference};
  if (std::ranges::find(kRefused, code) != kRefused.end()) return {Verdict::declined, code, reference};
  return unknown(code.empty() ? "incomplete" : code, reference);
}

Acceptance judge_acceptance(const Fields& answer, const Order& order, const Settings& settings) {
  using Kind = Acceptance::Kind;
  if (!is_about(answer, order, settings)) return {Kind::ask, unknown("another_order")};
  const std::string& reference = value_of(answer, "queryId");
  const Outcome outcome = judge_code(value_of(answer, "respCode"), reference);
  if (outcome.verdict == Verdict::declined) return {Kind::refused, outcome};
  if (outcome.verdict == Verdict::unknown) return {Kind::ask, outcome};
  if (!same_amount(answer, order, settings)) return {Kind::ask, unknown("wrong_amount", reference)};
  return {Kind::accepted, outcome};
}

Outcome judge_order(const Fields& answer, const Order& order, const Settings& settings) {
  if (!is_about(answer, order, settings)) return unknown("another_order");
  const std::string& code = value_of(answer, "respCode");
  if (code != "00") return judge_code(code, {});
  const std::string& tn = value_of(answer, "tn");
  return tn.empty() ? unknown("incomplete") : Outcome{Verdict::done, code, tn};
}

Outcome judge_query(const Fields& answer, const Order& order, const Settings& settings, std::int64_t now_ms) {
  if (!is_about(answer, order, settings)) return unknown("another_order");
  const std::string& code = value_of(answer, "respCode");
  if (code == kNoSuchOrder && order.gone_ms && now_ms > *order.gone_ms) return {Verdict::declined, code, {}};
  if (code != "00") return unknown(code.empty() ? "incomplete" : code);
  const Outcome outcome = judge_code(value_of(answer, "origRespCode"), value_of(answer, "queryId"));
  if (outcome.verdict == Verdict::done && !same_amount(answer, order, settings)) return unknown("wrong_amount", outcome.reference);
  return outcome;
}

}  // namespace tf::frontends::acp
