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

// SMS-DELIVER (TS 23.040 §9.2.2.1).
struct Delivered {
  bool with_header = false;
  std::uint8_t protocol = 0, coding = 0, length = 0;
  ByteView user = {};
};

Result<Delivered> read_deliver(ByteView octets) {
  if (octets.size() < 2 || (octets[0] & 0x03) != 0) return bad_message("not an SMS-DELIVER");
  const std::size_t sender = 2 + (octets[1] + 1u) / 2;  // digits and type
  const std::size_t before = 1 + sender + 2 + kTimeStamp + 1;
  if (octets.size() < before) return bad_message("cut");
  const ByteView rest = octets.subspan(1 + sender);
  return Delivered{(octets[0] & kHeaderBit) != 0, rest[0], rest[1], octets[before - 1], octets.subspan(before)};
}

Result<MessagePart> read_message(ByteView octets) {
  const Delivered message = TF_TRY(read_deliver(octets));
  if (!message.with_header) return bad_message("no user data header");
  if (message.protocol != kDataDownload) return bad_message("not for the card");
  if (message.length != message.user.size() || message.user.size() > kMaxUserData) return bad_message("lengths");
  return read_user_data(message.user);
}

// Class 2, "(U)SIM specific", in either group of TS 23.038 §4 that has classes.
bool of_class_2(std::uint8_t coding) { return (coding & 0xF3) == 0xF2 || (coding & 0xD3) == 0x12; }

Error not_to_be_sent(const char* what) { return Error{Code::invalid, "ota.message", what}; }

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

Result<std::vector<Bytes>> user_data_of(ByteView packet, std::uint8_t reference) {
  constexpr std::size_t kAlone = kMaxUserData - 3, kFirst = kMaxUserData - 8, kLater = kMaxUserData - 6;
  const std::size_t total = packet.size() <= kAlone ? 1 : 1 + (packet.size() - kFirst + kLater - 1) / kLater;
  if (packet.empty() || total > kMaxParts) return not_to_be_sent("nothing, or more than short messages can carry");
  std::vector<Bytes> out;
  for (std::size_t number = 1; number <= total; ++number) {
    Bytes user;
    if (total == 1) user = {0x02, kCommandPacket, 0x00};
    else user = {static_cast<std::uint8_t>(number == 1 ? 0x07 : 0x05), kParts, 0x03, reference, static_cast<std::uint8_t>(total), static_cast<std::uint8_t>(number)};
    if (total > 1 && number == 1) append(user, ByteArray<2>{kCommandPacket, 0x00});
    const ByteView part = packet.first(std::min(packet.size(), kMaxUserData - user.size()));
    append(user, part);
    packet = packet.subspan(part.size());
    out.push_back(std::move(user));
  }
  return out;
}

Result<Bytes> deliver(std::string_view sender, ByteView user_data) {
  if (sender.empty() || sender.size() > 20 || !std::ranges::all_of(sender, [](char c) { return c >= '0' && c <= '9'; })) return not_to_be_sent("a sender is 1 to 20 digits");
  if (user_data.size() > kMaxUserData) return not_to_be_sent("more than a short message carries");
  Bytes out{kHeaderBit, static_cast<std::uint8_t>(sender.size()), 0x91};  // international number
  const auto digit = [&](std::size_t at) { return at < sender.size() ? static_cast<unsigned>(sender[at] - '0') : 0xFu; };
  for (std::size_t at = 0; at < sender.size(); at += 2) out.push_back(static_cast<std::uint8_t>(digit(at) | digit(at + 1) << 4));
  out.push_back(kDataDownload);
  out.push_back(kEightBits);
  out.resize(out.size() + kTimeStamp);  // the network writes it
  out.push_back(static_cast<std::uint8_t>(user_data.size()));
  append(out, user_data);
  return out;
}

CommandApdu hand_over(ByteView deliver, ByteView service_centre) {
  constexpr std::uint8_t kDevices[] = {0x83, 0x81};  // network to card
  TlvWriter inner;
  inner.put(0x82, kDevices);
  if (!service_centre.empty()) inner.put(0x06, service_centre);
  return {.cla = 0x80, .ins = kEnvelope, .data = tlv(kDownload, inner.put(0x8B, deliver).bytes()), .le = kMaxShortLe};
}

Result<std::vector<CommandApdu>> downloads(ByteView packet, std::uint8_t reference, std::string_view sender) {
  std::vector<CommandApdu> out;
  for (const Bytes& user : TF_TRY(user_data_of(packet, reference))) out.push_back(hand_over(TF_TRY(deliver(sender, user))));
  return out;
}

Result<std::optional<CommandApdu>> hand_over_received(ByteView pdu) {
  constexpr std::size_t kMaxCentre = 11;
  if (pdu.empty() || pdu[0] > kMaxCentre || pdu[0] >= pdu.size()) return bad_message("no service centre's address");
  const ByteView centre = pdu.subspan(1, pdu[0]), message = pdu.subspan(1 + pdu[0]);
  const Delivered delivered = TF_TRY(read_deliver(message));
  if (delivered.protocol != kDataDownload || !of_class_2(delivered.coding)) return std::optional<CommandApdu>();
  if (delivered.user.size() > kMaxUserData) return bad_message("lengths");
  return std::optional(hand_over(message, centre));
}

Result<Bytes> deliver_report(ByteView response) {
  if (response.empty() || response.size() > kMaxReport) return not_to_be_sent("an answer for a delivery report has 1 to 128 octets");
  constexpr std::uint8_t kWhatFollows = 0x07;  // TP-PI: PID, DCS, user data
  Bytes out{kHeaderBit, kWhatFollows, kDataDownload, kEightBits, static_cast<std::uint8_t>(response.size())};
  append(out, response);
  return out;
}

}  // namespace tf::apdu::ota
