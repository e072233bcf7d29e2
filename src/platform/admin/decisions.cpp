// payments decide, decisions: how an order, or a refund of it, ended that its front end does not tell. Two people: what one proposes another decides.
#include <future>

#include "payment/books/rows.hpp"
#include "payment/desk/decisions.hpp"
#include "payment/money.hpp"
#include "platform/admin/handlers.hpp"
#include "platform/wallet/office.hpp"

namespace tf::platform::admin {
namespace {

constexpr std::int64_t kMost = 1'000;
constexpr std::size_t kMostReason = 500;
constexpr std::size_t kMostRefundNumber = 64;
constexpr std::chrono::seconds kPatience{10};  // with a database that does not answer

Result<payment::Payments*> payments_of(Context& context) {
  if (context.wallet == nullptr) return Error{Code::unavailable, "wallet.not_served", "this platform has no wallet: trustferry wallet enable adds it"};
  return &context.wallet->payments();
}

// What is decided: an order, or a refund of it.
struct Undecided {
  payment::Order order;
  std::optional<payment::RefundOrder> refund{};

  [[nodiscard]] std::int64_t number() const { return refund ? refund->number : order.number; }
  [[nodiscard]] const payment::Money& amount() const { return refund ? refund->amount : order.asked.amount; }
  [[nodiscard]] std::string_view state() const { return refund ? name_of(refund->state) : name_of(order.state); }
  [[nodiscard]] Status check_stuck(const payment::Payments& payments) const { return refund ? payments.check_stuck(*refund) : payments.check_stuck(order); }
};

std::string detail_of(const Undecided& about, const payment::Decision& decision) {
  wire::JsonWriter writer;
  writer.begin_object().member("verdict", payment::verdict_name(decision.paid, decision.refund)).member("reason", decision.reason).member("was", about.state());
  if (about.refund) writer.member("refund", about.refund->refund_number).member("refund_transaction", about.refund->transaction());
  writer.member("amount", payment::format_money(about.amount())).member("currency", about.amount().currency).member("front_end", about.order.front_end);
  return writer.member("proposed_by", decision.proposed_by).end_object().take();
}

// As in the list of what is open: transaction is the refund's own where it is one.
void write_decision(wire::JsonWriter& writer, const payment::Decision& it, const std::optional<Undecided>& about) {
  writer.begin_object().member("transaction", payment::transaction_of(it.number)).member("verdict", payment::verdict_name(it.paid, it.refund)).member("reason", it.reason);
  writer.member("proposed_by", it.proposed_by).member("proposed_ms", it.proposed_ms).member("decided_by", it.decided_by).member("decided_ms", it.decided_ms);
  writer.member("contradicted", it.contradicted).member("contradicted_ms", it.contradicted_ms);
  if (about) writer.member("state", about->state()).member("amount", payment::format_money(about->amount())).member("currency", about->amount().currency);
  if (about && about->refund) writer.member("payment", about->order.transaction()).member("refund", about->refund->refund_number);
  writer.end_object();
}

HttpResponse reply_of(const payment::Decision& decision, const Undecided& about) {
  wire::JsonWriter writer;
  write_decision(writer, decision, about);
  return json_reply(writer);
}

Result<Undecided> find_undecided(const payment::Payments& payments, const std::string& transaction, const std::optional<std::string>& refund_number) {
  auto order = TF_TRY(payments.find(transaction));
  if (!order) return Error{Code::not_found, "payment.no_order", "there is no order " + transaction};
  Undecided out{.order = std::move(*order)};
  if (!refund_number) return out;
  out.refund = TF_TRY(payments.find_refund(transaction, *refund_number));
  if (!out.refund) return Error{Code::not_found, "payment.no_refund", transaction + " has no refund of that number"};
  return out;
}

Status propose(Context& context, const Undecided& about, const payment::Decision& decision) {
  return perform_act(context, {decision.proposed_by, "payment.propose", about.order.transaction(), detail_of(about, decision)},
                     [&](store::Session& session) { return payment::propose_decision(session, decision); });
}

// Waits for what start is given to call.
template <class T, class Start>
Result<T> ended(Start start) {
  auto answered = std::make_shared<std::promise<Result<T>>>();
  auto answer = answered->get_future();
  start([answered](Result<T> now) { answered->set_value(std::move(now)); });
  if (answer.wait_for(kPatience) != std::future_status::ready) return Error{Code::unavailable, "payment.not_written", "the database does not answer; the decision is carried out when it does"};
  return answer.get();
}

// The decision, its audit entry and the end are one transaction of the books; it may run again. What is decided as it is then.
Result<Undecided> decide(Context& context, payment::Payments& payments, Undecided about, const payment::Decision& decision) {
  const payment::Along along = [&trail = context.trail, decision, entry = audit::Entry{.at_ms = decision.decided_ms, .actor = decision.decided_by, .action = "payment.decide",
                                                                                       .subject = about.order.transaction(), .outcome = audit::Outcome::accepted, .reason = "",
                                                                                       .detail = detail_of(about, decision)}](store::Session& session) -> Status {
    TF_CHECK(payment::confirm_decision(session, decision.number, decision.decided_by, decision.decided_ms));
    return trail.append(session, entry);
  };
  const std::string transaction = about.order.transaction();
  if (about.refund)
    about.refund = TF_TRY(ended<payment::RefundOrder>(
        [&](payment::Payments::RefundDone done) { payments.decide_refund(transaction, about.refund->refund_number, decision.paid, along, std::move(done)); }));
  else
    about.order = TF_TRY(ended<payment::Order>([&](payment::Payments::Done done) { payments.decide(transaction, decision.paid, along, std::move(done)); }));
  return about;
}

}  // namespace

Result<HttpResponse> payments_decide(Context& context, const AdminCall& call) {
  payment::Payments& payments = *TF_TRY(payments_of(context));
  auto body = TF_TRY(json_body(call));
  const auto refund_number = TF_TRY(body.optional_text("refund", kMostRefundNumber));
  payment::Decision wanted{.refund = refund_number.has_value(), .paid = TF_TRY(payment::parse_verdict(TF_TRY(body.text("verdict", 16)), refund_number.has_value())),
                           .reason = TF_TRY(body.text("reason", kMostReason)), .proposed_by = call.actor(), .proposed_ms = context.clock.now_ms()};
  TF_CHECK(body.finish());
  if (wanted.reason.empty()) return Error{Code::invalid, "payment.reason", "say where it is known from"};
  const Undecided about = TF_TRY(find_undecided(payments, call.words[0], refund_number));
  TF_CHECK(about.check_stuck(payments));
  wanted.number = about.number();
  std::optional<payment::Decision> standing;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    standing = TF_TRY(payment::load_decision(session, wanted.number));
    return {};
  }));
  if (!standing || standing->paid != wanted.paid || standing->proposed_by == wanted.proposed_by) {
    TF_CHECK(propose(context, about, wanted));
    return reply_of(wanted, about);
  }
  standing->decided_by = call.actor();
  standing->decided_ms = context.clock.now_ms();
  return reply_of(*standing, TF_TRY(decide(context, payments, about, *standing)));
}

Result<HttpResponse> payments_decisions(Context& context, const AdminCall&) {
  TF_TRY(payments_of(context));
  std::vector<std::pair<payment::Decision, std::optional<Undecided>>> all;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    all.clear();
    for (payment::Decision& each : TF_TRY(payment::load_decisions(session, kMost))) {
      auto refund = each.refund ? TF_TRY(payment::load_refund(session, each.number)) : std::nullopt;
      auto order = TF_TRY(payment::load_order(session, refund ? refund->order : each.number));
      all.emplace_back(std::move(each), order ? std::optional(Undecided{std::move(*order), std::move(refund)}) : std::nullopt);
    }
    return {};
  }));
  wire::JsonWriter writer;
  writer.begin_object().key("decisions").begin_array();
  for (const auto& [decision, about] : all) write_decision(writer, decision, about);
  writer.end_array().end_object();
  return json_reply(writer);
}

}  // namespace tf::platform::admin
