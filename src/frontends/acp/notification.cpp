#include "frontends/acp/notification.hpp"

#include "base/log.hpp"
#include "frontends/acp/verdicts.hpp"
#include "frontends/amount.hpp"

namespace tf::frontends::acp {
namespace {

Error refused(const char* reason, std::string detail = {}) { return {Code::refused, reason, std::move(detail)}; }

}  // namespace

Status NotificationHandler::take(const wire::HttpRequest& request) {
  TF_CHECK(check_notice_form(request));
  const Fields fields = TF_TRY(parse_form(request.body));
  TF_CHECK(verifier_.verify(fields, clock_.now_ms()));
  if (value_of(fields, "merId") != settings_.merchant) return refused("acp.foreign_merchant");
  if (value_of(fields, "txnType") != "01") return {};  // of refunds and undoings: these are asked about
  const auto payment = TF_TRY(books_.find(value_of(fields, "orderId")));
  if (!payment || value_of(fields, "txnTime") != china_digits(payment->at_ms))
    return refused("acp.foreign_order", log::quoted(value_of(fields, "orderId")));
  const std::string& currency = value_of(fields, "currencyCode");
  if (whole_minor_of(value_of(fields, "txnAmt")) != payment->amount.minor || (!currency.empty() && currency != settings_.currency_number))
    return refused("acp.wrong_amount", payment->transaction);
  const Outcome outcome = judge_code(value_of(fields, "respCode"), value_of(fields, "queryId"));
  // A try that failed does not end an order that a phone may pay with another card.
  if (outcome.verdict != payment::Verdict::done) return {};
  return deliver_once(books_, heard_, *payment, outcome);
}

wire::HttpResponse NotificationHandler::handle(const wire::HttpRequest& request) { return answer_notice(settings_.name, take(request), "ok"); }

}  // namespace tf::frontends::acp
