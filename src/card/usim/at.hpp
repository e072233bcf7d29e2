// The terminal's AT channel to the card (3GPP TS 27.007 §8.17, §8.45 to §8.47): ordinary traffic, while security commands go over PC/SC.
//
//   AT+CSIM=<characters>,"<hex>"             a command as it is, on the channel its class names
//   AT+CCHO="<AID hex>" · AT+CGLA=<id>,<characters>,"<hex>" · AT+CCHC=<id>   a logical channel: open, use, close
//   AT+CIMI · AT+CPIN? · AT
//
// Answers are lines with CR LF around them, then OK, ERROR, or +CME ERROR: 13 (the card fails), 16 (wrong), 20 (no channel), 22 (not found),
// 50 (wrong parameters).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "apdu/channel.hpp"

namespace tf::card::usim {

class AtFront {
 public:
  explicit AtFront(apdu::Channel& card) : card_(card) {}
  // One line without its end; what the modem says to it.
  std::string line(std::string_view text);

 private:
  std::string run(std::string_view command);
  std::string csim(std::string_view rest);
  std::string open(std::string_view rest);
  std::string use(std::string_view rest);
  std::string close(std::string_view rest);
  std::string imsi();
  apdu::Channel& card_;
  std::optional<std::uint8_t> own_{};  // where the modem itself has the USIM selected
};

}  // namespace tf::card::usim
