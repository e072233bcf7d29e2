#include "apdu/shield.hpp"

#include <algorithm>

#include "apdu/tlv.hpp"

namespace tf::apdu::shield {
namespace {

enum : std::uint32_t { kCertificate = 0x70, kAlgorithm = 0x80, kNonce = 0x81, kPin = 0x83, kPuk = 0x86, kStructure = 0xA8, kEnvelope = 0x88, kHash = 0x8A };

struct SlotName {
  Slot slot;
  std::string_view name;
};
constexpr SlotName kSlots[] = {{Slot::payment, "payment"},       {Slot::authentication, "authentication"}, {Slot::card, "card"},
                               {Slot::signature, "signature"}, {Slot::encryption, "encryption"},         {Slot::hash, "hash"}};

CommandApdu command(Ins ins, std::uint8_t p1, std::uint8_t p2, Bytes data = {}, std::optional<std::uint32_t> le = kMaxShortLe) {
  return {.cla = 0x80, .ins = static_cast<std::uint8_t>(ins), .p1 = p1, .p2 = p2, .data = std::move(data), .le = le};
}
CommandApdu of_slot(Ins ins, Slot slot, Bytes data = {}) { return command(ins, 0, static_cast<std::uint8_t>(slot), std::move(data)); }

template <class T>
Result<T> told(Result<T> result) {
  if (!result) return Error{Code::malformed, "cardsign.command", result.error().detail};
  return result;
}

Result<SignCommand> two(ByteView data, std::uint32_t first) {
  TlvReader reader(data);
  SignCommand out;
  out.content = TF_TRY(told(reader.expect(first)));
  out.envelope = TF_TRY(told(reader.expect(kEnvelope)));
  TF_CHECK(reader.finish());
  return out;
}

}  // namespace

std::optional<Slot> slot_of(std::uint8_t number) {
  for (const auto& row : kSlots)
    if (static_cast<std::uint8_t>(row.slot) == number) return row.slot;
  return std::nullopt;
}

std::string_view name_of(Slot slot) {
  for (const auto& row : kSlots)
    if (row.slot == slot) return row.name;
  return "unknown";
}

std::optional<Slot> slot_named(std::string_view name) {
  for (const auto& row : kSlots)
    if (row.name == name) return row.slot;
  return std::nullopt;
}

CommandApdu select() { return {.cla = 0x00, .ins = 0xA4, .p1 = 0x04, .p2 = 0x00, .data = {kAid.begin(), kAid.end()}, .le = kMaxShortLe}; }

CommandApdu get_data(Object object) {
  const auto tag = static_cast<std::uint16_t>(object);
  return command(Ins::get_data, static_cast<std::uint8_t>(tag >> 8), static_cast<std::uint8_t>(tag));
}
CommandApdu set_container(std::uint8_t container) { return command(Ins::set_container, container, 0, {}, std::nullopt); }

CommandApdu generate_key(Slot slot, Algorithm algorithm, const EnrolmentNonce& nonce) {
  const auto number = static_cast<std::uint8_t>(algorithm);
  return of_slot(Ins::generate_key, slot, TlvWriter().put(kAlgorithm, ByteView(&number, 1)).put(kNonce, nonce).take());
}
CommandApdu read_request(Slot slot) { return of_slot(Ins::read_request, slot); }
CommandApdu read_attestation(Slot slot) { return of_slot(Ins::read_attestation, slot); }
CommandApdu store_certificate(Slot slot, ByteView certificate) { return of_slot(Ins::store_certificate, slot, tlv(kCertificate, certificate)); }
CommandApdu read_certificate(Slot slot) { return of_slot(Ins::read_certificate, slot); }
CommandApdu read_public_key(Slot slot) { return of_slot(Ins::read_public_key, slot); }

CommandApdu create_container(std::uint8_t container, ByteView pin, ByteView puk) {
  return command(Ins::create_container, container, 0, TlvWriter().put(kPin, pin).put(kPuk, puk).take());
}
CommandApdu delete_container(std::uint8_t container) { return command(Ins::delete_container, container, 0); }

CommandApdu prepare_payment() { return command(Ins::prepare_payment, 0, 0); }
CommandApdu sign_payment(ByteView structure, ByteView envelope) {
  return command(Ins::sign_payment, 0, 0, TlvWriter().put(kStructure, structure).put(kEnvelope, envelope).take());
}
CommandApdu sign_hash(const Hash256& hash, ByteView envelope) {
  return command(Ins::sign_hash, 0, 0, TlvWriter().put(kHash, hash).put(kEnvelope, envelope).take());
}
CommandApdu reset_retry_counter(ByteView envelope) { return command(Ins::reset_retry_counter, 0, 0, tlv(kEnvelope, envelope)); }
CommandApdu read_record(std::uint8_t number) { return command(Ins::read_records, number, 0x04); }

Result<GenerateKey> parse_generate_key(ByteView data) {
  TlvReader reader(data);
  const ByteView algorithm = TF_TRY(told(reader.expect(kAlgorithm)));
  const ByteView nonce = TF_TRY(told(reader.expect(kNonce)));
  TF_CHECK(reader.finish());
  GenerateKey out;
  if (algorithm.size() != 1 || nonce.size() != out.nonce.size() || (algorithm[0] != static_cast<std::uint8_t>(Algorithm::p256) && algorithm[0] != static_cast<std::uint8_t>(Algorithm::rsa2048)))
    return Error{Code::malformed, "cardsign.command", "algorithm or nonce"};
  out.algorithm = static_cast<Algorithm>(algorithm[0]);
  std::ranges::copy(nonce, out.nonce.begin());
  return out;
}

Result<SignCommand> parse_sign_payment(ByteView data) { return two(data, kStructure); }

Result<SignCommand> parse_sign_hash(ByteView data) {
  const SignCommand out = TF_TRY(two(data, kHash));
  if (out.content.size() != 32) return Error{Code::malformed, "cardsign.command", "a hash of another size"};
  return out;
}

Result<ByteView> parse_envelope(ByteView data) { return told(only(data, kEnvelope)); }
Result<ByteView> parse_store_certificate(ByteView data) { return told(only(data, kCertificate)); }

Result<NewPins> parse_create_container(ByteView data) {
  TlvReader reader(data);
  NewPins out;
  out.pin = TF_TRY(told(reader.expect(kPin)));
  out.puk = TF_TRY(told(reader.expect(kPuk)));
  TF_CHECK(reader.finish());
  return out;
}

bool valid_serial(std::string_view serial) {
  return !serial.empty() && serial.size() <= 20 &&
         std::ranges::all_of(serial, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; });
}

}  // namespace tf::apdu::shield
