// Conversations in memory: bounded in number, 60 s of life from their beginning, wiped at their end. A message that is
// repeated word for word gets the same reply. One subject (a DSN) has at most one conversation that has proved itself; a
// newer one supersedes it. A conversation answers one message at a time: who has the Turn alone touches its state; other
// messages of it wait until the turn ends.
#pragma once
#include <atomic>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/bytes.hpp"
#include "base/ports.hpp"
#include "base/result.hpp"

namespace tf::platform {

using ConversationId = ByteArray<16>;

template <class State>
class Conversations {
 public:
  struct Conversation {
    std::string subject;
    std::int64_t ends_ms = 0;
    State state;  // this and the two below belong to the turn
    Hash256 last_request{};
    std::string last_reply;  // empty: nothing answered yet
    std::atomic<bool> superseded{false};

   private:
    friend class Conversations;
    std::mutex mutex_;
    bool taken_ = false;
    std::deque<std::move_only_function<void()>> waiting_;
  };
  using Handle = std::shared_ptr<Conversation>;

  // Ends when it goes: the next message that waited is taken up, on the thread that let go.
  class Turn {
   public:
    explicit Turn(Handle conversation) : conversation_(std::move(conversation)) {}
    Turn(Turn&&) noexcept = default;
    Turn& operator=(Turn&&) = delete;
    ~Turn() { end(); }
    Conversation* operator->() const { return conversation_.get(); }
    Conversation& operator*() const { return *conversation_; }
    [[nodiscard]] const Handle& handle() const { return conversation_; }
    void end() {
      if (!conversation_) return;
      if (auto next = leave(*std::exchange(conversation_, nullptr))) next();
    }

   private:
    Handle conversation_;
  };

  Conversations(const Clock& clock, std::size_t capacity, std::int64_t life_ms)
      : clock_(clock), capacity_(capacity), life_ms_(life_ms) {}

  // Code::overloaded when there is no room.
  Status open(const ConversationId& id, std::string subject, State state) {
    auto made = std::make_shared<Conversation>();
    made->subject = std::move(subject);
    made->state = std::move(state);
    const std::lock_guard lock(mutex_);
    const std::int64_t now = clock_.monotonic_ms();
    sweep(now);
    if (by_id_.size() >= capacity_)
      return Error{Code::overloaded, "platform.conversations_full", "too many conversations are open"};
    made->ends_ms = now + life_ms_;
    ends_.emplace_back(made->ends_ms, id);
    by_id_[id] = std::move(made);
    return {};
  }

  // Null when it never was, has ended or grew too old.
  Handle find(const ConversationId& id) {
    const std::lock_guard lock(mutex_);
    sweep(clock_.monotonic_ms());
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second;
  }

  // Calls message with the turn, now or when the turns before it have ended. Code::overloaded when too many wait.
  Status take_turn(const Handle& conversation, std::move_only_function<void(Turn)> message) {
    {
      const std::lock_guard lock(conversation->mutex_);
      if (conversation->taken_) {
        if (conversation->waiting_.size() >= kMostWaiting)
          return Error{Code::overloaded, "platform.conversation_busy", "messages of this conversation are being answered"};
        conversation->waiting_.push_back([conversation, message = std::move(message)]() mutable { message(Turn(conversation)); });
        return {};
      }
      conversation->taken_ = true;
    }
    message(Turn(conversation));
    return {};
  }

  // This conversation has proved its subject: the one that did before is superseded.
  void proved(const Handle& conversation) {
    Handle before;
    {
      const std::lock_guard lock(mutex_);
      std::weak_ptr<Conversation>& current = proved_[conversation->subject];
      before = current.lock();
      current = conversation;
    }
    if (!before || before == conversation) return;
    before->superseded = true;
    // Whoever has its turn sees it then; where nobody has, nothing else will wipe it.
    const Status wiped = take_turn(before, [](Turn turn) { turn->state = State(); });
    static_cast<void>(wiped);
  }

  // Nothing more is expected. It stays a little longer, so that the last message may be repeated.
  void finish(const ConversationId& id) {
    const std::lock_guard lock(mutex_);
    finished_.emplace_back(clock_.monotonic_ms() + kFinishedLifeMs, id);
  }

  [[nodiscard]] std::size_t size() {
    const std::lock_guard lock(mutex_);
    sweep(clock_.monotonic_ms());
    return by_id_.size();
  }

 private:
  static constexpr std::size_t kMostWaiting = 4;

  static std::move_only_function<void()> leave(Conversation& conversation) {
    const std::lock_guard lock(conversation.mutex_);
    if (conversation.waiting_.empty()) {
      conversation.taken_ = false;
      return nullptr;
    }
    auto next = std::move(conversation.waiting_.front());
    conversation.waiting_.pop_front();
    return next;
  }

  // We drew the names ourselves: their first octets are as good as any hash of them.
  struct ById {
    std::size_t operator()(const ConversationId& id) const {
      std::size_t out = 0;
      std::memcpy(&out, id.data(), sizeof out);
      return out;
    }
  };
  using Ends = std::deque<std::pair<std::int64_t, ConversationId>>;
  static constexpr std::int64_t kFinishedLifeMs = 10'000;

  // In each queue all live equally long, so the oldest ends first.
  void sweep(std::int64_t now) {
    for (Ends* ends : {&ends_, &finished_}) {
      while (!ends->empty() && ends->front().first <= now) {
        erase(ends->front().second);
        ends->pop_front();
      }
    }
  }

  void erase(const ConversationId& id) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return;
    const auto current = proved_.find(found->second->subject);
    if (current != proved_.end() && current->second.lock() == found->second) proved_.erase(current);
    by_id_.erase(found);
  }

  const Clock& clock_;
  const std::size_t capacity_;
  const std::int64_t life_ms_;
  std::mutex mutex_;
  std::unordered_map<ConversationId, Handle, ById> by_id_;
  std::unordered_map<std::string, std::weak_ptr<Conversation>> proved_;
  Ends ends_;
  Ends finished_;
};

}  // namespace tf::platform
