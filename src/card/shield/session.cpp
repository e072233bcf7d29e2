#include "card/shield/session.hpp"

#include <algorithm>
#include <utility>

#include "apdu/tlv.hpp"
#include "card/secure_channel.hpp"
#include "card/shield/application.hpp"

namespace tf::card::shield {
namespace {

using apdu::ResponseApdu;
using apdu::shield::Ins;

constexpr std::uint8_t number(Ins ins) { return static_cast<std::uint8_t>(ins); }

}  // namespace

ByteView ShieldApplication::aid() const { return apdu::shield::kAid; }
std::unique_ptr<Session> ShieldApplication::open() { return std::make_unique<ShieldSession>(services_); }

// What is not here is not to be had.
const ShieldSession::Row* ShieldSession::row_of(const Command& command) {
  using S = ShieldSession;
  static constexpr Row kRows[] = {
      {0x80, number(Ins::set_container), Asks::nothing, &S::set_container},
      {0x80, number(Ins::get_data), Asks::nothing, &S::get_data},
      {0x80, number(Ins::read_certificate), Asks::nothing, &S::read_certificate},
      {0x80, number(Ins::read_public_key), Asks::nothing, &S::read_public_key},
      {0x80, number(Ins::generate_key), Asks::secure_channel, &S::generate_key},
      {0x80, number(Ins::read_request), Asks::secure_channel, &S::read_request},
      {0x80, number(Ins::read_attestation), Asks::secure_channel, &S::read_attestation},
      {0x80, number(Ins::store_certificate), Asks::secure_channel, &S::store_certificate},
      {0x80, number(Ins::create_container), Asks::secure_channel, &S::create_container},
      {0x80, number(Ins::delete_container), Asks::secure_channel, &S::delete_container},
      {0x80, number(Ins::prepare_payment), Asks::nothing, &S::prepare_payment},
      {0x80, number(Ins::sign_payment), Asks::nothing, &S::sign_payment},  // the PIN is in the command
      {0x80, number(Ins::sign_hash), Asks::nothing, &S::sign_hash},
      {0x80, number(Ins::reset_retry_counter), Asks::nothing, &S::reset_retry_counter},
      {0x80, number(Ins::read_records), Asks::pin_or_secure_channel, &S::read_records},
      {0x80, apdu::ota::kEnvelope, Asks::nothing, &S::envelope},  // secured packets bring their own proof
      {0x00, apdu::ota::kEnvelope, Asks::nothing, &S::envelope},
      {0x00, 0xA4, Asks::nothing, &S::select_file},
      {0x00, 0xB0, Asks::nothing, &S::read_binary},
      {0x00, 0xCA, Asks::nothing, &S::get_data},
      {0x00, 0x20, Asks::nothing, &S::verify},
      {0x00, 0x24, Asks::nothing, &S::change_reference_data},
      {0x00, 0x84, Asks::nothing, &S::get_challenge},
      {0x00, 0x22, Asks::nothing, &S::manage_environment},
      {0x00, 0x2A, Asks::nothing, &S::perform},       // by the key's own rule
      {0x00, 0x47, Asks::nothing, &S::generate_pair},  // generating asks for a secure channel there
  };
  const auto found = std::ranges::find_if(kRows, [&](const Row& row) { return row.cla == command.base_class() && row.ins == command.ins; });
  return found == std::end(kRows) ? nullptr : found;
}

ResponseApdu ShieldSession::selected() {
  channel_.close();
  use_container(kOwner);
  const std::string serial = slots_.serial();
  return apdu::tlv(0x6F, apdu::TlvWriter().put(0x84, apdu::shield::kAid).put(0xA5, apdu::TlvWriter().put(0x50, as_bytes("Trustferry shield")).put(0xC1, as_bytes(serial))).bytes());
}

ResponseApdu ShieldSession::handle(const Command& command) {
  if ((command.cla & 0x60) != 0) return StatusWord::wrong_cla;
  leave_deleted_container();
  was_fresh_ = std::exchange(pin_fresh_, false);
  if (command.secured()) return secured(command);
  if (command.base_class() == 0x80 && command.ins == apdu::scp03::kInitializeUpdate) return respond(initialize_update(command));
  if (channel_.is_open()) return StatusWord::security_status;
  return dispatch(command);
}

Answer<Bytes> ShieldSession::envelope(const Command& command) {
  return inbox_.envelope(command);
}

Answer<Bytes> ShieldSession::initialize_update(const Command& command) {
  const auto keys = TF_TRY(scp03_keys(services_.memory));
  auto answer = channel_.initialize_update(command, keys, channel_identity(slots_.serial()), services_.random);
  if (!answer) return answer.error();
  return std::move(*answer);
}

ResponseApdu ShieldSession::secured(const Command& command) {
  return under_channel(channel_, command, [this](const apdu::CommandApdu& plain) { return dispatch(plain); });
}

ResponseApdu ShieldSession::dispatch(const Command& command) {
  const Row* const row = row_of(command);
  if (row == nullptr) return StatusWord::wrong_ins;
  const bool secure = channel_.level() == apdu::scp03::kEverything;
  if (row->asks == Asks::secure_channel && !secure) return StatusWord::security_status;
  if (row->asks == Asks::pin_or_secure_channel && !secure && !pin_) return StatusWord::security_status;
  return respond((this->*row->run)(command));
}

}  // namespace tf::card::shield
