// ENVELOPE as a session of the shield or the USIM gets it: a command packet behind 02 70 00, or in short messages (apdu/sms_download.hpp), whose parts are kept here
// until all are there. They may come in any order; a part of another message begins anew; power-off loses them.
#pragma once
#include <map>

#include "card/ota/receiver.hpp"

namespace tf::card::ota {

class Inbox {
 public:
  explicit Inbox(Services& services) : services_(services) {}
  // The response packet; nothing for a part that is not the last one. 6A80, 6A86.
  Answer<Bytes> envelope(const apdu::CommandApdu& command);

 private:
  Services& services_;
  std::uint8_t reference_ = 0, total_ = 0;
  std::map<std::uint8_t, Bytes> parts_{};
};

}  // namespace tf::card::ota
