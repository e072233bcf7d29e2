// The functions of PC/SC that Trustferry uses (PC/SC Workgroup, part 5), as a port: over libpcsclite (pcsclite.hpp), and scripted in tests.
// Answers are PC/SC's own numbers, since what they mean depends on what was asked; reader.hpp and channel.hpp make Errors of them.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace tf::pcsc {

enum class Rc : std::uint32_t {
  ok = 0,
  internal = 0x80100001,
  cancelled = 0x80100002,
  invalid_handle = 0x80100003,
  unknown_reader = 0x80100009,
  timeout = 0x8010000A,
  sharing_violation = 0x8010000B,  // another program has the card for itself
  no_smartcard = 0x8010000C,
  protocol_mismatch = 0x8010000F,
  comm_error = 0x80100013,      // pulled out in the middle of a command, as these two say it
  not_transacted = 0x80100016,
  reader_unavailable = 0x80100017,
  no_service = 0x8010001D,       // pcscd does not run
  service_stopped = 0x8010001E,  // it ended meanwhile
  no_readers = 0x8010002E,
  unresponsive_card = 0x80100066,
  unpowered_card = 0x80100067,
  reset_card = 0x80100068,    // by another program: the card has forgotten everything
  removed_card = 0x80100069,
  security_violation = 0x8010006A,  // polkit says no
};

// Of a reader's state, what is asked for by name: PC/SC's SCARD_STATE_*.
inline constexpr std::uint32_t kStateChanged = 0x0002;
inline constexpr std::uint32_t kStateUnavailable = 0x0008;
inline constexpr std::uint32_t kStatePresent = 0x0020;
inline constexpr std::uint32_t kStateExclusive = 0x0080;
inline constexpr std::uint32_t kStateMute = 0x0200;
// The reader that is none: its state changes when readers come and go.
inline constexpr const char* kPlugAndPlay = "\\\\?PnP?\\Notification";

struct ReaderState {
  std::string name;
  std::uint32_t known = 0;  // what the caller believes; 0: nothing
  std::uint32_t now = 0;    // filled in
  Bytes atr = {};
};

using Handle = std::int64_t;

class Library {
 public:
  virtual ~Library() = default;
  virtual Rc list_readers(std::vector<std::string>& out) = 0;  // no_readers: there are none
  // Returns when a state is another than the one known, or with timeout. 0: at once.
  virtual Rc wait_for_change(std::vector<ReaderState>& states, std::chrono::milliseconds at_most) = 0;
  virtual Rc connect(const std::string& reader, Handle& out) = 0;  // shared, whatever protocol the card has
  virtual Rc begin(Handle card) = 0;                               // nobody else until end(); waits for its turn
  virtual Rc end(Handle card) = 0;
  virtual Rc transmit(Handle card, ByteView command, Bytes& answer) = 0;
  virtual Rc reset(Handle card) = 0;  // power off and on; the handle stays good
  virtual void disconnect(Handle card) = 0;  // leaves the card as it is
};

}  // namespace tf::pcsc
