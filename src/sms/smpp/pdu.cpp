#include "sms/smpp/pdu.hpp"

#include <fmt/format.h>

#include "sms/smpp/octets.hpp"

namespace tf::sms::smpp {
namespace {

constexpr std::size_t kMaxText = 254;

Error malformed(std::string_view what) { return {Code::malformed, "sms.pdu", std::string(what)}; }

std::vector<Tlv> read_tlvs(Reader& in) {
  std::vector<Tlv> out;
  while (in.left() > 0) {
    const auto tag = in.number<std::uint16_t>();
    const auto size = in.number<std::uint16_t>();
    // A tag that stands twice: whose word would count?
    if (out.size() == kMaxTlvs || find(out, tag) != nullptr) in.fail();
    out.push_back({tag, to_bytes(in.octets(size))});
  }
  return out;
}

void write_tlvs(Writer& out, const std::vector<Tlv>& tlvs) {
  if (tlvs.size() > kMaxTlvs) out.fail();
  for (const Tlv& each : tlvs) {
    if (each.value.size() > 0xffff || find(tlvs, each.tag) != &each) out.fail();
    out.number(each.tag).number(static_cast<std::uint16_t>(each.value.size())).octets(each.value);
  }
}

Address read_address(Reader& in, std::size_t max) {
  Address out;
  out.ton = in.number<std::uint8_t>();
  out.npi = in.number<std::uint8_t>();
  out.digits = in.text(max);
  return out;
}

void write_address(Writer& out, const Address& address, std::size_t max) {
  out.number(address.ton).number(address.npi).text(address.digits, max);
}

std::string read_time(Reader& in) {
  std::string out = in.text(16);
  if (!out.empty() && out.size() != 16) in.fail();
  return out;
}

void write_time(Writer& out, const std::string& time) {
  if (!time.empty() && time.size() != 16) out.fail();
  out.text(time, 16);
}

ShortMessage read_message(Reader& in) {
  ShortMessage out;
  out.service_type = in.text(5);
  out.source = read_address(in, 20);
  out.destination = read_address(in, 20);
  out.esm_class = in.number<std::uint8_t>();
  out.protocol_id = in.number<std::uint8_t>();
  out.priority = in.number<std::uint8_t>();
  out.schedule = read_time(in);
  out.validity = read_time(in);
  out.registered_delivery = in.number<std::uint8_t>();
  out.replace_if_present = in.number<std::uint8_t>();
  out.data_coding = in.number<std::uint8_t>();
  out.default_message = in.number<std::uint8_t>();
  const std::size_t size = in.number<std::uint8_t>();
  if (size > kMaxText) in.fail();
  out.text = to_bytes(in.octets(size));
  out.tlvs = read_tlvs(in);
  // §5.2.21: the text is in one place or in the other.
  if (!out.text.empty() && find(out.tlvs, tag::message_payload) != nullptr) in.fail();
  return out;
}

void write(Writer& out, const ShortMessage& message) {
  out.text(message.service_type, 5);
  write_address(out, message.source, 20);
  write_address(out, message.destination, 20);
  out.number(message.esm_class).number(message.protocol_id).number(message.priority);
  write_time(out, message.schedule);
  write_time(out, message.validity);
  out.number(message.registered_delivery).number(message.replace_if_present).number(message.data_coding).number(message.default_message);
  if (message.text.size() > kMaxText || (!message.text.empty() && find(message.tlvs, tag::message_payload) != nullptr)) out.fail();
  out.number(static_cast<std::uint8_t>(message.text.size())).octets(message.text);
  write_tlvs(out, message.tlvs);
}

BindTransceiver read_bind(Reader& in) {
  BindTransceiver out;
  out.system_id = in.text(15);
  out.password = SecretBytes(in.c_string(8));
  out.system_type = in.text(12);
  out.interface_version = in.number<std::uint8_t>();
  out.range = read_address(in, 40);
  return out;
}

void write(Writer& out, const BindTransceiver& bind) {
  out.text(bind.system_id, 15).c_string(bind.password.reveal(), 8).text(bind.system_type, 12).number(bind.interface_version);
  write_address(out, bind.range, 40);
}

void write(Writer& out, const BindTransceiverResp& answer) {
  out.text(answer.system_id, 15);
  write_tlvs(out, answer.tlvs);
}

void write(Writer& out, const MessageId& answer) {
  out.text(answer.id, 64);
  write_tlvs(out, answer.tlvs);
}

void write(Writer&, const Empty&) {}
void write(Writer& out, const Unread&) { out.fail(); }

Body read_body(const Header& header, Reader& in) {
  // §4.1.6, §4.4.2: an answer that says no may have nothing else to say.
  if (is_response(header.command) && header.status != status::ok && in.left() == 0) return Empty{};
  switch (static_cast<Command>(header.command)) {
    case Command::submit_sm:
    case Command::deliver_sm:
      return read_message(in);
    case Command::submit_sm_resp:
    case Command::deliver_sm_resp: {
      MessageId out{in.text(64), {}};
      out.tlvs = read_tlvs(in);
      return out;
    }
    case Command::bind_transceiver:
      return read_bind(in);
    case Command::bind_transceiver_resp: {
      BindTransceiverResp out{in.text(15), {}};
      out.tlvs = read_tlvs(in);
      return out;
    }
    case Command::unbind:
    case Command::enquire_link:
    case Command::generic_nack:
    case Command::unbind_resp:
    case Command::enquire_link_resp:
      return Empty{};
    case Command::alert_notification:
      break;
  }
  in.octets(in.left());
  return Unread{};
}

bool fits(const Header& header, const Body& body) {
  if (std::holds_alternative<Empty>(body) && is_response(header.command) && header.status != status::ok) return true;
  switch (static_cast<Command>(header.command)) {
    case Command::submit_sm:
    case Command::deliver_sm:
      return std::holds_alternative<ShortMessage>(body);
    case Command::submit_sm_resp:
    case Command::deliver_sm_resp:
      return std::holds_alternative<MessageId>(body);
    case Command::bind_transceiver:
      return std::holds_alternative<BindTransceiver>(body);
    case Command::bind_transceiver_resp:
      return std::holds_alternative<BindTransceiverResp>(body);
    case Command::alert_notification:
      return false;
    default:
      return std::holds_alternative<Empty>(body);
  }
}

}  // namespace

const Tlv* find(const std::vector<Tlv>& tlvs, std::uint16_t tag) {
  const auto found = std::ranges::find(tlvs, tag, &Tlv::tag);
  return found == tlvs.end() ? nullptr : &*found;
}

Result<Header> decode_header(ByteView payload) {
  Reader in(payload.first(std::min<std::size_t>(payload.size(), 12)));
  Header out;
  out.command = in.number<std::uint32_t>();
  out.status = in.number<std::uint32_t>();
  out.sequence = in.number<std::uint32_t>();
  if (!in.ok()) return malformed("shorter than a header");
  const bool nack = static_cast<Command>(out.command) == Command::generic_nack;
  if (out.sequence > 0x7fffffffU || (out.sequence == 0 && !nack)) return malformed("a sequence number that does not exist");
  if (!is_response(out.command) && out.status != 0) return malformed("a request with a status");
  return out;
}

Result<Pdu> decode(ByteView payload) {
  Pdu out{TF_TRY(decode_header(payload)), Empty{}};
  Reader in(payload.subspan(12));
  out.body = read_body(out.header, in);
  if (!in.ok()) return malformed(fmt::format("the body of command {:08x} is not as it must be", out.header.command));
  return out;
}

Result<SecretBytes> encode(const Pdu& pdu) {
  Writer out;
  out.number(pdu.header.command).number(pdu.header.status).number(pdu.header.sequence);
  std::visit([&](const auto& body) { write(out, body); }, pdu.body);
  SecretBytes bytes = out.take();
  if (!fits(pdu.header, pdu.body) || !out.ok())
    return Error{Code::invalid, "sms.pdu", fmt::format("command {:08x} cannot be written so", pdu.header.command)};
  return bytes;
}

}  // namespace tf::sms::smpp
