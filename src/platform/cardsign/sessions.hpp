// Sessions with cards: in memory only, bounded, each until two minutes after its last message. One at a time has a card. The request that a
// session answers last is remembered with its answer, so that a lost answer is given again.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/ports.hpp"
#include "platform/cardsign/known_payers.hpp"
#include "platform/cardsign/store.hpp"
#include "protocols/cardsign/enrolment.hpp"
#include "protocols/cardsign/removal.hpp"

namespace tf::platform {

// What a payment stands on, as it was read when its card was known, or remembered. What may change of it is asked in the transaction that books it.
struct CardPayment {
  cardsign::Order order{};
  KnownPayerPtr payer{};
  const InstrumentRow* instrument = nullptr;  // the payer's that pays
};

using CardsignReply = std::move_only_function<void(Result<std::string>)>;

// What a session works with while it lasts; of the thread that works on a message of it, of which there is one at a time.
struct CardWork {
  std::variant<std::monostate, cardsign::EnrolmentSession, cardsign::PaymentSession, cardsign::UpdateSession> machine{};
  std::optional<cardsign::RemovalSession> removal{};  // goes before the machine; then() after it
  std::function<void(const std::shared_ptr<struct CardSession>&)> then{};
  CardPayment paying{};
  Holder holder{};         // enrol: whose code it is
  Hash256 code_hash{};
  SlotRow issued{};        // enrol: the certificate under way
};

struct CardSession {
  explicit CardSession(std::string session_id) : id(std::move(session_id)) {}
  const std::string id;
  std::unique_ptr<CardWork> work = std::make_unique<CardWork>();  // null when it is over: of such only the last answer is wanted, and many are kept for their two minutes
  std::string serial{};    // as soon as the card is known
  std::string user{};
  std::string payment{};

  std::mutex mutex{};      // guards the rest
  std::int64_t ends_ms = 0;
  std::int64_t step = 0;   // of the last reply
  std::optional<Hash256> request{};  // the one that is answered last, or being answered
  std::optional<Result<std::string>> reply{};  // none: being answered
  std::vector<CardsignReply> waiting{};
  bool over = false;
  bool superseded = false;
};
using CardSessionPtr = std::shared_ptr<CardSession>;

class CardSessions {
 public:
  CardSessions(const Clock& clock, std::size_t most) : clock_(clock), most_(most) {}

  // Code::overloaded "cardsign.sessions_full".
  Status put(const CardSessionPtr& session) {
    const std::lock_guard lock(mutex_);
    forget_ended();
    if (sessions_.size() >= most_) return Error{Code::overloaded, "cardsign.sessions_full", "too many cards are in session"};
    sessions_.emplace(session->id, session);
    return {};
  }
  // Null when there is none, or its time is over.
  [[nodiscard]] CardSessionPtr find(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return nullptr;
    const std::lock_guard inner(found->second->mutex);
    return found->second->ends_ms > clock_.now_ms() ? found->second : nullptr;
  }
  // From now on this session has the card; the one that had it is told so when it next asks.
  void take(const std::string& serial, const CardSessionPtr& session) {
    const std::lock_guard lock(mutex_);
    auto& has = of_card_[serial];
    if (const CardSessionPtr before = has.lock(); before && before != session) {
      const std::lock_guard inner(before->mutex);
      before->superseded = true;
    }
    has = session;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return sessions_.size();
  }

 private:
  // Now and then all are looked at: each lives for minutes, so there is little to gain by an order of their ends.
  void forget_ended() {
    const std::int64_t now = clock_.now_ms();
    if (now < next_look_ms_ && sessions_.size() < most_) return;
    next_look_ms_ = now + 10'000;
    std::erase_if(sessions_, [now](const auto& each) {
      const std::lock_guard inner(each.second->mutex);
      return each.second->ends_ms <= now;
    });
    std::erase_if(of_card_, [](const auto& each) { return each.second.expired(); });
  }

  const Clock& clock_;
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::int64_t next_look_ms_ = 0;
  std::unordered_map<std::string, CardSessionPtr> sessions_;
  std::unordered_map<std::string, std::weak_ptr<CardSession>> of_card_;
};

}  // namespace tf::platform
