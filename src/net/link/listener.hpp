// The other end of links: accepts connections, a thread for each, and tells their frames.
#pragma once
#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "net/link/channel.hpp"

namespace tf::net {

struct ListenerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: the system chooses, see port()
  Framing framing{};
  ChannelLimits limits{};
  std::size_t max_peers = 64;  // above it a connection is closed at once
};

// Called on the peer's own thread. The channel may be kept, to answer later from another thread.
struct ListenerEvents {
  std::function<void(const std::shared_ptr<Channel>&)> open;
  std::function<void(const std::shared_ptr<Channel>&, ByteView)> frame;
  std::function<void(const std::shared_ptr<Channel>&, const Error&)> closed;
};

class LinkListener {
 public:
  explicit LinkListener(ListenerEvents events) : events_(std::move(events)) {}
  ~LinkListener();  // stop()
  LinkListener(const LinkListener&) = delete;
  LinkListener& operator=(const LinkListener&) = delete;

  // Listening when it returns. Code::unavailable "link.listen", Code::invalid "link.framing". Once.
  Status start(const ListenerOptions& options);
  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Closes every connection and waits for the callbacks to end. Not to be called from one.
  void stop();

 private:
  struct Peer {
    std::shared_ptr<Channel> channel;
    std::atomic<bool> ended = false;
    std::thread thread;
  };

  void accept_loop();
  void accept_one();
  void reap(bool all);

  const ListenerEvents events_;
  ListenerOptions options_;
  Descriptor socket_;
  Descriptor waker_;
  std::uint16_t port_ = 0;
  std::list<std::unique_ptr<Peer>> peers_;  // of the accepting thread
  std::thread thread_;
};

}  // namespace tf::net
