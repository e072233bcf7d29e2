// What is inside of a secured packet, and the ENVELOPE around it: TS 102 226 §5.2.1.2, TS 31.115 §4.
#include <algorithm>

#include "apdu/secured_packet.hpp"
#include "apdu/tlv.hpp"

namespace tf::apdu::ota {
namespace {

constexpr std::uint32_t kScript = 0xAA, kOutcome = 0xAB, kCommandTag = 0x22, kAnswerTag = 0x23, kNumber = 0x80;
constexpr std::size_t kMaxCommands = 16;

}  // namespace

CommandApdu envelope(ByteView packet) {
  CommandApdu out{.cla = 0x80, .ins = kEnvelope, .data = to_bytes(kCommandIdentifier), .le = kMaxShortLe};
  append(out.data, packet);
  return out;
}

Result<ByteView> packet_of(ByteView data) {
  if (data.size() < kCommandIdentifier.size() || !std::ranges::equal(data.first(kCommandIdentifier.size()), kCommandIdentifier))
    return Error{Code::malformed, "ota.packet", "no command packet"};
  return data.subspan(kCommandIdentifier.size());
}

Result<Bytes> encode_script(const std::vector<CommandApdu>& commands) {
  if (commands.empty() || commands.size() > kMaxCommands) return Error{Code::invalid, "ota.script", "1 to 16 commands"};
  TlvWriter inner;
  for (const CommandApdu& command : commands) inner.put(kCommandTag, TF_TRY(command.encode()));
  return tlv(kScript, inner.bytes());
}

Result<std::vector<CommandApdu>> parse_script(ByteView octets) {
  const Error bad{Code::malformed, "ota.script", "no command script"};
  const auto inner = only(octets, kScript);
  if (!inner) return bad;
  std::vector<CommandApdu> out;
  for (TlvReader reader(*inner); !reader.at_end();) {
    const auto one = reader.expect(kCommandTag);
    if (!one || out.size() == kMaxCommands) return bad;
    auto command = CommandApdu::parse(*one);
    if (!command) return bad;
    out.push_back(std::move(*command));
  }
  if (out.empty()) return bad;
  return out;
}

Bytes encode_outcome(const std::vector<ResponseApdu>& answers) {
  const auto number = static_cast<std::uint8_t>(answers.size());
  TlvWriter inner;
  inner.put(kNumber, ByteView(&number, 1));
  for (const ResponseApdu& answer : answers) inner.put(kAnswerTag, answer.encode());
  return tlv(kOutcome, inner.bytes());
}

Result<std::vector<ResponseApdu>> parse_outcome(ByteView octets) {
  const Error bad{Code::malformed, "ota.outcome", "no answers to a script"};
  const auto inner = only(octets, kOutcome);
  if (!inner) return bad;
  TlvReader reader(*inner);
  const auto number = reader.expect(kNumber);
  if (!number || number->size() != 1) return bad;
  std::vector<ResponseApdu> out;
  while (!reader.at_end()) {
    const auto one = reader.expect(kAnswerTag);
    if (!one) return bad;
    auto answer = ResponseApdu::parse(*one);
    if (!answer) return bad;
    out.push_back(std::move(*answer));
  }
  if (out.size() != (*number)[0]) return bad;
  return out;
}

}  // namespace tf::apdu::ota
