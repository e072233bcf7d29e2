#include "tests/payment/bank.hpp"

namespace tf::payment::test {
namespace {

using EntryState = Bank::Entry::State;
const Outcome kUnknown{Verdict::unknown, "timeout", ""};

Outcome done(const std::string& transaction) { return {Verdict::done, "00", "R" + transaction.substr(12)}; }
Outcome declined(const char* code) { return {Verdict::declined, code, ""}; }

}  // namespace

std::int64_t Bank::way() {
  return dice_.happens(weather.late_percent) ? dice_.below(120'000) : 1 + dice_.below(weather.usual_ms);
}

// One request and its answer over the line; the front end's own time-out beside them.
void Bank::exchange(Serve serve, Done done) {
  ++calls;
  struct Waiting {
    Done done;
    bool told = false;
    void tell(Outcome outcome) {
      if (std::exchange(told, true)) return;
      auto fn = std::move(done);
      fn(std::move(outcome));
    }
  };
  const auto waiting = std::make_shared<Waiting>(Waiting{std::move(done)});
  const bool silent = dice_.happens(weather.silent_percent);
  const int copies = dice_.happens(weather.doubled_percent) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    if (dice_.happens(weather.lost_percent)) continue;
    time_.after(way(), [this, serve, waiting, silent] {
      Outcome outcome = serve();
      if (silent || dice_.happens(weather.lost_percent)) return;
      time_.after(way(), [waiting, outcome = std::move(outcome)] { waiting->tell(outcome); });
    });
  }
  if (!silent) time_.after(weather.timeout_ms, [waiting] { waiting->tell(kUnknown); });
}

void Bank::pay(const Payment& payment, std::optional<PinBlock>, Done done) {
  exchange([this, payment] { return serve_pay(payment); }, std::move(done));
}
void Bank::order_for_phone(const Payment& payment, std::int64_t, Done done) {
  exchange([this, payment] { return serve_offer(payment); }, std::move(done));
}
void Bank::query(const Payment& payment, Done done) {
  exchange([this, payment] { return serve_query(payment); }, std::move(done));
}
void Bank::reverse(const Payment& payment, Done done) {
  exchange([this, payment] { return serve_reverse(payment); }, std::move(done));
}
void Bank::refund(const Refund& refund, Done done) {
  exchange([this, refund] { return serve_refund(refund); }, std::move(done));
}

// A payment request that comes twice is the same payment; one that comes after the order was closed is none.
Outcome Bank::serve_pay(const Payment& payment) {
  auto [found, fresh] = entries_.try_emplace(payment.transaction);
  Entry& entry = found->second;
  if (fresh) {
    entry.amount = payment.amount;
    entry.state = dice_.happens(weather.declined_percent) ? EntryState::declined : EntryState::paid;
    if (entry.state == EntryState::paid) {
      ++entry.paid_times;
      if (dice_.happens(weather.wrong_amount_percent)) entry.amount.minor += 1 + dice_.below(100);
      if (entry.amount == payment.amount && dice_.happens(weather.notified_percent))
        time_.after(way(), [this, transaction = payment.transaction] { notify(transaction); });
    }
  }
  if (entry.state != EntryState::paid) return declined("51");
  if (entry.amount != payment.amount) return {Verdict::unknown, "wrong_amount", ""};  // what a front end makes of that
  return done(payment.transaction);
}

// An order waits for its phone; it is the same order when the request comes twice.
Outcome Bank::serve_offer(const Payment& payment) {
  auto [found, fresh] = entries_.try_emplace(payment.transaction);
  if (fresh) {
    found->second.amount = payment.amount;
    found->second.state = dice_.happens(weather.declined_percent) ? EntryState::declined : EntryState::waiting;
  }
  if (found->second.state != EntryState::waiting) return declined("51");
  return {Verdict::done, "00", "TN" + payment.transaction};
}

// A try that fails leaves the order waiting for another.
Bank::Paying Bank::phone_pays(const std::string& transaction) {
  const auto found = entries_.find(transaction);
  if (found == entries_.end()) return Paying::none;
  Entry& entry = found->second;
  if (entry.state != EntryState::waiting) return entry.state == EntryState::paid ? Paying::paid : Paying::none;
  if (dice_.happens(weather.declined_percent)) return Paying::failed;
  entry.state = EntryState::paid;
  ++entry.paid_times;
  if (dice_.happens(weather.notified_percent)) time_.after(way(), [this, transaction] { notify(transaction); });
  return Paying::paid;
}

Outcome Bank::serve_query(const Payment& payment) {
  auto [found, fresh] = entries_.try_emplace(payment.transaction);
  if (fresh && dice_.happens(30)) {
    entries_.erase(found);  // it cannot tell yet
    return {Verdict::unknown, "processing", ""};
  }
  if (found->second.state == EntryState::waiting) return {Verdict::unknown, "05", ""};
  if (found->second.state != EntryState::paid) return declined("closed");
  if (found->second.amount != payment.amount) return {Verdict::unknown, "wrong_amount", ""};
  return done(payment.transaction);
}

Outcome Bank::serve_reverse(const Payment& payment) {
  Entry& entry = entries_[payment.transaction];
  if (entry.state == EntryState::waiting) entry.state = EntryState::closed;
  if (entry.state != EntryState::paid) return done(payment.transaction);
  const bool right = entry.amount == payment.amount;
  if (right && !entry.refunds.contains("stands") && dice_.happens(weather.stands_percent)) entry.refunds["stands"] = 0;  // decided once
  if (right && entry.refunds.contains("stands")) return declined("stands");
  entry.state = EntryState::reversed;
  return done(payment.transaction);
}

Outcome Bank::serve_refund(const Refund& refund) {
  const auto found = entries_.find(refund.original.transaction);
  if (found == entries_.end() || found->second.state != EntryState::paid) return declined("no_payment");
  auto [entry, fresh] = found->second.refunds.try_emplace(refund.transaction, 0);
  if (fresh && !dice_.happens(weather.declined_percent)) entry->second = refund.amount.minor;
  return entry->second == 0 ? declined("refund_declined") : done(refund.transaction);
}

}  // namespace tf::payment::test
