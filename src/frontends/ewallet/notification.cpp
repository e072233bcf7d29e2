#include "frontends/ewallet/notification.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "crypto/digest.hpp"
#include "frontends/amount.hpp"
#include "frontends/ewallet/messages.hpp"
#include "frontends/ewallet/verdicts.hpp"
#include "wire/encoding.hpp"

namespace tf::frontends::ewallet {
namespace {

Error refused(const char* reason, std::string detail = {}) { return {Code::refused, reason, std::move(detail)}; }

}  // namespace

Status NotificationHandler::take(const wire::HttpRequest& request) {
  if (request.method != "POST" || request.content_type != "application/x-www-form-urlencoded")
    return Error{Code::malformed, "ewallet.notification", "not a form"};
  const Fields fields = TF_TRY(open_notification(request.body, settings_));
  if (value_of(fields, "app_id") != settings_.app_id) return refused("ewallet.foreign_app");
  if (!settings_.seller_id.empty() && value_of(fields, "seller_id") != settings_.seller_id) return refused("ewallet.foreign_seller");
  const auto payment = TF_TRY(books_.find(value_of(fields, "out_trade_no")));
  if (!payment) return refused("ewallet.foreign_order", log::quoted(value_of(fields, "out_trade_no")));
  if (minor_of(value_of(fields, "total_amount")) != payment->amount.minor) return refused("ewallet.wrong_amount", payment->transaction);
  const Outcome outcome = judge_state(value_of(fields, "trade_status"), value_of(fields, "trade_no"), !value_of(fields, "gmt_payment").empty());
  if (outcome.verdict == payment::Verdict::unknown) return {};  // WAIT_BUYER_PAY: nothing the books could use
  // A notice sent again is the same but for its time; what it says is what tells it from others.
  const std::string id = wire::hex_lower(crypto::sha256(as_bytes(fmt::format("{}\n{}\n{}", payment->transaction, outcome.code, outcome.reference))));
  if (heard_.before(id)) return {};
  TF_CHECK(books_.deliver(*payment, outcome));
  heard_.remember(id);
  return {};
}

wire::HttpResponse NotificationHandler::handle(const wire::HttpRequest& request) {
  const Status taken = take(request);
  if (taken) return {200, "text/plain", "success", {}};
  log::warn(fmt::format("{}: a notification was not taken: {}", settings_.name, log::quoted(describe(taken.error()))));
  const bool theirs = taken.error().code == Code::refused || taken.error().code == Code::malformed;
  return {theirs ? 400 : 503, "text/plain", "failure", {}};
}

}  // namespace tf::frontends::ewallet
