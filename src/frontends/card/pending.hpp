// The requests that wait for their reply, found by the reply's match key; and those given up, so that a late reply is known
// for what it is. Any thread.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "frontends/card/replies.hpp"

namespace tf::frontends::card {

// What became of a request.
struct Answer {
  enum class Kind {
    reply,     // believed: MAC, match and amount are right
    not_sent,  // it never left whole
    none,      // no reply in time, or the line was cut: it may have arrived
    strange,   // a reply with a right MAC that says something else than what was asked
  };
  Kind kind = Kind::none;
  std::string code;        // field 39; otherwise why: "timeout", "line_cut", "amount", …
  std::string additional;  // field 48
};
using Answered = std::move_only_function<void(Answer)>;

struct Waiting {
  std::uint64_t id = 0;
  Expected expected;
  std::string transaction;  // for incidents
  Answered answered;
};

class Pending {
 public:
  // The id of the entry; nothing when such a request waits already, and `waiting` is as it was.
  std::optional<std::uint64_t> add(const std::string& key, Waiting&& waiting);
  std::optional<Waiting> take(const std::string& key);
  // The same, only if it is still that one.
  std::optional<Waiting> take(const std::string& key, std::uint64_t id);
  std::vector<std::pair<std::string, Waiting>> take_all();
  [[nodiscard]] std::size_t size() const;

  void remember_late(const std::string& key, const std::string& transaction);
  // The transaction, once.
  std::optional<std::string> take_late(const std::string& key);

 private:
  static constexpr std::size_t kLate = 16'384;
  mutable std::mutex mutex_;
  std::uint64_t last_id_ = 0;
  std::map<std::string, Waiting> waiting_;
  std::map<std::string, std::string> late_;
  std::deque<std::string> late_order_;
};

}  // namespace tf::frontends::card
