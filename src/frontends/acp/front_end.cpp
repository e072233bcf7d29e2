#include "frontends/acp/front_end.hpp"

#include "frontends/acp/core.hpp"
#include "frontends/amount.hpp"

namespace tf::frontends::acp {
namespace {

using payment::Payment;
using payment::Refund;
using payment::Verdict;

std::string pay_until(const Payment& payment, std::chrono::seconds valid) { return china_digits(payment.at_ms + valid.count() * 1000); }

}  // namespace

FrontEnd::FrontEnd(Settings settings, Ports ports) : core_(std::make_shared<Core>(std::move(settings), ports)) {}
FrontEnd::~FrontEnd() = default;

std::string FrontEnd::name() const { return core_->settings.name; }
bool FrontEnd::healthy() const { return core_->health.healthy(); }

void FrontEnd::pay(const Payment& payment, std::optional<payment::PinBlock> pin, Done done) {
  if (pin) return done({Verdict::declined, "pin", {}});
  if (payment.amount.currency != core_->settings.currency) return done({Verdict::declined, "currency", {}});
  if (payment.amount.minor <= 0) return done({Verdict::declined, "amount", {}});
  const Order order = order_of(payment, core_->settings);
  const auto build = [core = core_, payment, order]() -> Result<Fields> {
    const SecretBytes token = TF_TRY(core->ports.instruments.account(payment.instrument));
    Fields fields = core->frame("01", "01", "000902", order);
    fields["txnAmt"] = std::to_string(payment.amount.minor);
    fields["currencyCode"] = core->settings.currency_number;
    fields["backUrl"] = core->settings.back_url;
    fields["payTimeout"] = pay_until(payment, core->settings.order_valid);
    fields["termId"] = payment.terminal;
    fields["tokenPayData"] = "{token=" + std::string(as_text(token.reveal())) + "&trId=" + core->settings.token_requestor + "}";
    return fields;
  };
  core_->carry_out(core_, order, build, std::move(done), {Verdict::declined, "not_sent", {}});
}

void FrontEnd::query(const Payment& payment, Done done) {
  const Order order = order_of(payment, core_->settings);
  core_->ask(core_, order, [core = core_, order, done = std::move(done)](Outcome outcome) mutable {
    if (outcome.verdict != Verdict::unknown || outcome.code != kNoSuchOrder) return done(std::move(outcome));
    core->call(
        core, "backTransReq.do", [core, order]() -> Result<Fields> { return core->reversal(order); },
        [core, order, outcome, done = std::move(done)](bool, Result<Fields> answer) mutable {
          const bool reversed = answer && judge_acceptance(*answer, order, core->settings).kind == Acceptance::Kind::accepted;
          if (reversed) outcome.verdict = Verdict::declined;
          done(std::move(outcome));
        },
        true);
  });
}

void FrontEnd::reverse(const Payment& payment, Done done) {
  const Order order = order_of(payment, core_->settings);
  core_->call(
      core_, "backTransReq.do", [core = core_, order]() -> Result<Fields> { return core->reversal(order); },
      [core = core_, payment, order, done = std::move(done)](bool, Result<Fields> answer) mutable {
        if (!answer) return done({Verdict::unknown, answer.error().reason, {}});
        const Acceptance first = judge_acceptance(*answer, order, core->settings);
        if (first.kind == Acceptance::Kind::accepted) return done(first.outcome);
        // It cannot be reversed, or not any more: what became of it?
        core->ask(core, order, [core, payment, done = std::move(done)](Outcome outcome) mutable {
          if (outcome.verdict == Verdict::done) return core->undo(core, payment, outcome.reference, std::move(done));
          if (outcome.verdict == Verdict::declined) outcome.verdict = Verdict::done;  // it never was
          done(std::move(outcome));
        });
      },
      true);
}

void FrontEnd::refund(const Refund& refund, Done done) {
  const Order order{refund.transaction, china_digits(refund.at_ms), refund.amount, std::nullopt, 0};
  const auto build = [core = core_, refund, order]() -> Result<Fields> {
    Fields fields = core->frame("04", "00", refund.original.instrument.empty() ? "000201" : "000902", order);
    fields["origQryId"] = refund.original_reference;
    fields["txnAmt"] = std::to_string(refund.amount.minor);
    fields["currencyCode"] = core->settings.currency_number;
    fields["backUrl"] = core->settings.back_url;
    return fields;
  };
  core_->carry_out(core_, order, build, std::move(done), {Verdict::unknown, "not_sent", {}});
}

void FrontEnd::order_for_phone(const Payment& payment, OrderDone done) {
  if (payment.amount.currency != core_->settings.currency || payment.amount.minor <= 0 || !payment.instrument.empty())
    return done(Error{Code::invalid, "acp.order", "an amount in the gateway's currency, and no instrument"});
  const Order order = order_of(payment, core_->settings);
  const auto build = [core = core_, payment, order]() -> Result<Fields> {
    Fields fields = core->frame("01", "01", "000201", order);
    fields["txnAmt"] = std::to_string(payment.amount.minor);
    fields["currencyCode"] = core->settings.currency_number;
    fields["backUrl"] = core->settings.back_url;
    fields["payTimeout"] = pay_until(payment, core->settings.phone_order_valid);
    fields["orderDesc"] = payment.subject;
    return fields;
  };
  core_->call(
      core_, "appTransReq.do", build,
      [core = core_, order, done = std::move(done)](bool, Result<Fields> answer) mutable {
        if (!answer) return done(std::move(answer).error());
        const std::string& tn = value_of(*answer, "tn");
        const bool ours = value_of(*answer, "orderId") == order.id && value_of(*answer, "txnTime") == order.time &&
                          value_of(*answer, "merId") == core->settings.merchant;
        if (!ours) return done(Error{Code::refused, "acp.order", "another_order"});
        if (value_of(*answer, "respCode") != "00" || tn.empty()) return done(Error{Code::refused, "acp.order", value_of(*answer, "respCode")});
        done(tn);
      },
      false);
}

}  // namespace tf::frontends::acp
