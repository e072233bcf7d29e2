// Secured packets in short messages, as a network's terminal hands them to the card: SMS-PP download (3GPP TS 31.111 §7.1.1.2). ENVELOPE data
// D1 { 82 device identities, 06 service centre or none, 8B SMS-DELIVER }; the message (TS 23.040 §9.2.2.1) is of 8-bit data behind a user data header: 70, a command packet
// (TS 31.115), in the first one, and 00, a part of several, in each when there are more.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "apdu/command.hpp"

namespace tf::apdu::ota {

inline constexpr std::size_t kMaxUserData = 140;
inline constexpr std::size_t kMaxParts = 64;

struct MessagePart {
  std::uint8_t reference = 0;
  std::uint8_t total = 1;
  std::uint8_t number = 1;  // 1 to total
  Bytes content = {};       // behind the header
};
// Code::malformed "ota.message" for anything else than such a part; a first part without the identifier of a command packet is none.
Result<MessagePart> read_download(ByteView data);
// The other end: as many ENVELOPE commands as the packet needs. sender: up to 20 digits. Code::invalid "ota.message".
Result<std::vector<CommandApdu>> downloads(ByteView packet, std::uint8_t reference, std::string_view sender);

}  // namespace tf::apdu::ota
