// What a program writes to a modem and reads from it, octet by octet (ITU-T V.250 §5): commands end with CR, or LF; BS takes a character back; other
// control characters are nothing. A line that does not begin with AT is passed over without a word, so that a terminal that echoes our answers
// starts no conversation of its own.
#pragma once
#include "card/usim/at.hpp"

namespace tf::card::usim {

class AtLine {
 public:
  explicit AtLine(apdu::Channel& card);
  AtLine(const AtLine&) = delete;
  AtLine& operator=(const AtLine&) = delete;
  ~AtLine();
  // In pieces as they come; all that the modem says to them, in order.
  std::string take(std::string_view octets);

 private:
  std::string end_of_line();
  AtFront front_;
  std::string line_;
};

}  // namespace tf::card::usim
