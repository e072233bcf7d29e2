// The way to a card: whole commands there, whole answers back. Implemented over PC/SC, by the terminal's relay, and straight into a card in
// the same process. exchange() does what ISO/IEC 7816-4 leaves to the sender: chaining (§5.3.3), GET RESPONSE after 61xx, Le after 6Cxx.
#pragma once
#include "apdu/command.hpp"
#include "apdu/response.hpp"

namespace tf::apdu {

class Channel {
 public:
  virtual ~Channel() = default;
  // The answer as it came, at least a status word. Code::unavailable when the card is gone; reasons of the way it takes.
  virtual Result<Bytes> transmit(ByteView command) = 0;
};

enum class Sizes { short_apdus, extended_apdus };
inline constexpr std::size_t kMaxAnswer = 65536;  // octets that exchange() gathers

// Sends the command, in pieces where it is longer than the sizes allow, and gathers the whole answer. Every status word but 61xx and 6Cxx
// is the caller's. Code::malformed "apdu.response", "apdu.answer_too_long".
Result<ResponseApdu> exchange(Channel& channel, const CommandApdu& command, Sizes sizes = Sizes::short_apdus);
// The same, with anything but 9000 an error: Code::refused "apdu.status" with the status word in its detail.
Result<Bytes> exchange_ok(Channel& channel, const CommandApdu& command, Sizes sizes = Sizes::short_apdus);

// A logical channel of its own with that application selected (§11.1.2, MANAGE CHANNEL and SELECT by the name, or its beginning): 1 to 3, which is the class's low half.
// Code::not_found "apdu.no_application", and the channel is closed again; Code::refused "apdu.status" when none is left.
Result<std::uint8_t> open_channel(Channel& channel, ByteView application);
void close_channel(Channel& channel, std::uint8_t number);

}  // namespace tf::apdu
