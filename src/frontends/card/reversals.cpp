// Reversals: sent until they are answered.
#include <algorithm>

#include "frontends/card/front_end.hpp"

namespace tf::frontends::card {
namespace {

using Instant = std::chrono::steady_clock::time_point;
constexpr std::size_t kTried = 65'536;
constexpr int kFirstAdvice = 2;

std::string_view type_of(int attempt) {
  constexpr std::string_view kTypes[] = {"0400", "0401", "0420", "0421"};
  return kTypes[std::min(attempt, 3)];
}

}  // namespace

struct CardFrontEnd::Reversal {
  Payment payment;
  std::vector<Done> done;  // of everybody who asked for it; under mutex_
  Instant until;
  int attempt = 0;
};

void CardFrontEnd::reverse(const Payment& payment, Done done) {
  ReversalPtr reversal;
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_) {
      reversal = nullptr;
    } else if (const auto under_way = reversals_.find(payment.transaction); under_way != reversals_.end()) {
      under_way->second->done.push_back(std::move(done));
      return;
    } else {
      reversal = std::make_shared<Reversal>();
      reversal->payment = payment;
      reversal->done.push_back(std::move(done));
      reversal->until = std::chrono::steady_clock::now() + profile_.reversal_time;
      reversal->attempt = tried_.contains(payment.transaction) ? kFirstAdvice : 0;
      reversals_.emplace(payment.transaction, reversal);
    }
  }
  if (!reversal) return done({Verdict::unknown, "stopped", {}});
  attempt(reversal);
}

void CardFrontEnd::attempt(const ReversalPtr& reversal) {
  const auto card = ports_.instruments.card(reversal->payment.instrument);
  auto request = card::reversal(type_of(reversal->attempt), reversal->payment, card ? &*card : nullptr, profile_);
  if (!request) return finish(reversal, {Verdict::unknown, request.error().reason, {}});
  line_.ask(*request, reversal->payment.transaction, 0, [this, reversal](const Answer& answer) { answered(reversal, answer); });
}

void CardFrontEnd::answered(const ReversalPtr& reversal, const Answer& answer) {
  const Verdict verdict = answer.kind == Answer::Kind::reply ? reversal_verdict(answer.code) : Verdict::unknown;
  if (verdict != Verdict::unknown) return finish(reversal, {verdict, answer.code, reference_of(reversal->payment.transaction).value_or("")});
  if (std::chrono::steady_clock::now() >= reversal->until) return finish(reversal, {Verdict::unknown, answer.code, {}});
  if (answer.kind != Answer::Kind::not_sent) ++reversal->attempt;
  const bool waited = answer.kind == Answer::Kind::none && answer.code == "timeout";
  line_.timers().after(waited ? std::chrono::milliseconds(0) : profile_.retry_pause, [this, reversal] { attempt(reversal); });
}

void CardFrontEnd::finish(const ReversalPtr& reversal, payment::Outcome outcome) {
  std::vector<Done> told;
  {
    const std::scoped_lock lock(mutex_);
    const std::string& transaction = reversal->payment.transaction;
    told.swap(reversal->done);
    reversals_.erase(transaction);
    if (outcome.verdict != Verdict::unknown) {
      tried_.erase(transaction);
    } else if (reversal->attempt > 0 && tried_.size() < kTried) {
      tried_.insert(transaction);
    }
  }
  for (Done& done : told) done(outcome);
}

void CardFrontEnd::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
  }
  line_.stop();
  std::map<std::string, ReversalPtr> left;
  {
    const std::scoped_lock lock(mutex_);
    left = reversals_;
  }
  for (const auto& [transaction, reversal] : left) finish(reversal, {Verdict::unknown, "stopped", {}});
}

}  // namespace tf::frontends::card
