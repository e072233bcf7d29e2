// The card: power, logical channels, selection, command chaining, answers in pieces. Applications are behind the port of application.hpp.
// Every octet string that comes gets an answer; nothing a peer sends ends the card.
//
// Logical channels 0 to 3 (ISO/IEC 7816-4 §5.4.1), so that the USIM works on one while another signs. A chain and the rest of an answer
// belong to their channel. After a durable write that failed the card is mute (6F00) until it is powered on again and reads its memory anew.
// A Card is the card at one of its interfaces: a reader's, a modem's. Several threads may call, at the same interface or at several; they take
// their turns.
#pragma once
#include <array>
#include <memory>
#include <vector>

#include "apdu/channel.hpp"
#include "card/answer.hpp"
#include "card/application.hpp"
#include "card/memory/memory.hpp"

namespace tf::card {

inline constexpr unsigned kChannels = 4;
inline constexpr std::size_t kMaxChain = 16384;  // octets of a joined command; longer is 6700

class Card {
 public:
  // In the order in which SELECT asks them. Every channel begins with none selected.
  Card(Memory& memory, std::vector<std::unique_ptr<Application>> applications);
  ~Card();
  // The same card at one more interface, without power yet: power, channels and security status are its own; memory and applications are shared.
  [[nodiscard]] Card further_interface() const { return Card(inside_); }

  [[nodiscard]] static ByteView atr();
  // All volatile state is gone: selections, security status, channels, chains.
  void power_off();
  void power_on();  // and memory is read anew; answers 6F00 to everything when that fails
  void reset();     // off and on
  [[nodiscard]] bool powered() const;

  // Never throws, always at least a status word. Without power: 6F00.
  Bytes transmit(ByteView command);

 private:
  struct Lane;    // a logical channel
  struct Inside;  // what all interfaces share
  explicit Card(std::shared_ptr<Inside> inside);
  apdu::ResponseApdu answer(const apdu::CommandApdu& command);
  apdu::ResponseApdu chained(Lane& lane, unsigned channel, const apdu::CommandApdu& command);
  apdu::ResponseApdu whole(unsigned channel, const apdu::CommandApdu& command);
  apdu::ResponseApdu select(Lane& lane, const apdu::CommandApdu& command);
  apdu::ResponseApdu manage_channel(unsigned from, const apdu::CommandApdu& command);
  void forget();

  std::shared_ptr<Inside> inside_;
  std::array<std::unique_ptr<Lane>, kChannels> lanes_;
  unsigned closing_ = 0;  // a channel that ends once its command is answered
  bool powered_ = false;
};

// Straight into a card of this process.
class InProcessChannel final : public apdu::Channel {
 public:
  explicit InProcessChannel(Card& card) : card_(card) {}
  Result<Bytes> transmit(ByteView command) override;  // Code::unavailable "card.no_power"

 private:
  Card& card_;
};

}  // namespace tf::card
