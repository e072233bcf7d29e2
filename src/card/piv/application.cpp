#include "card/piv/application.hpp"

#include "apdu/tlv.hpp"
#include "card/piv/session.hpp"

namespace tf::card::piv {

using apdu::ResponseApdu;
using apdu::TlvWriter;

namespace {

constexpr std::size_t kRid = 5;  // octets of the registered provider's identifier
constexpr std::string_view kLabel = "Trustferry";
// The firmware whose extensions these are, so that Yubico's tool uses them.
constexpr std::uint8_t kVersion[] = {5, 4, 3};

bool plain(const apdu::CommandApdu& command, std::uint8_t p1, std::uint8_t p2) { return command.p1 == p1 && command.p2 == p2; }

}  // namespace

ByteView PivApplication::aid() const { return kAid; }
std::unique_ptr<Session> PivApplication::open() { return std::make_unique<PivSession>(services_); }

// Application property template (part 2, table 3).
ResponseApdu PivSession::selected() {
  const ByteView aid = kAid;
  pin_fresh_ = false;
  return TlvWriter().put(0x61, TlvWriter().put(0x4F, aid.subspan(kRid)).put(0x79, TlvWriter().put(0x4F, aid.first(kRid))).put(0x50, as_bytes(kLabel))).take();
}

ResponseApdu PivSession::handle(const Command& command) {
  if (command.base_class() != 0) return StatusWord::wrong_cla;
  if (command.secured()) return StatusWord::secure_messaging_not_supported;
  constexpr std::uint8_t kVerify = 0x20;
  ResponseApdu out = dispatch(command);
  // SP 800-73-4 part 1, table 4b: for 9C the PIN is given right before.
  pin_fresh_ = command.ins == kVerify && !command.data.empty() && out.ok();
  return out;
}

ResponseApdu PivSession::dispatch(const Command& command) {
  switch (command.ins) {
    case 0xCB: return respond(get_data(command));
    case 0xDB: return respond(put_data(command));
    case 0x20: return respond(verify(command));
    case 0x24: return respond(change_reference_data(command));
    case 0x2C: return respond(reset_retry_counter(command));
    case 0x47: return respond(generate(command));
    case 0x87: return respond(general_authenticate(command));
    case 0xF7: return respond(metadata(command));
    case 0xF8: return respond(serial_number(command));
    case 0xFA: return respond(set_retries(command));
    case 0xFD: return plain(command, 0, 0) ? ResponseApdu(to_bytes(kVersion)) : ResponseApdu(StatusWord::wrong_p1_p2);
    case 0xFE: return respond(import_key(command));
    case 0xFF: return respond(set_administrator(command));
    default: return StatusWord::wrong_ins;
  }
}

}  // namespace tf::card::piv
