#include "frontends/card/front_end.hpp"

namespace tf::frontends::card {
namespace {

using payment::Outcome;
using payment::PinBlock;

Outcome outcome_of(const Answer& answer, const std::string& reference) {
  switch (answer.kind) {
    case Answer::Kind::reply:
      return {payment_verdict(answer.code), answer.code, reference};
    case Answer::Kind::not_sent:
      return {Verdict::declined, answer.code, {}};
    case Answer::Kind::none:
    case Answer::Kind::strange:
      break;
  }
  return {Verdict::unknown, answer.code, {}};
}

}  // namespace

CardFrontEnd::CardFrontEnd(Profile profile, net::LinkOptions link, const Ports& ports)
    : profile_(std::move(profile)), ports_(ports), keys_(ports.vault, ports.keys, ports.clock, profile_),
      line_(profile_, std::move(link), keys_, ports.clock, ports.watch) {}

CardFrontEnd::~CardFrontEnd() { stop(); }

Status CardFrontEnd::start() {
  TF_CHECK(check(profile_));
  TF_CHECK(keys_.load());
  return line_.start();
}

Result<CardFrontEnd::Purchase> CardFrontEnd::purchase_of(const Payment& payment, const std::optional<PinBlock>& pin) {
  const Instruments::Card card = TF_TRY(ports_.instruments.card(payment.instrument));
  if (!pin) return Purchase{TF_TRY(purchase(payment, card, std::nullopt, profile_))};
  const KeyRing::Pin translated = TF_TRY(keys_.translate(*pin, card.pan));
  return Purchase{TF_TRY(purchase(payment, card, translated.block, profile_)), translated.generation};
}

void CardFrontEnd::pay(const Payment& payment, std::optional<PinBlock> pin, Done done) {
  if (!line_.in_service()) return done({Verdict::declined, "out_of_service", {}});
  auto request = purchase_of(payment, pin);
  if (!request) return done({Verdict::declined, request.error().reason, {}});
  line_.ask(request->message, payment.transaction, request->generation, [done = std::move(done), reference = payment.transaction.substr(8)](const Answer& answer) mutable {
    done(outcome_of(answer, reference));
  });
}

void CardFrontEnd::query(const Payment&, Done done) { done({Verdict::unknown, "not_supported", {}}); }

// A refund is called again until it is answered. That this attempt did not leave says nothing of those before: unknown.
void CardFrontEnd::refund(const Refund& refund, Done done) {
  const auto card = ports_.instruments.card(refund.original.instrument);
  if (!card) return done({Verdict::unknown, card.error().reason, {}});
  auto request = card::refund(refund, *card, profile_);
  if (!request) return done({Verdict::declined, request.error().reason, {}});  // nor could it ever leave
  line_.ask(*request, refund.transaction, 0, [done = std::move(done), reference = refund.transaction.substr(8)](const Answer& answer) mutable {
    Outcome outcome = outcome_of(answer, reference);
    if (answer.kind == Answer::Kind::not_sent) outcome.verdict = Verdict::unknown;
    done(std::move(outcome));
  });
}

}  // namespace tf::frontends::card
