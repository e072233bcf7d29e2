// The terminal's AT channel to the card (3GPP TS 27.007 §8.17, §8.45 to §8.47): ordinary traffic, while security commands go over PC/SC.
//
//   AT+CSIM=<characters>,"<hex>"             a command as it is, on the channel its class names
//   AT+CCHO="<AID hex>" · AT+CGLA=<id>,<characters>,"<hex>" · AT+CCHC=<id>   a logical channel: open, use, close
//   AT+CIMI · AT+CPIN? · AT+CMEE · AT · ATZ, AT&F, ATE, ATV1 (V.250)
//
// Answers are lines with CR LF around them, then OK, or how it failed, as AT+CMEE asks (§9.1): 0, the default, ERROR; 1 +CME ERROR: and the number;
// 2 the words. 10 (no USIM), 13 (the card fails), 20 (no channel left), 21 (no such channel), 22 (no such application), 24 (the line is too long),
// 50 (wrong parameters). What is not known is ERROR in any case.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "apdu/channel.hpp"

namespace tf::card::usim {

inline constexpr std::size_t kMaxAtLine = 2 * 65544 + 32;  // the longest command, in hex, and what is around it

// A line for the modem: V.250 §5.2.1.
bool begins_with_at(std::string_view text);

class AtFront {
 public:
  struct Failure {  // §9.2.1, with the words that +CMEE=2 asks for
    int number;
    const char* words;
  };
  explicit AtFront(apdu::Channel& card) : card_(card) {}
  // One line without its end; what the modem says to it.
  std::string line(std::string_view text);
  // Whether the program wants to see what it writes (ATE1; not from the start).
  [[nodiscard]] bool echoes() const { return echoes_; }

 private:
  enum class Reports { plain, numbers, words };
  std::string run(std::string_view command);
  bool setting(std::string_view name);
  std::string report(std::string_view rest);
  std::string csim(std::string_view rest);
  std::string open(std::string_view rest);
  std::string use(std::string_view rest);
  std::string close(std::string_view rest);
  std::string imsi();
  std::string pin_state();
  Result<std::uint8_t> own();
  [[nodiscard]] std::string error(const Failure& failure) const;
  apdu::Channel& card_;
  std::optional<std::uint8_t> own_{};  // where the modem itself has the USIM selected
  Reports reports_ = Reports::plain;
  bool echoes_ = false;
};

}  // namespace tf::card::usim
