// GENERATE ASYMMETRIC KEY PAIR (SP 800-73-4 part 2, 3.3.2), Yubico's import and metadata.
#include <algorithm>

#include "apdu/tlv.hpp"
#include "card/piv/session.hpp"
#include "crypto/digest.hpp"

namespace tf::card::piv {
namespace {

constexpr std::uint32_t kPolicyPin = 0xAA, kPolicyTouch = 0xAB;

Bytes public_template(const PublicNumbers& numbers) {
  apdu::TlvWriter out;
  if (is_rsa(numbers.algorithm)) out.put(0x81, numbers.modulus).put(0x82, numbers.exponent);
  else out.put(0x86, numbers.point);
  return out.take();
}

// The policies that a client may ask for. Nobody touches this card; and what signs payments does not become weaker than the standard has it.
Answer<KeyFacts> facts_asked(std::uint8_t reference, Algorithm algorithm, ByteView parts) {
  KeyFacts facts = facts_of_reference(reference, algorithm);
  const auto pin = TF_TRY(apdu::find(parts, kPolicyPin));
  const auto touch = TF_TRY(apdu::find(parts, kPolicyTouch));
  if (touch && (touch->size() != 1 || (*touch)[0] > 1)) return StatusWord::wrong_data;
  if (!pin || (pin->size() == 1 && (*pin)[0] == 0)) return facts;
  if (pin->size() != 1 || (*pin)[0] > 3) return StatusWord::wrong_data;
  facts.pin = static_cast<PinPolicy>((*pin)[0]);
  if (reference == kSignature && facts.pin != PinPolicy::always) return StatusWord::wrong_data;
  return facts;
}

Done known_parts(ByteView parts, std::initializer_list<std::uint32_t> tags) {
  for (apdu::TlvReader reader(parts); !reader.at_end();) {
    const std::uint32_t tag = TF_TRY(reader.next()).tag;
    if (std::find(tags.begin(), tags.end(), tag) == tags.end()) return StatusWord::wrong_data;
  }
  return {};
}

// Total tries and those left.
Bytes pin_metadata(const PinStore& pins, std::string_view name) {
  const std::uint8_t algorithm[] = {0xFF};
  const std::uint8_t given[] = {static_cast<std::uint8_t>(pins.is_default(name) ? 1 : 0)};
  const std::uint8_t tries[] = {static_cast<std::uint8_t>(pins.tries_of(name).value_or(0)), static_cast<std::uint8_t>(pins.tries_left(name).value_or(0))};
  return apdu::TlvWriter().put(0x01, algorithm).put(0x05, given).put(0x06, tries).take();
}

}  // namespace

Answer<Bytes> PivSession::generate(const Command& command) {
  if (command.p1 != 0 || !is_key_reference(command.p2)) return StatusWord::wrong_p1_p2;
  if (!administrator_) return StatusWord::security_status;
  const ByteView parts = TF_TRY(apdu::only(command.data, 0xAC));
  TF_CHECK(known_parts(parts, {0x80, 0x81, kPolicyPin, kPolicyTouch}));
  const auto identifier = TF_TRY(apdu::find(parts, 0x80));
  if (!identifier || identifier->size() != 1) return StatusWord::wrong_data;
  const auto algorithm = algorithm_of((*identifier)[0]);
  if (!algorithm) return StatusWord::wrong_data;
  const KeyFacts facts = TF_TRY(facts_asked(command.p2, *algorithm, parts));
  const PublicNumbers numbers = TF_TRY(services_.keys.generate(KeyId{std::string(kContainer), command.p2}, facts));
  return apdu::tlv(0x7F49, public_template(numbers));
}

// P1: algorithm, P2: key. RSA: 01 p, 02 q, 03 dp, 04 dq, 05 qinv. EC: 06 scalar.
Done PivSession::import_key(const Command& command) {
  const auto algorithm = algorithm_of(command.p1);
  if (!algorithm || !is_key_reference(command.p2)) return StatusWord::wrong_p1_p2;
  if (!administrator_) return StatusWord::security_status;
  TF_CHECK(known_parts(command.data, {1, 2, 3, 4, 5, 6, kPolicyPin, kPolicyTouch}));
  const KeyFacts facts = TF_TRY(facts_asked(command.p2, *algorithm, command.data));
  PrivateNumbers numbers;
  SecretBytes* const rsa[] = {&numbers.p, &numbers.q, &numbers.dp, &numbers.dq, &numbers.qinv};
  for (std::uint32_t tag = 1; tag <= 6; ++tag) {
    const auto value = TF_TRY(apdu::find(command.data, tag));
    if (value.has_value() != (is_rsa(*algorithm) ? tag < 6 : tag == 6)) return StatusWord::wrong_data;
    if (value) *(tag < 6 ? rsa[tag - 1] : &numbers.scalar) = SecretBytes(*value);
  }
  return services_.keys.import(KeyId{std::string(kContainer), command.p2}, facts, numbers);
}

// 01 algorithm, 02 policies, 03 origin, 04 public key, 05 value is the well-known one, 06 tries.
Answer<Bytes> PivSession::metadata(const Command& command) {
  if (command.p1 != 0) return StatusWord::wrong_p1_p2;
  if (!command.data.empty()) return StatusWord::wrong_length;
  if (command.p2 == kPinReference) return pin_metadata(services_.pins, kPin);
  if (command.p2 == kPukReference) return pin_metadata(services_.pins, kPuk);
  constexpr std::uint8_t kNoTouch = 1;
  if (command.p2 == kAdministrator) {
    const SecretBytes* record = services_.memory.find(kAdministratorRecord);
    if (record == nullptr) return StatusWord::reference_not_found;
    const std::uint8_t policies[] = {0, kNoTouch};
    return apdu::TlvWriter().put(0x01, record->reveal().first(1)).put(0x02, policies).put(0x05, record->reveal().subspan(1, 1)).take();
  }
  if (!is_key_reference(command.p2)) return StatusWord::wrong_p1_p2;
  const KeyId id{std::string(kContainer), command.p2};
  const KeyFacts facts = TF_TRY(services_.keys.facts(id));
  const std::uint8_t algorithm[] = {identifier_of(facts.algorithm)};
  const std::uint8_t policies[] = {static_cast<std::uint8_t>(facts.pin), kNoTouch};
  const std::uint8_t origin[] = {static_cast<std::uint8_t>(facts.origin)};
  return apdu::TlvWriter().put(0x01, algorithm).put(0x02, policies).put(0x03, origin).put(0x04, public_template(TF_TRY(services_.keys.public_numbers(id)))).take();
}

// Four octets, which is all that clients take: of a hash of the card's serial number.
Answer<Bytes> PivSession::serial_number(const Command& command) {
  if (command.p1 != 0 || command.p2 != 0) return StatusWord::wrong_p1_p2;
  const SecretBytes* serial = services_.memory.find(kSerialRecord);
  if (serial == nullptr) return StatusWord::reference_not_found;
  Bytes out = to_bytes(ByteView(crypto::sha256(serial->reveal())).first(4));
  out[0] &= 0x7F;  // clients print it with a sign
  return out;
}

}  // namespace tf::card::piv
