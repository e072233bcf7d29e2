// One TCP connection that carries frames, seen from either end. Whoever has it may send from any thread; one thread runs it.
// Errors: Code::unavailable "link.closed" (the other end, the network, or close()), "link.write_timeout"; Code::overloaded
// "link.queue_full"; Code::invalid "link.frame_size"; Code::malformed "link.frame" for what came in.
#pragma once
#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "net/link/framing.hpp"
#include "net/local/stream.hpp"

namespace tf::net {

struct ChannelLimits {
  std::chrono::milliseconds write_timeout{5000};   // for one frame, from when it is first in the queue
  std::size_t max_queued = 1024 * 1024;            // bytes that wait for the network
};

class Channel {
 public:
  // socket: connected. address: of the other end, for logs.
  Channel(Descriptor socket, std::string address, const Framing& framing, const ChannelLimits& limits);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Hands the frame to the network, or to the queue when the network does not take it now. Never waits.
  Status send(ByteView payload);
  // These bytes as they are, without a length: for a peer that breaks off in the middle on purpose.
  Status send_raw(ByteView bytes);
  // run() ends soon; what is queued is not sent. Any thread.
  void close();
  [[nodiscard]] const std::string& address() const { return address_; }

  // Reads and writes until the connection ends, and says why it did. Frames are told on the calling thread. Once only.
  Error run(const std::function<void(ByteView)>& on_frame);

 private:
  using Moment = std::chrono::steady_clock::time_point;

  Status enqueue(SecretBytes bytes);
  Status write_queue();  // as much as the network takes; mutex_ is held
  [[nodiscard]] int wait_ms() const;
  Result<bool> read_once(FrameReader& reader, const std::function<void(ByteView)>& on_frame);
  Status write_once();
  void wake() const;

  Descriptor socket_;
  Descriptor waker_;
  const std::string address_;
  const Framing framing_;
  const ChannelLimits limits_;
  mutable std::mutex mutex_;
  std::deque<SecretBytes> queue_;
  std::size_t first_sent_ = 0;  // bytes of the first that are on their way
  std::size_t queued_ = 0;
  Moment first_since_{};        // when the first became the first
  bool closed_ = false;
};

}  // namespace tf::net
