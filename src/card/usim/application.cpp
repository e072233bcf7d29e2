#include "card/usim/application.hpp"

#include <algorithm>
#include <optional>

#include "apdu/secured_packet.hpp"
#include "apdu/tlv.hpp"
#include "card/onboard/credentials.hpp"
#include "card/ota/inbox.hpp"

namespace tf::card::usim {
namespace {

using apdu::ResponseApdu;
using Command = apdu::CommandApdu;

constexpr std::uint32_t kFileControl = 0x62;
constexpr std::uint32_t kImsi = 0x6F07, kAdministrativeData = 0x6FAD, kIccid = 0x2FE2;
constexpr std::uint8_t kActivated[] = {0x05};

Bytes application_control() {
  constexpr std::uint8_t kFolder[] = {0x78, 0x21};
  return apdu::tlv(kFileControl, apdu::TlvWriter().put(0x82, kFolder).put(0x84, kAid).put(0x8A, kActivated).bytes());
}

class UsimSession final : public Session {
 public:
  explicit UsimSession(Services& services) : services_(services), inbox_(services) {}
  ResponseApdu selected() override {
    file_.reset();
    if (!onboard::usim_of(services_.memory)) return StatusWord::file_not_found;
    return application_control();
  }
  ResponseApdu handle(const Command& command) override {
    if (command.secured()) return StatusWord::secure_messaging_not_supported;
    if ((command.cla & 0x60) != 0) return StatusWord::wrong_cla;
    switch (command.base_class() << 8 | command.ins) {
      case 0x00A4: return respond(select(command));
      case 0x00B0: return respond(read_binary(command));
      case 0x0088: return respond(authenticate(command));
      case 0x80F2: return respond(status(command));
      case 0x00C2:
      case 0x80C2: return respond(inbox_.envelope(command));
      default: return StatusWord::wrong_ins;
    }
  }

 private:
  Answer<Bytes> select(const Command& command);
  Answer<Bytes> read_binary(const Command& command);
  Answer<Bytes> authenticate(const Command& command);
  static Answer<Bytes> status(const Command& command);
  [[nodiscard]] Answer<Bytes> content_of(std::uint32_t identifier) const;
  Services& services_;
  ota::Inbox inbox_;
  std::optional<std::uint32_t> file_{};
};

// The files are made from the subscription.
Answer<Bytes> UsimSession::content_of(std::uint32_t identifier) const {
  const Subscription own = TF_TRY(onboard::usim_of(services_.memory)).own;
  switch (identifier) {
    case kImsi: return encode_imsi(own.imsi);
    case kIccid:
      if (own.iccid.empty()) return StatusWord::file_not_found;  // a credential was installed without one
      return encode_iccid(own.iccid);
    case kAdministrativeData: return Bytes{0x00, 0x00, 0x00, 0x02};  // normal operation; the network's code has two digits
    default: return StatusWord::file_not_found;
  }
}

// TS 102 221 §11.1.1. By identifier, or by path from the MF with or without 7FFF, the application.
Answer<Bytes> UsimSession::select(const Command& command) {
  ByteView path = command.data;
  if (command.p1 != 0x00 && command.p1 != 0x08) return StatusWord::wrong_p1_p2;
  if (command.p2 != 0x04 && command.p2 != 0x0C) return StatusWord::wrong_p1_p2;
  if (path.size() < 2 || path.size() > 4 || path.size() % 2 != 0 || (command.p1 == 0x00 && path.size() != 2)) return StatusWord::wrong_length;
  if (path.size() == 4) {
    if (path[0] != 0x7F || path[1] != 0xFF) return StatusWord::file_not_found;
    path = path.subspan(2);
  }
  const std::uint32_t identifier = static_cast<std::uint32_t>(path[0]) << 8 | path[1];
  const Bytes content = TF_TRY(content_of(identifier));
  file_ = identifier;
  if (command.p2 == 0x0C) return Bytes{};
  constexpr std::uint8_t kTransparent[] = {0x41, 0x21};
  const std::uint8_t size[] = {static_cast<std::uint8_t>(content.size() >> 8), static_cast<std::uint8_t>(content.size())};
  return apdu::tlv(kFileControl, apdu::TlvWriter().put(0x82, kTransparent).put(0x83, path).put(0x8A, kActivated).put(0x80, size).bytes());
}

Answer<Bytes> UsimSession::read_binary(const Command& command) {
  if (!command.data.empty()) return StatusWord::wrong_length;
  if ((command.p1 & 0x80) != 0) return StatusWord::wrong_p1_p2;
  if (!file_) return StatusWord::no_current_file;
  const Bytes content = TF_TRY(content_of(*file_));
  const std::size_t offset = static_cast<std::size_t>(command.p1) << 8 | command.p2;
  if (offset >= content.size()) return StatusWord::wrong_offset;
  const std::size_t rest = content.size() - offset;
  const std::size_t wanted = command.le.value_or(apdu::kMaxShortLe);
  if (wanted < apdu::kMaxShortLe && wanted > rest) return apdu::correct_le(rest);
  return to_bytes(ByteView(content).subspan(offset, std::min(rest, wanted)));
}

Answer<Bytes> UsimSession::status(const Command& command) {
  if (command.p1 > 0x02 || (command.p2 != 0x00 && command.p2 != 0x01 && command.p2 != 0x0C)) return StatusWord::wrong_p1_p2;
  return command.p2 == 0x0C ? Bytes{} : application_control();
}

// TS 31.102 §7.1.2.1, 3G context, with the subscription that is the card's now (card/onboard/credentials.hpp).
Answer<Bytes> UsimSession::authenticate(const Command& command) {
  if (command.p1 != 0x00 || command.p2 != 0x81) return StatusWord::wrong_p1_p2;
  const ByteView data = command.data;
  crypto::Rand rand{};
  crypto::Autn autn{};
  if (data.size() != 34 || data[0] != rand.size() || data[17] != autn.size()) return StatusWord::wrong_data;
  std::ranges::copy(data.subspan(1, 16), rand.begin());
  std::ranges::copy(data.subspan(18, 16), autn.begin());
  return onboard::authenticate(services_.memory, TF_TRY(onboard::usim_of(services_.memory)), rand, autn);
}

}  // namespace

std::unique_ptr<Session> UsimApplication::open() { return std::make_unique<UsimSession>(services_); }

}  // namespace tf::card::usim
