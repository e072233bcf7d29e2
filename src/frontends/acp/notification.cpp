#include "frontends/acp/notification.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "frontends/acp/verdicts.hpp"
#include "frontends/amount.hpp"

namespace tf::frontends::acp {
namespace {

Error refused(const char* reason, std::string detail = {}) { return {Code::refused, reason, std::move(detail)}; }

}  // namespace

Status NotificationHandler::take(const wire::HttpRequest& request) {
  if (request.method != "POST" || request.content_type != "application/x-www-form-urlencoded")
    return Error{Code::malformed, "acp.notification", "not a form"};
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
  const std::string id = payment->transaction + "\n" + outcome.code + "\n" + outcome.reference;
  if (heard_.before(id)) return {};
  TF_CHECK(books_.deliver(*payment, outcome));
  heard_.remember(id);
  return {};
}

wire::HttpResponse NotificationHandler::handle(const wire::HttpRequest& request) {
  const Status taken = take(request);
  if (taken) return {200, "text/plain", "ok", {}};
  log::warn(fmt::format("{}: a notification was not taken: {}", settings_.name, log::quoted(describe(taken.error()))));
  const bool theirs = taken.error().code == Code::refused || taken.error().code == Code::malformed;
  return {theirs ? 400 : 503, "text/plain", "failure", {}};
}

}  // namespace tf::frontends::acp
