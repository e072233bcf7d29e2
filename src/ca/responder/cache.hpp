// Values about certificates, kept as long as they are asked for and while they weigh no more than allowed. What is known
// about a certificate changes: forget() drops all that is kept about it, and whatever was being worked out meanwhile on the
// old knowledge is not taken (put() with an older Moment).
#pragma once
#include <array>
#include <atomic>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tf::ca {

template <class Value>
class SubjectCache {
 public:
  using Moment = std::uint64_t;
  explicit SubjectCache(std::size_t most_bytes) : most_in_shard_(most_bytes / kShards) {}

  [[nodiscard]] std::optional<Value> find(std::string_view key) {
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.by_key.find(key);
    if (found == shard.by_key.end()) return std::nullopt;
    shard.kept.splice(shard.kept.begin(), shard.kept, found->second);  // the newest is asked for last
    return found->second->value;
  }

  // Before the value's sources are read.
  [[nodiscard]] Moment now() const { return changes_.load(std::memory_order_acquire); }

  // bytes: what the value weighs beside its key and subject.
  void put(std::string_view key, std::string_view subject, Value value, std::size_t bytes, Moment read_at) {
    const std::size_t weight = bytes + 2 * (key.size() + subject.size()) + kOverhead;
    if (weight > most_in_shard_) return;
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    if (read_at != now()) return;  // forget() counts first and takes this lock then: it finds what was put before
    if (const auto old = shard.by_key.find(key); old != shard.by_key.end()) shard.remove(old->second);
    while (shard.bytes + weight > most_in_shard_) shard.remove(std::prev(shard.kept.end()));
    shard.kept.push_front({std::string(key), std::string(subject), std::move(value), weight});
    const auto entry = shard.kept.begin();
    shard.by_key.emplace(entry->key, entry);
    shard.by_subject.emplace(entry->subject, entry);
    shard.bytes += weight;
  }

  void forget(std::string_view subject) {
    changes_.fetch_add(1, std::memory_order_acq_rel);
    for (Shard& shard : shards_) {
      const std::lock_guard lock(shard.mutex);
      for (auto found = shard.by_subject.find(subject); found != shard.by_subject.end(); found = shard.by_subject.find(subject))
        shard.remove(found->second);
    }
  }

  void forget_all() {
    changes_.fetch_add(1, std::memory_order_acq_rel);
    for (Shard& shard : shards_) {
      const std::lock_guard lock(shard.mutex);
      shard.by_key.clear();
      shard.by_subject.clear();
      shard.kept.clear();
      shard.bytes = 0;
    }
  }

  [[nodiscard]] std::size_t size() {
    std::size_t out = 0;
    for (Shard& shard : shards_) {
      const std::lock_guard lock(shard.mutex);
      out += shard.kept.size();
    }
    return out;
  }

 private:
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kOverhead = 160;  // of list and maps
  struct Entry {
    std::string key;
    std::string subject;
    Value value;
    std::size_t weight;
  };
  using Place = typename std::list<Entry>::iterator;
  struct Shard {
    std::mutex mutex;
    std::list<Entry> kept;  // asked for most recently first
    std::unordered_map<std::string_view, Place> by_key;  // of the entries' own strings
    std::unordered_multimap<std::string_view, Place> by_subject;
    std::size_t bytes = 0;

    void remove(Place entry) {
      by_key.erase(entry->key);
      const auto [from, to] = by_subject.equal_range(entry->subject);
      for (auto at = from; at != to; ++at) {
        if (at->second != entry) continue;
        by_subject.erase(at);
        break;
      }
      bytes -= entry->weight;
      kept.erase(entry);
    }
  };
  Shard& shard_of(std::string_view key) { return shards_[std::hash<std::string_view>{}(key) % kShards]; }

  const std::size_t most_in_shard_;
  std::atomic<Moment> changes_{0};
  std::array<Shard, kShards> shards_;
};

}  // namespace tf::ca
