// What waits to be submitted and what is on its way: parts of messages, a window, deadlines. No time of its own, no I/O.
#pragma once
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>

#include "sms/sender.hpp"
#include "sms/smpp/pdu.hpp"

namespace tf::sms::smpp {

// One message of the user.
struct Job {
  std::string reference;
  Done done;
  std::vector<ShortMessage> parts;
  Receipt receipt;        // one id a part
  std::size_t left = 0;   // parts without an answer
  int setbacks = 0;       // answers that said "not now" for another reason than our pace
  std::int64_t until_ms = 0;
  bool over = false;      // done was called
};

struct Part {
  std::shared_ptr<Job> job;
  std::size_t index = 0;
};

// A call that is due; the session's user makes it without holding a lock.
using Call = std::function<void()>;
Call finish(Job& job, Result<Receipt> result);

class Submissions {
 public:
  Submissions(std::size_t window, std::size_t max_waiting) : window_(window), max_waiting_(max_waiting) {}

  [[nodiscard]] bool has_room(std::size_t parts) const { return waiting_.size() + parts <= max_waiting_; }
  void add(const std::shared_ptr<Job>& job);
  // The next to go out; none when nothing waits or the window is full. sent() follows.
  std::optional<Part> next();
  void sent(std::uint32_t sequence, Part part, std::int64_t now_ms);
  // The part that was sent under this number.
  std::optional<Part> answered(std::uint32_t sequence);
  void again(Part part) { waiting_.push_front(std::move(part)); }
  // The line is gone: whatever had no answer is sent again.
  void again_all();
  // Jobs whose time is over, or all of them.
  void expire(std::int64_t now_ms, std::vector<Call>& calls);
  void fail_all(const Error& error, std::vector<Call>& calls);

  [[nodiscard]] bool outstanding() const { return !under_way_.empty(); }
  [[nodiscard]] std::optional<std::int64_t> oldest_sent_ms() const;

 private:
  struct Sent {
    Part part;
    std::int64_t at_ms;
  };
  const std::size_t window_;
  const std::size_t max_waiting_;
  std::deque<Part> waiting_;
  std::map<std::uint32_t, Sent> under_way_;
  std::list<std::shared_ptr<Job>> jobs_;  // in the order of their deadlines
};

}  // namespace tf::sms::smpp
