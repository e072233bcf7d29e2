// Secured packets in short messages, as a network's terminal hands them to the card: SMS-PP download (3GPP TS 31.111 §7.1.1.2). ENVELOPE data
// D1 { 82 device identities, 06 service centre or none, 8B SMS-DELIVER }; the message (TS 23.040 §9.2.2.1) is of 8-bit data behind a user data header: 70, a command packet
// (TS 31.115), in the first one, and 00, a part of several, in each when there are more.
#pragma once
#include <cstdint>
#include <optional>
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

// --- the other end ---
// Code::invalid "ota.message" for a packet that is empty or needs more than kMaxParts, for a sender that is not 1 to 20 digits, and for user data above kMaxUserData.
//
// What each short message holds: header and its part of the packet. The same packet under the same reference gives the same messages.
Result<std::vector<Bytes>> user_data_of(ByteView packet, std::uint8_t reference);
// The SMS-DELIVER around it, as the network sends it to the terminal: for the card (TP-PID 7F), 8-bit data of class 2 (TP-DCS F6).
Result<Bytes> deliver(std::string_view sender, ByteView user_data);
// The ENVELOPE with it; service_centre: the address's type and digits (TS 24.011 §8.2.5.1), or none.
CommandApdu hand_over(ByteView deliver, ByteView service_centre = {});
// All three: as many commands as the packet needs.
Result<std::vector<CommandApdu>> downloads(ByteView packet, std::uint8_t reference, std::string_view sender);

// --- the terminal between ---
// A message as a modem tells it (TS 27.005 §3.1: octets of the service centre's address with their number before them, then SMS-DELIVER), as the ENVELOPE for the card.
// Nothing when it is not for the card (TS 23.040 §9.2.3.9, TS 31.111 §7.1.1.1): that is for people. Code::malformed "ota.message" when it is no SMS-DELIVER.
Result<std::optional<CommandApdu>> hand_over_received(ByteView pdu);
// The card's answer on its way back, an SMS-DELIVER-REPORT for RP-ACK (TS 23.040 §9.2.2.1a): response packet as user data. Code::invalid "ota.message" above 128 octets.
Result<Bytes> deliver_report(ByteView response);
inline constexpr std::size_t kMaxReport = 128;

}  // namespace tf::apdu::ota
