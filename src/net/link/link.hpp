// A lasting line to a host: dials, stays, dials again with growing pauses when it was lost. One thread a link; it reads,
// and all callbacks run on it, one at a time.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "net/link/channel.hpp"

namespace tf::net {

struct LinkOptions {
  std::string host;
  std::uint16_t port = 0;
  Framing framing{};
  ChannelLimits limits{};
  std::chrono::milliseconds connect_timeout{5000};
  // The pause before dialling again doubles from the first to the longest, and begins anew once a frame has come.
  std::chrono::milliseconds first_pause{100};
  std::chrono::milliseconds longest_pause{10000};
};

struct LinkEvents {
  std::function<void()> up;                 // connected; now send() works
  std::function<void(ByteView)> frame;      // a payload; the view lives for the call
  std::function<void(const Error&)> down;   // the connection ended, or (without an up before) could not be made
};

class Link {
 public:
  // Code::invalid "link.framing" comes from start().
  Link(LinkOptions options, LinkEvents events);
  ~Link();  // stop()
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  Status start();  // once
  // No callback runs after it. Waits for a dialling under way (connect_timeout). Not to be called from a callback.
  void stop();
  // Any thread, never waits. Code::unavailable "link.down"; or an error of Channel::send.
  Status send(ByteView payload);
  [[nodiscard]] bool up() const;
  // Gives the connection up and dials again: for a host that does not answer any more. Any thread.
  void renew();

 private:
  void run();
  void serve(std::shared_ptr<Channel> channel);
  [[nodiscard]] std::shared_ptr<Channel> channel() const;
  bool pause();  // false: stopping

  const LinkOptions options_;
  const LinkEvents events_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::shared_ptr<Channel> channel_;
  bool stopping_ = false;
  std::chrono::milliseconds pause_;
  std::thread thread_;
};

}  // namespace tf::net
