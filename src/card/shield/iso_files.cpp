// The forms of ISO/IEC 7816-4: certificates as files, VERIFY, CHANGE REFERENCE DATA, GET CHALLENGE.
#include "card/piv/pins.hpp"
#include "card/shield/session.hpp"

namespace tf::card::shield {
namespace {

constexpr std::uint8_t kPinReference = 0x80;
constexpr std::uint8_t kFolder = 0xE0;  // files E0xx, xx the slot
constexpr std::size_t kMaxChallenge = 255;

}  // namespace

Answer<Bytes> ShieldSession::select_file(const Command& command) {
  if ((command.p1 != 0x00 && command.p1 != 0x02) || (command.p2 != 0x0C && command.p2 != 0x00)) return StatusWord::wrong_p1_p2;
  if (command.data.size() != 2) return StatusWord::wrong_length;
  const auto slot = apdu::shield::slot_of(command.data[1]);
  if (command.data[0] != kFolder || !slot || !slots_.certificate(container_, *slot)) return StatusWord::file_not_found;
  file_ = *slot;
  return Bytes{};
}

Answer<Bytes> ShieldSession::read_binary(const Command& command) {
  if (!command.data.empty()) return StatusWord::wrong_length;
  if ((command.p1 & 0x80) != 0) return StatusWord::wrong_p1_p2;  // no short identifiers
  if (!file_) return StatusWord::no_current_file;
  const Bytes content = TF_TRY(slots_.certificate(container_, *file_));
  const std::size_t offset = static_cast<std::size_t>(command.p1) << 8 | command.p2;
  if (offset >= content.size()) return StatusWord::wrong_offset;
  const ByteView rest = ByteView(content).subspan(offset);
  const std::size_t most = command.le.value_or(apdu::kMaxShortLe);
  return to_bytes(rest.first(std::min(rest.size(), most)));
}

Answer<Bytes> ShieldSession::verify(const Command& command) {
  if (command.p1 != 0) return StatusWord::wrong_p1_p2;
  if (command.p2 != kPinReference) return StatusWord::reference_not_found;
  if (command.data.empty()) {
    if (pin_) return Bytes{};
    const unsigned left = TF_TRY(services_.pins.tries_left(pin_name(container_)));
    return left == 0 ? StatusWord::blocked : apdu::tries_left(left);
  }
  if (!piv::valid_pin(command.data)) return StatusWord::wrong_data;
  pin_ = false;
  TF_CHECK(services_.pins.verify(pin_name(container_), command.data));
  pin_ = pin_fresh_ = true;
  return Bytes{};
}

Answer<Bytes> ShieldSession::change_reference_data(const Command& command) {
  if (command.p1 != 0) return StatusWord::wrong_p1_p2;
  if (command.p2 != kPinReference) return StatusWord::reference_not_found;
  if (command.data.size() != 16) return StatusWord::wrong_length;
  const ByteView old = ByteView(command.data).first(8), fresh = ByteView(command.data).last(8);
  if (!piv::valid_pin(old) || !piv::valid_pin(fresh)) return StatusWord::wrong_data;
  TF_CHECK(services_.pins.change(pin_name(container_), old, fresh));
  return Bytes{};
}

Answer<Bytes> ShieldSession::get_challenge(const Command& command) {
  if (command.p1 != 0 || command.p2 != 0) return StatusWord::wrong_p1_p2;
  if (!command.data.empty() || !command.le) return StatusWord::wrong_length;
  Bytes out(std::min<std::size_t>(*command.le == apdu::kMaxShortLe ? 8 : *command.le, kMaxChallenge));
  services_.random.fill(out);
  return out;
}

}  // namespace tf::card::shield
