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

Result<Message> CardFrontEnd::purchase_of(const Payment& payment, const std::optional<PinBlock>& pin) {
  const Instruments::Card card = TF_TRY(ports_.instruments.card(payment.instrument));
  std::optional<ByteArray<8>> block;
  if (pin) block = TF_TRY(keys_.translate(*pin, card.pan));
  return purchase(payment, card, block, profile_);
}

void CardFrontEnd::send(Result<Message> request, const std::string& transaction, Done done) {
  if (!request) return done({Verdict::declined, request.error().reason, {}});
  std::string reference(request->text(f::reference));
  line_.ask(std::move(*request), transaction, [done = std::move(done), reference = std::move(reference)](Answer answer) mutable {
    done(outcome_of(answer, reference));
  });
}

void CardFrontEnd::pay(const Payment& payment, std::optional<PinBlock> pin, Done done) {
  if (!line_.in_service()) return done({Verdict::declined, "out_of_service", {}});
  send(purchase_of(payment, pin), payment.transaction, std::move(done));
}

void CardFrontEnd::query(const Payment&, Done done) { done({Verdict::unknown, "not_supported", {}}); }

void CardFrontEnd::refund(const Refund& refund, Done done) {
  auto card = ports_.instruments.card(refund.original.instrument);
  send(card ? card::refund(refund, *card, profile_) : Result<Message>(card.error()), refund.transaction, std::move(done));
}

}  // namespace tf::frontends::card
