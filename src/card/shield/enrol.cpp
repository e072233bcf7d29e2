// Administration, by the platform, in a secure channel: keys, requests, attestations, certificates, containers.
#include <algorithm>

#include "card/shield/session.hpp"

namespace tf::card::shield {
namespace {

constexpr std::size_t kBlock = 16;

Algorithm algorithm_of(apdu::shield::Algorithm asked) { return asked == apdu::shield::Algorithm::p256 ? Algorithm::p256 : Algorithm::rsa2048; }

// A PIN under the DEK: 8 octets, 80 and noughts.
Answer<SecretBytes> pin_under(const Memory& memory, ByteView encrypted) {
  if (encrypted.size() != kBlock) return StatusWord::wrong_data;
  SecretBytes plain = TF_TRY(apdu::scp03::decrypt_sensitive(TF_TRY(scp03_keys(memory)), encrypted));
  constexpr ByteArray<8> kPadding{0x80};
  if (plain.size() != kBlock || !std::ranges::equal(plain.reveal().last(8), kPadding)) return StatusWord::wrong_data;
  plain.shorten(8);
  return plain;
}

}  // namespace

Answer<Bytes> ShieldSession::generate_key(const Command& command) {
  const Slot slot = TF_TRY(slot_in(command));
  const auto asked = TF_TRY(apdu::shield::parse_generate_key(command.data));
  return slots_.generate(container_, slot, algorithm_of(asked.algorithm), asked.nonce);
}

Answer<Bytes> ShieldSession::read_request(const Command& command) {
  if (!command.data.empty()) return StatusWord::wrong_length;
  return slots_.request(container_, TF_TRY(slot_in(command)));
}

Answer<Bytes> ShieldSession::read_attestation(const Command& command) {
  if (!command.data.empty()) return StatusWord::wrong_length;
  return slots_.attestation(container_, TF_TRY(slot_in(command)), services_.random);
}

Answer<Bytes> ShieldSession::store_certificate(const Command& command) {
  const Slot slot = TF_TRY(slot_in(command));
  TF_CHECK(slots_.store(container_, slot, TF_TRY(apdu::shield::parse_store_certificate(command.data))));
  return Bytes{};
}

Answer<Bytes> ShieldSession::create_container(const Command& command) {
  if (command.p2 != 0) return StatusWord::wrong_p1_p2;
  const auto pins = TF_TRY(apdu::shield::parse_create_container(command.data));
  const auto pin = TF_TRY(pin_under(services_.memory, pins.pin));
  const auto puk = TF_TRY(pin_under(services_.memory, pins.puk));
  TF_CHECK(slots_.create_container(command.p1, pin, puk));
  return Bytes{};
}

Answer<Bytes> ShieldSession::delete_container(const Command& command) {
  if (command.p2 != 0) return StatusWord::wrong_p1_p2;
  if (!command.data.empty()) return StatusWord::wrong_length;
  TF_CHECK(slots_.delete_container(command.p1));
  leave_deleted_container();
  return Bytes{};
}

}  // namespace tf::card::shield
