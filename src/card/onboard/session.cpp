#include "card/onboard/session.hpp"

#include <algorithm>

#include "apdu/tlv.hpp"
#include "card/onboard/application.hpp"
#include "card/personalise.hpp"
#include "card/secure_channel.hpp"
#include "crypto/digest.hpp"
#include "wire/fields.hpp"

namespace tf::card::onboard {

using apdu::ResponseApdu;
using apdu::onboard::Ins;

ByteView ModuleApplication::aid() const { return apdu::onboard::kAid; }
std::unique_ptr<Session> ModuleApplication::open() { return std::make_unique<ModuleSession>(services_); }

std::string ModuleSession::serial() const {
  const SecretBytes* record = services_.memory.find(kSerialRecord);
  return record == nullptr ? std::string() : std::string(as_text(record->reveal()));
}

ResponseApdu ModuleSession::selected() {
  channel_.close();
  return apdu::tlv(0x6F, apdu::TlvWriter().put(0x84, apdu::onboard::kAid).put(0xA5, apdu::TlvWriter().put(0x50, as_bytes("Trustferry module")).put(0xC1, as_bytes(serial()))).bytes());
}

ResponseApdu ModuleSession::handle(const Command& command) {
  if ((command.cla & 0x60) != 0) return StatusWord::wrong_cla;
  if (command.secured()) return secured(command);
  if (command.base_class() != 0x80) return StatusWord::wrong_cla;
  if (command.ins == apdu::scp03::kInitializeUpdate) return respond(initialize_update(command));
  if (channel_.is_open()) return StatusWord::security_status;
  switch (static_cast<Ins>(command.ins)) {
    case Ins::claim: return respond(claim(command));
    case Ins::get_data:
      if (command.p1 != 0 || command.p2 != apdu::onboard::kSerialObject) return StatusWord::reference_not_found;
      return ResponseApdu(to_bytes(as_bytes(serial())));
    default: return dispatch(command);
  }
}

// Any host, as long as nobody has made a module of the card: what was agreed before goes.
Answer<Bytes> ModuleSession::claim(const Command& command) {
  if (command.p1 != 0 || command.p2 != 0) return StatusWord::wrong_p1_p2;
  if (is_made()) return StatusWord::conditions_of_use;
  const ByteView point = TF_TRY(apdu::only(command.data, apdu::onboard::kPoint));
  const auto peer = crypto::PublicKey::from_point(point);
  if (!peer) return StatusWord::wrong_data;
  const auto own = TF_TRY(services_.keys.handle({std::string(kCardKeys), kChannelKey}, Use::decipher));
  const auto keys = apdu::onboard::channel_keys(TF_TRY(crypto::ecdh_p256(own, *peer)), point, serial());
  Bytes octets = wire::FieldWriter().field(keys.enc.reveal()).field(keys.mac.reveal()).field(keys.dek.reveal()).take();
  SecretBytes record{ByteView(octets)};
  wipe(octets.data(), octets.size());
  TF_CHECK(services_.memory.put(std::string(kHostRecord), std::move(record)));
  return Bytes{};
}

Answer<apdu::scp03::StaticKeys> ModuleSession::host_keys() const {
  const SecretBytes* record = services_.memory.find(kHostRecord);
  if (record == nullptr) return StatusWord::reference_not_found;
  wire::FieldReader in(record->reveal());
  apdu::scp03::StaticKeys out;
  for (SecretBytes* key : {&out.enc, &out.mac, &out.dek}) *key = SecretBytes(TF_TRY(in.field(32)));
  return out;
}

std::optional<Hash256> ModuleSession::host() const {
  const SecretBytes* record = services_.memory.find(kHostRecord);
  return record == nullptr ? std::nullopt : std::optional(crypto::sha256(record->reveal()));
}

Answer<Bytes> ModuleSession::initialize_update(const Command& command) {
  const auto keys = TF_TRY(host_keys());
  opened_with_ = host();
  auto answer = channel_.initialize_update(command, keys, channel_identity(serial()), services_.random);
  if (!answer) return answer.error();
  return std::move(*answer);
}

ResponseApdu ModuleSession::secured(const Command& command) {
  // Keys that were claimed anew on another channel end what was opened with the old ones: a module is made by him who has its keys.
  if (channel_.is_open() && host() != opened_with_) {
    channel_.close();
    return StatusWord::security_status;
  }
  return under_channel(channel_, command, [this](const apdu::CommandApdu& plain) { return dispatch(plain); });
}

// What is not here is not to be had.
ResponseApdu ModuleSession::dispatch(const Command& command) {
  using S = ModuleSession;
  static constexpr Row kRows[] = {
      {Ins::make, false, &S::make},
      {Ins::erase_module, false, &S::erase_module},
      {Ins::read_module, true, &S::read_module},
      {Ins::read_request, true, &S::read_request},
      {Ins::store_certificates, true, &S::store_certificates},
      {Ins::read_certificates, true, &S::read_certificates},
      {Ins::sign, true, &S::sign},
      {Ins::unwrap, true, &S::unwrap},
      {Ins::install, true, &S::install},
      {Ins::erase, true, &S::erase},
      {Ins::authenticate, true, &S::authenticate},
      {Ins::store_record, true, &S::store_record},
      {Ins::read_record, true, &S::read_record},
  };
  const auto row = std::ranges::find(kRows, static_cast<Ins>(command.ins), &Row::ins);
  if (row == std::end(kRows)) return StatusWord::wrong_ins;
  if (channel_.level() != apdu::scp03::kEverything) return StatusWord::security_status;
  if (command.p1 != 0) return StatusWord::wrong_p1_p2;
  if (row->made && !is_made()) return StatusWord::conditions_of_use;
  return respond((this->*row->run)(command));
}

}  // namespace tf::card::onboard
