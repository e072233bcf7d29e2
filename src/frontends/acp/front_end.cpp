#include "frontends/acp/front_end.hpp"

#include <algorithm>

#include "frontends/acp/core.hpp"
#include "frontends/amount.hpp"

namespace tf::frontends::acp {
namespace {

using payment::Payment;
using payment::Refund;
using payment::Verdict;

std::string pay_until(const Payment& payment, std::chrono::seconds valid) { return china_digits(payment.at_ms + valid.count() * 1000); }

// A phone's order of which a try was refused, and which it may pay with another card still.
bool may_try_again(const Payment& payment, const Order& order, const Outcome& outcome, std::int64_t now_ms) {
  return payment.instrument.empty() && outcome.verdict == Verdict::declined && outcome.code != kNoSuchOrder && order.gone_ms && now_ms <= *order.gone_ms;
}

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
  core_->ask(core_, order, [core = core_, payment, order, done = std::move(done)](Outcome outcome) mutable {
    if (may_try_again(payment, order, outcome, core->ports.clock.now_ms())) outcome.verdict = Verdict::unknown;
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
        core->ask(core, order, [core, payment, order, done = std::move(done)](Outcome outcome) mutable {
          if (outcome.verdict == Verdict::done) return core->undo(core, payment, outcome.reference, std::move(done));
          if (may_try_again(payment, order, outcome, core->ports.clock.now_ms())) outcome.verdict = Verdict::unknown;
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

bool FrontEnd::takes_phones() const { return core_->settings.phones; }

void FrontEnd::order_for_phone(const Payment& payment, std::int64_t until_ms, Done done) {
  if (payment.amount.currency != core_->settings.currency) return done({Verdict::declined, "currency", {}});
  if (payment.amount.minor <= 0 || !payment.instrument.empty()) return done({Verdict::declined, "order", {}});
  const Order order = order_of(payment, core_->settings);
  const std::string until = std::min(pay_until(payment, core_->settings.phone_order_valid), china_digits(until_ms));
  const auto build = [core = core_, payment, order, until]() -> Result<Fields> {
    Fields fields = core->frame("01", "01", "000201", order);
    fields["txnAmt"] = std::to_string(payment.amount.minor);
    fields["currencyCode"] = core->settings.currency_number;
    fields["backUrl"] = core->settings.back_url;
    fields["payTimeout"] = until;
    fields["orderDesc"] = payment.subject;
    return fields;
  };
  core_->call(
      core_, "appTransReq.do", build,
      [core = core_, order, done = std::move(done)](bool sent, Result<Fields> answer) mutable {
        if (!sent) return done({Verdict::declined, "not_sent", {}});
        done(answer ? judge_order(*answer, order, core->settings) : Outcome{Verdict::unknown, answer.error().reason, {}});
      },
      false);
}

}  // namespace tf::frontends::acp
