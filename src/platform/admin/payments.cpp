// payments open, lines, reconcile; merchants. What they read is in the database; nothing here moves money.
#include <fmt/format.h>

#include "payment/books/rows.hpp"
#include "payment/desk/reconcile.hpp"
#include "payment/money.hpp"
#include "payment/notices/outbox.hpp"
#include "platform/admin/handlers.hpp"
#include "platform/wallet/office.hpp"
#include "wire/encoding.hpp"

namespace tf::platform::admin {
namespace {

constexpr std::size_t kMostOrders = 1'000;

struct FrontEndDay {
  std::string front_end;
  std::int64_t day = 0;
};

Result<FrontEndDay> front_end_day(const AdminCall& call) {
  FrontEndDay out{TF_TRY(query_value(call, "front_end", "")), TF_TRY(payment::parse_day(TF_TRY(query_value(call, "date", ""))))};
  if (out.front_end.empty()) return Error{Code::invalid, "payment.front_end", "which front end?"};
  return out;
}

HttpResponse comparison_reply(const FrontEndDay& of, const payment::Comparison& comparison) {
  wire::JsonWriter writer;
  writer.begin_object().member("front_end", of.front_end).member("date", of.day).member("matched", comparison.matched).key("differences").begin_array();
  for (const payment::Difference& each : comparison.differences)
    writer.begin_object().member("transaction", each.transaction).member("type", each.type).member("verdict", each.verdict).member("ours", each.ours)
        .member("theirs", each.theirs).end_object();
  writer.end_array().end_object();
  return json_reply(writer);
}

void write_order(wire::JsonWriter& writer, const payment::Order& order) {
  writer.begin_object().member("transaction", order.transaction()).member("front_end", order.front_end).member("state", name_of(order.state))
      .member("amount", payment::format_money(order.asked.amount)).member("currency", order.asked.amount.currency).member("code", order.code)
      .member("at_ms", order.at_ms).member("changed_ms", order.changed_ms).end_object();
}

void write_refund(wire::JsonWriter& writer, const payment::RefundOrder& refund) {
  writer.begin_object().member("transaction", refund.transaction()).member("front_end", refund.front_end).member("state", name_of(refund.state))
      .member("amount", payment::format_money(refund.amount)).member("currency", refund.amount.currency).member("payment", payment::transaction_of(refund.order))
      .member("refund", refund.refund_number).member("at_ms", refund.at_ms).end_object();
}

Result<payment::Merchants*> merchants_of(Context& context) {
  if (context.wallet == nullptr) return Error{Code::unavailable, "wallet.not_served", "this platform has no wallet: trustferry wallet enable adds it"};
  return &context.wallet->merchants();
}

}  // namespace

Result<HttpResponse> payments_open(Context& context, const AdminCall&) {
  std::vector<payment::Order> orders;
  std::vector<payment::RefundOrder> refunds;
  std::vector<payment::Due> lost;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    orders = TF_TRY(payment::load_open_orders(session));
    refunds = TF_TRY(payment::load_pending_refunds(session));
    lost = TF_TRY(payment::load_given_up(session, static_cast<std::int64_t>(kMostOrders)));
    return {};
  }));
  wire::JsonWriter writer;
  writer.begin_object().member("open_orders", orders.size()).member("open_refunds", refunds.size()).key("orders").begin_array();
  for (std::size_t i = 0; i < std::min(orders.size(), kMostOrders); ++i) write_order(writer, orders[i]);
  writer.end_array().key("refunds").begin_array();
  for (std::size_t i = 0; i < std::min(refunds.size(), kMostOrders); ++i) write_refund(writer, refunds[i]);
  writer.end_array().key("webhooks_given_up").begin_array();
  for (const payment::Due& due : lost)
    writer.begin_object().member("event", payment::event_id(due.notice.payment, due.notice.sequence)).member("merchant", due.notice.merchant)
        .member("error", due.last_error).member("created_ms", due.created_ms).end_object();
  writer.end_array().end_object();
  return json_reply(writer);
}

// Our file of a day, for a front end's people.
Result<HttpResponse> payments_lines(Context& context, const AdminCall& call) {
  const FrontEndDay of = TF_TRY(front_end_day(call));
  std::vector<payment::Line> lines;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    lines = TF_TRY(payment::load_lines(session, of.front_end, of.day));
    return {};
  }));
  std::erase_if(lines, [](const payment::Line& line) { return line.state != "reversed" && !payment::may_have_moved_money(line); });
  return HttpResponse{.status = 200, .content_type = "text/csv", .body = payment::write_lines(lines), .headers = {}};
}

Result<HttpResponse> payments_reconcile(Context& context, const AdminCall& call) {
  const FrontEndDay of = TF_TRY(front_end_day(call));
  if (call.request.content_type != "text/csv") return Error{Code::invalid, "admin.content_type", "the body must be text/csv"};
  return comparison_reply(of, TF_TRY(payment::reconcile(context.database, context.trail, context.clock, {of.front_end, of.day, call.actor()}, call.request.body)));
}

Result<HttpResponse> payments_reconciled(Context& context, const AdminCall& call) {
  const FrontEndDay of = TF_TRY(front_end_day(call));
  payment::Comparison comparison;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    comparison = TF_TRY(payment::load_comparison(session, of.front_end, of.day));
    return {};
  }));
  return comparison_reply(of, comparison);
}

Result<HttpResponse> merchants_list(Context& context, const AdminCall&) {
  payment::Merchants* const merchants = TF_TRY(merchants_of(context));
  wire::JsonWriter writer;
  writer.begin_object().key("merchants").begin_array();
  for (const auto& [merchant, url] : merchants->list()) writer.begin_object().member("merchant", merchant).member("url", url).end_object();
  writer.end_array().end_object();
  return json_reply(writer);
}

// The one time that the secret is seen.
Result<HttpResponse> merchants_enrol(Context& context, const AdminCall& call) {
  payment::Merchants* const merchants = TF_TRY(merchants_of(context));
  auto body = TF_TRY(json_body(call));
  const std::string merchant = TF_TRY(body.text("merchant", 15));
  const std::string url = TF_TRY(body.text("url", 512));
  TF_CHECK(body.finish());
  const auto enrolled = TF_TRY(merchants->enrol(merchant, url, context.trail, call.actor(), context.clock, context.random));
  wire::JsonWriter writer;
  writer.begin_object().member("merchant", merchant).member("url", url).member("secret", wire::hex_lower(enrolled.secret.reveal())).end_object();
  return json_reply(writer);
}

}  // namespace tf::platform::admin
