// The port of an application on the card: PIV, the shield, the USIM. The card knows which application is selected on which logical channel;
// each such selection is a session with security status of its own, which ends when another application is selected there, when the
// channel is closed, and when the card is reset or loses power.
#pragma once
#include <memory>
#include <string_view>

#include "apdu/command.hpp"
#include "apdu/response.hpp"

namespace tf::card {

class Session {
 public:
  virtual ~Session() = default;
  // The application is selected once more on this channel; what was proved stays proved. The answer to SELECT.
  virtual apdu::ResponseApdu selected() = 0;
  // One whole command: chains are joined, Le and GET RESPONSE are the card's. Give all the data there is; the card hands it out in pieces.
  // Not called for SELECT by name, MANAGE CHANNEL and GET RESPONSE. The command's data are wiped after the call.
  virtual apdu::ResponseApdu handle(const apdu::CommandApdu& command) = 0;
};

class Application {
 public:
  virtual ~Application() = default;
  [[nodiscard]] virtual ByteView aid() const = 0;
  // SELECT by name finds the first application that answers; by default to its whole AID and to any beginning of it of 5 octets or more.
  [[nodiscard]] virtual bool answers_to(ByteView name) const;
  // A fresh session, selected; its selected() is called next.
  virtual std::unique_ptr<Session> open() = 0;
};

}  // namespace tf::card
