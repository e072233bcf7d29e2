#include "frontends/ewallet/notification.hpp"

#include "base/log.hpp"
#include "frontends/amount.hpp"
#include "frontends/ewallet/messages.hpp"
#include "frontends/ewallet/verdicts.hpp"

namespace tf::frontends::ewallet {
namespace {

Error refused(const char* reason, std::string detail = {}) { return {Code::refused, reason, std::move(detail)}; }

}  // namespace

Status NotificationHandler::take(const wire::HttpRequest& request) {
  TF_CHECK(check_notice_form(request));
  const Fields fields = TF_TRY(open_notification(request.body, settings_));
  if (value_of(fields, "app_id") != settings_.app_id) return refused("ewallet.foreign_app");
  if (!settings_.seller_id.empty() && value_of(fields, "seller_id") != settings_.seller_id) return refused("ewallet.foreign_seller");
  const auto payment = TF_TRY(books_.find(value_of(fields, "out_trade_no")));
  if (!payment) return refused("ewallet.foreign_order", log::quoted(value_of(fields, "out_trade_no")));
  if (minor_of(value_of(fields, "total_amount")) != payment->amount.minor) return refused("ewallet.wrong_amount", payment->transaction);
  const Outcome outcome = judge_state(value_of(fields, "trade_status"), value_of(fields, "trade_no"), !value_of(fields, "gmt_payment").empty());
  if (outcome.verdict == payment::Verdict::unknown) return {};  // WAIT_BUYER_PAY: nothing the books could use
  return deliver_once(books_, heard_, *payment, outcome);
}

wire::HttpResponse NotificationHandler::handle(const wire::HttpRequest& request) { return answer_notice(settings_.name, take(request), "success"); }

}  // namespace tf::frontends::ewallet
