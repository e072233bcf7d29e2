#include "apdu/sms_download.hpp"

#include <algorithm>

#include "apdu/secured_packet.hpp"
#include "apdu/tlv.hpp"

namespace tf::apdu::ota {
namespace {

constexpr std::uint32_t kDownload = 0xD1;
constexpr std::uint8_t kHeaderBit = 0x40, kDataDownload = 0x7F, kEightBits = 0xF6;
constexpr std::uint8_t kParts = 0x00, kCommandPacket = 0x70;
constexpr std::size_t kTimeStamp = 7;

Error bad_message(const char* what) { return Error{Code::malformed, "ota.message", what}; }

// The information elements; whatever is not known is passed over (TS 23.040 §9.2.3.24).
Result<MessagePart> read_user_data(ByteView octets) {
  if (octets.empty() || octets[0] >= octets.size()) return bad_message("no user data header");
  MessagePart out;
  bool command = false;
  ByteView header = octets.subspan(1, octets[0]);
  while (!header.empty()) {
    if (header.size() < 2 || header[1] > header.size() - 2) return bad_message("an information element is cut");
    const ByteView value = header.subspan(2, header[1]);
    if (header[0] == kCommandPacket) command = true;
    if (header[0] == kParts) {
      if (value.size() != 3 || value[1] < 1 || value[1] > kMaxParts || value[2] < 1 || value[2] > value[1]) return bad_message("parts");
      out.reference = value[0];
      out.total = value[1];
      out.number = value[2];
    }
    header = header.subspan(2 + value.size());
  }
  if (command != (out.number == 1)) return bad_message("not a command packet");
  out.content = to_bytes(octets.subspan(1 + octets[0]));
  return out;
}

Result<MessagePart> read_message(ByteView octets) {
  if (octets.size() < 2 || (octets[0] & 0x03) != 0 || (octets[0] & kHeaderBit) == 0) return bad_message("not an SMS-DELIVER with a header");
  const std::size_t sender = 2 + (octets[1] + 1u) / 2;  // digits and type
  const std::size_t before = 1 + sender + 2 + kTimeStamp + 1;
  if (octets.size() < before) return bad_message("cut");
  const ByteView rest = octets.subspan(1 + sender);
  if (rest[0] != kDataDownload) return bad_message("not for the card");
  const ByteView user = octets.subspan(before);
  if (octets[before - 1] != user.size() || user.size() > kMaxUserData) return bad_message("lengths");
  return read_user_data(user);
}

Bytes message(std::string_view sender, ByteView user) {
  Bytes out{kHeaderBit, static_cast<std::uint8_t>(sender.size()), 0x91};  // international number
  const auto digit = [&](std::size_t at) { return at < sender.size() ? static_cast<unsigned>(sender[at] - '0') : 0xFu; };
  for (std::size_t at = 0; at < sender.size(); at += 2) out.push_back(static_cast<std::uint8_t>(digit(at) | digit(at + 1) << 4));
  out.push_back(kDataDownload);
  out.push_back(kEightBits);
  out.resize(out.size() + kTimeStamp);  // the network writes it
  out.push_back(static_cast<std::uint8_t>(user.size()));
  append(out, user);
  return out;
}

}  // namespace

Result<MessagePart> read_download(ByteView data) {
  const auto inner = only(data, kDownload);
  if (!inner) return bad_message("not an SMS-PP download");
  for (TlvReader reader(*inner); !reader.at_end();) {
    const auto object = reader.next();
    if (!object) return bad_message("objects");
    if ((object->tag & 0x7F) == 0x0B) return read_message(object->value);  // with the bit for comprehension required, or without
  }
  return bad_message("no short message");
}

Result<std::vector<CommandApdu>> downloads(ByteView packet, std::uint8_t reference, std::string_view sender) {
  constexpr std::size_t kAlone = kMaxUserData - 3, kFirst = kMaxUserData - 8, kLater = kMaxUserData - 6;
  const std::size_t total = packet.size() <= kAlone ? 1 : 1 + (packet.size() - kFirst + kLater - 1) / kLater;
  if (packet.empty() || total > kMaxParts || sender.empty() || sender.size() > 20 || !std::ranges::all_of(sender, [](char c) { return c >= '0' && c <= '9'; }))
    return Error{Code::invalid, "ota.message", "packet or sender"};
  constexpr std::uint8_t kDevices[] = {0x83, 0x81};  // network to card
  std::vector<CommandApdu> out;
  for (std::size_t number = 1; number <= total; ++number) {
    Bytes user;
    if (total == 1) user = {0x02, kCommandPacket, 0x00};
    else user = {static_cast<std::uint8_t>(number == 1 ? 0x07 : 0x05), kParts, 0x03, reference, static_cast<std::uint8_t>(total), static_cast<std::uint8_t>(number)};
    if (total > 1 && number == 1) append(user, ByteArray<2>{kCommandPacket, 0x00});
    const ByteView part = packet.first(std::min(packet.size(), kMaxUserData - user.size()));
    append(user, part);
    packet = packet.subspan(part.size());
    out.push_back({.cla = 0x80, .ins = kEnvelope, .data = tlv(kDownload, TlvWriter().put(0x82, kDevices).put(0x8B, message(sender, user)).bytes()), .le = kMaxShortLe});
  }
  return out;
}

}  // namespace tf::apdu::ota
