// payments decide, decisions: how an order ended that its front end does not tell. Two people: what one proposes another decides.
#include <future>

#include "payment/decisions.hpp"
#include "payment/money.hpp"
#include "payment/rows.hpp"
#include "platform/admin/handlers.hpp"
#include "platform/wallet/office.hpp"

namespace tf::platform::admin {
namespace {

constexpr std::int64_t kMost = 1'000;
constexpr std::size_t kMostReason = 500;
constexpr std::chrono::seconds kPatience{10};  // with a database that does not answer

Result<payment::Payments*> payments_of(Context& context) {
  if (context.wallet == nullptr) return Error{Code::unavailable, "wallet.not_served", "this platform has no wallet"};
  return &context.wallet->payments();
}

std::string detail_of(const payment::Order& order, const payment::Decision& decision) {
  wire::JsonWriter writer;
  writer.begin_object().member("verdict", payment::verdict_name(decision.paid)).member("reason", decision.reason).member("was", name_of(order.state));
  writer.member("amount", payment::format_money(order.asked.amount)).member("currency", order.asked.amount.currency).member("front_end", order.front_end);
  return writer.member("proposed_by", decision.proposed_by).end_object().take();
}

void write_decision(wire::JsonWriter& writer, const payment::Decision& it, const std::optional<payment::Order>& order) {
  writer.begin_object().member("transaction", payment::transaction_of(it.number)).member("verdict", payment::verdict_name(it.paid)).member("reason", it.reason);
  writer.member("proposed_by", it.proposed_by).member("proposed_ms", it.proposed_ms).member("decided_by", it.decided_by).member("decided_ms", it.decided_ms);
  writer.member("contradicted", it.contradicted).member("contradicted_ms", it.contradicted_ms);
  if (order) writer.member("state", name_of(order->state)).member("amount", payment::format_money(order->asked.amount)).member("currency", order->asked.amount.currency);
  writer.end_object();
}

HttpResponse reply_of(const payment::Decision& decision, const payment::Order& order) {
  wire::JsonWriter writer;
  write_decision(writer, decision, order);
  return json_reply(writer);
}

Status propose(Context& context, const payment::Order& order, const payment::Decision& decision) {
  return perform_act(context, {decision.proposed_by, "payment.propose", order.transaction(), detail_of(order, decision)},
                     [&](store::Session& session) { return payment::propose_decision(session, decision); });
}

// The decision, its audit entry and the order's end are one transaction of the books; it may run again.
Result<payment::Order> decide(Context& context, payment::Payments& payments, const payment::Order& order, const payment::Decision& decision) {
  const payment::Along along = [&trail = context.trail, decision, entry = audit::Entry{.at_ms = decision.decided_ms, .actor = decision.decided_by, .action = "payment.decide",
                                                                                       .subject = order.transaction(), .outcome = audit::Outcome::accepted, .reason = "",
                                                                                       .detail = detail_of(order, decision)}](store::Session& session) -> Status {
    TF_CHECK(payment::confirm_decision(session, decision.number, decision.decided_by, decision.decided_ms));
    return trail.append(session, entry);
  };
  auto answered = std::make_shared<std::promise<Result<payment::Order>>>();
  auto answer = answered->get_future();
  payments.decide(order.transaction(), decision.paid, along, [answered](Result<payment::Order> now) { answered->set_value(std::move(now)); });
  if (answer.wait_for(kPatience) != std::future_status::ready) return Error{Code::unavailable, "payment.not_written", "the database does not answer; the decision is carried out when it does"};
  return answer.get();
}

}  // namespace

Result<HttpResponse> payments_decide(Context& context, const AdminCall& call) {
  payment::Payments& payments = *TF_TRY(payments_of(context));
  auto body = TF_TRY(json_body(call));
  payment::Decision wanted{.paid = TF_TRY(payment::parse_verdict(TF_TRY(body.text("verdict", 16)))), .reason = TF_TRY(body.text("reason", kMostReason)),
                           .proposed_by = call.actor(), .proposed_ms = context.clock.now_ms()};
  TF_CHECK(body.finish());
  if (wanted.reason.empty()) return Error{Code::invalid, "payment.reason", "say where it is known from"};
  const auto order = TF_TRY(payments.find(call.words[0]));
  if (!order) return Error{Code::not_found, "payment.no_order", "there is no order " + call.words[0]};
  TF_CHECK(payments.check_stuck(*order));
  wanted.number = order->number;
  std::optional<payment::Decision> standing;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    standing = TF_TRY(payment::load_decision(session, order->number));
    return {};
  }));
  if (!standing || standing->paid != wanted.paid || standing->proposed_by == wanted.proposed_by) {
    TF_CHECK(propose(context, *order, wanted));
    return reply_of(wanted, *order);
  }
  standing->decided_by = call.actor();
  standing->decided_ms = context.clock.now_ms();
  const payment::Order ended = TF_TRY(decide(context, payments, *order, *standing));
  return reply_of(*standing, ended);
}

Result<HttpResponse> payments_decisions(Context& context, const AdminCall&) {
  TF_TRY(payments_of(context));
  std::vector<std::pair<payment::Decision, std::optional<payment::Order>>> all;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    all.clear();
    for (payment::Decision& each : TF_TRY(payment::load_decisions(session, kMost))) {
      auto order = TF_TRY(payment::load_order(session, each.number));
      all.emplace_back(std::move(each), std::move(order));
    }
    return {};
  }));
  wire::JsonWriter writer;
  writer.begin_object().key("decisions").begin_array();
  for (const auto& [decision, order] : all) write_decision(writer, decision, order);
  writer.end_array().end_object();
  return json_reply(writer);
}

}  // namespace tf::platform::admin
