// A card of this process in pcscd's virtual reader (vsmartcard's vpcd): we connect, as a card that is put in. A frame is a length of two octets,
// big-endian, and so much payload; a payload of one octet is control: 00 power off, 01 on, 02 reset (no answer), 04 the ATR. Everything else is a
// command APDU. vpcd has no timeout and no authentication: it belongs on this machine alone. Closing the socket takes the card out.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tf::pcsc {

inline constexpr std::uint16_t kVpcdPort = 35963;  // the first slot; the second is the next port

// What is in the reader.
class Inserted {
 public:
  virtual ~Inserted() = default;
  virtual ByteView atr() = 0;
  virtual void power_on() = 0;
  virtual void power_off() = 0;
  virtual void reset() = 0;
  virtual Bytes transmit(ByteView command) = 0;  // at most 65535 octets
};

class VpcdLink {
 public:
  // Code::unavailable "pcsc.vpcd" when nobody listens there.
  static Result<VpcdLink> connect(const std::string& host, std::uint16_t port);
  VpcdLink(VpcdLink&& other) noexcept;
  VpcdLink& operator=(VpcdLink&&) = delete;
  ~VpcdLink();  // the card is taken out

  // The card has power from the start. Answers until vpcd closes the connection, which is the good end, or stop becomes readable (a descriptor; -1: never). Code::unavailable "pcsc.vpcd" when the
  // connection breaks, Code::malformed "pcsc.vpcd_frame".
  Status serve(Inserted& card, int stop = -1);

 private:
  explicit VpcdLink(int socket) : socket_(socket) {}
  class Watch;  // for stop, beside whoever waits in recv
  // The next frame's payload, until the one after it is asked for. Nothing: closed, or told to stop.
  Result<std::optional<ByteView>> receive(const Watch& watch);
  // At least so many octets are in in_. The same.
  Result<bool> fill(std::size_t octets, const Watch& watch);
  Status send(ByteView payload);
  int socket_;
  Bytes in_ = {}, out_ = {};
  std::size_t have_ = 0, taken_ = 0;  // octets in in_; of them those of the frame that was handed out
};

}  // namespace tf::pcsc
