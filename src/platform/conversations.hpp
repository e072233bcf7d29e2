// Conversations in memory: bounded in number, 60 s of life from their beginning, wiped at their end. A message that is
// repeated word for word gets the same reply. One subject (a DSN) has at most one conversation that has proved itself; a
// newer one supersedes it.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/bytes.hpp"
#include "base/ports.hpp"
#include "base/result.hpp"

namespace tf::platform {

using ConversationId = ByteArray<16>;

template <class State>
class Conversations {
 public:
  struct Conversation {
    std::mutex mutex;  // one message at a time
    std::string subject;
    std::int64_t ends_ms = 0;
    State state;
    Hash256 last_request{};
    std::string last_reply;  // empty: nothing answered yet
    bool superseded = false;
  };
  using Handle = std::shared_ptr<Conversation>;

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

  // This conversation has proved its subject: the one that did before is superseded.
  void proved(const Handle& conversation) {
    Handle before;
    {
      const std::lock_guard lock(mutex_);
      std::weak_ptr<Conversation>& current = proved_[conversation->subject];
      before = current.lock();
      current = conversation;
    }
    if (before && before != conversation) {
      const std::lock_guard lock(before->mutex);
      before->superseded = true;
      before->state = State();
    }
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
  std::map<ConversationId, Handle> by_id_;
  std::unordered_map<std::string, std::weak_ptr<Conversation>> proved_;
  Ends ends_;
  Ends finished_;
};

}  // namespace tf::platform
