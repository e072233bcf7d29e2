// The conversation with the acquirer's host: sign-on, key exchange, echoes, and requests with their replies, many on their
// way at once. It is in service from when the host has signed us on and there are fresh keys until the connection ends.
#pragma once
#include <atomic>
#include <cstdint>
#include <string>

#include "frontends/card/incident.hpp"
#include "frontends/card/key_ring.hpp"
#include "frontends/card/pending.hpp"
#include "frontends/card/timers.hpp"
#include "net/link/link.hpp"

namespace tf::frontends::card {

class Line {
 public:
  // link: where to; the framing is the profile's. All that is referred to outlives the line.
  Line(const Profile& profile, net::LinkOptions link, KeyRing& keys, const Clock& clock, Watch watch);
  ~Line() { stop(); }

  Status start();
  // Everything that waits is answered (none, "stopped" or "line_cut"). No callback runs after it.
  void stop();

  [[nodiscard]] bool in_service() const { return in_service_; }
  // In service, the last echo came back, and payments are being answered.
  [[nodiscard]] bool healthy() const;

  // Sends the request with its MAC. answered: once, on any thread, perhaps before this returns. A request that waits already is
  // answered (none, "in_progress"). generation: of the keys for the MAC, 0 for the newest.
  void ask(const Message& request, std::string transaction, std::int64_t generation, Answered answered);
  Timers& timers() { return timers_; }

 private:
  void ask_host(std::string_view network_code, Answered answered);
  void dispatch(const Message& request, ByteView bytes, std::string transaction, std::chrono::milliseconds timeout, Answered answered);
  void expire(const std::string& key, std::uint64_t id);

  void on_up();
  void on_down(const Error& why);
  void on_frame(ByteView bytes);
  void on_request(const Message& request);
  void on_reply(const Message& reply, ByteView bytes);
  bool believed(const Message& reply, ByteView bytes);
  void on_stray(const std::string& key, const Message& reply);

  void sign_on();
  void exchange_keys();
  void serve();
  void retry(std::uint64_t epoch, void (Line::*step)());
  void tick();
  void echo();
  void note(Incident::Kind kind, std::string transaction, std::string detail);
  void give_up_all(const char* why);

  const Profile& profile_;
  KeyRing& keys_;
  const Clock& clock_;
  const Watch watch_;
  Timers timers_;
  Pending pending_;
  net::Link link_;
  std::atomic<std::uint64_t> epoch_ = 0;  // which connection; counts
  std::atomic<std::uint32_t> trace_ = 0;
  std::atomic<bool> in_service_ = false;
  std::atomic<bool> exchanging_ = false;
  std::atomic<bool> told_down_ = false;   // one note however often dialling fails
  std::atomic<int> echoes_lost_ = 0;
  static constexpr int kUnansweredLimit = 5;
  std::atomic<int> unanswered_ = 0;       // in a row
  std::atomic<int> bad_macs_ = 0;         // in a row
};

}  // namespace tf::frontends::card
