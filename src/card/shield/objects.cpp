// What the card tells of itself: serial, certificates, public keys, counters, records of payments.
#include "apdu/tlv.hpp"
#include "card/shield/session.hpp"

namespace tf::card::shield {

using apdu::shield::Object;

Answer<Slot> slot_in(const apdu::CommandApdu& command) {
  if (command.p1 != 0) return StatusWord::wrong_p1_p2;
  const auto slot = apdu::shield::slot_of(command.p2);
  if (!slot) return StatusWord::wrong_p1_p2;
  return *slot;
}

std::uint64_t ShieldSession::counter() const {
  const SecretBytes* record = services_.memory.find(kCounterRecord);
  std::uint64_t out = 0;
  if (record != nullptr)
    for (const std::uint8_t octet : record->reveal()) out = out << 8 | octet;
  return out;
}

Answer<Bytes> ShieldSession::set_container(const Command& command) {
  if (command.p2 != 0) return StatusWord::wrong_p1_p2;
  if (!command.data.empty()) return StatusWord::wrong_length;
  if (!slots_.has_container(command.p1)) return StatusWord::reference_not_found;
  use_container(command.p1);
  return Bytes{};
}

void ShieldSession::use_container(std::uint8_t container) {
  container_ = container;
  deletions_ = services_.deletions[container];
  pin_ = pin_fresh_ = was_fresh_ = false;
  nonce_.reset();
  environment_.reset();
  file_.reset();
}

// On another channel, or at another interface. One of the same number that came after it is somebody else's.
void ShieldSession::leave_deleted_container() {
  if (services_.deletions[container_] != deletions_) use_container(kOwner);
}

Answer<Bytes> ShieldSession::get_data(const Command& command) {
  if (!command.data.empty()) return StatusWord::wrong_length;
  if (command.p1 == 0x01) {  // 01 and a slot: its certificate
    const auto slot = apdu::shield::slot_of(command.p2);
    if (!slot) return StatusWord::reference_not_found;
    return slots_.certificate(container_, *slot);
  }
  switch (static_cast<Object>(command.p1 << 8 | command.p2)) {
    case Object::serial: return to_bytes(as_bytes(slots_.serial()));
    case Object::factory:
      return apdu::shield::encode_chain({to_bytes(TF_TRY(services_.files.read_unchecked(kFactoryCertificate))), to_bytes(TF_TRY(services_.files.read_unchecked(kManufacturerCertificate)))});
    case Object::channel: return to_bytes(TF_TRY(services_.files.read_unchecked(kChannelCertificate)));
    case Object::counter: {
      Bytes out;
      for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(counter() >> shift));
      return out;
    }
    case Object::containers: return slots_.containers();
    case Object::tries: {
      const apdu::shield::Tries tries{TF_TRY(services_.pins.tries_left(pin_name(container_))), TF_TRY(services_.pins.tries_left(puk_name(container_)))};
      return apdu::shield::encode_tries(tries);
    }
    case Object::policy: {
      const SecretBytes* record = services_.memory.find(kPolicyRecord);
      return record == nullptr ? Bytes{0} : to_bytes(record->reveal());
    }
  }
  return StatusWord::reference_not_found;
}

Answer<Bytes> ShieldSession::read_certificate(const Command& command) {
  if (!command.data.empty()) return StatusWord::wrong_length;
  return slots_.certificate(container_, TF_TRY(slot_in(command)));
}

Answer<Bytes> ShieldSession::read_public_key(const Command& command) {
  if (!command.data.empty()) return StatusWord::wrong_length;
  return TF_TRY(slots_.public_key(container_, TF_TRY(slot_in(command)))).spki();
}

// P1: 1 is the newest. Those of other containers are not shown to who proved this one's PIN; the platform sees them all.
Answer<Bytes> ShieldSession::read_records(const Command& command) {
  if (command.p1 < 1 || command.p1 > kRecords || command.p2 != 0x04) return StatusWord::wrong_p1_p2;
  const std::uint64_t last = counter();
  if (command.p1 > last) return StatusWord::record_not_found;
  const auto record = services_.files.read_unchecked(payment_file(last + 1 - command.p1));
  if (!record) return StatusWord::record_not_found;
  const auto read = TF_TRY(apdu::shield::read_payment_record(*record));
  if (!channel_.is_open() && read.container != container_) return StatusWord::security_status;
  return to_bytes(*record);
}

}  // namespace tf::card::shield
