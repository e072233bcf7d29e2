// A line to an Osmocom server under IPA framing: two octets of length, one of protocol, what is carried. Answers PING and, where the
// server asks, says who we are (CCM). Private to hss/osmo.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>

#include "net/link/link.hpp"

namespace tf::hss::osmo {

inline constexpr std::uint8_t kCcm = 0xfe;   // the line's own messages
inline constexpr std::uint8_t kOsmo = 0xee;  // Osmocom's: the next octet says which
inline constexpr std::uint8_t kExtensionControl = 0x00;
inline constexpr std::uint8_t kExtensionGsup = 0x05;

net::Framing ipa_framing();
// What a server that asks for our identity is told: every tag an Osmocom client sends, ours under the unit's name and serial number.
Bytes ccm_identity(const std::string& name);

struct IpaOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::uint8_t extension = 0;
  std::string name;        // empty: the server does not ask who we are
  std::chrono::milliseconds patience{5000};
};

class IpaLine {
 public:
  // frame: what came under our extension. down: whatever was sent and is not answered is lost. Both on the line's own thread.
  struct Events {
    std::function<void(ByteView)> frame;
    std::function<void(const Error&)> down;
  };
  IpaLine(IpaOptions options, Events events);
  Status start() { return link_.start(); }
  void stop() { link_.stop(); }
  // Waits for the line, at most for the patience. Code::unavailable "hss.hlr_down".
  Status wait_ready();
  // Code::unavailable "hss.hlr_down".
  Status send(ByteView body);
  void renew() { link_.renew(); }
  [[nodiscard]] std::chrono::milliseconds patience() const { return options_.patience; }

 private:
  Status send_under(std::uint8_t protocol, ByteView body);
  void received(ByteView frame);
  void on_ccm(ByteView body);
  void set_ready(bool ready);

  const IpaOptions options_;
  const Events events_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ready_ = false;
  Error why_{Code::unavailable, "hss.hlr_down", "no connection yet"};
  net::Link link_;
};

}  // namespace tf::hss::osmo
