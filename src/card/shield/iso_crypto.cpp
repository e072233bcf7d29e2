// The forms of ISO/IEC 7816-8: MANAGE SECURITY ENVIRONMENT, PERFORM SECURITY OPERATION, GENERATE ASYMMETRIC KEY PAIR. They reach the keys for
// authentication, signature, card and encryption; payment keys sign payments and nothing else.
#include "apdu/tlv.hpp"
#include "card/shield/session.hpp"
#include "crypto/digest.hpp"
#include "crypto/handles.hpp"

namespace tf::card::shield {
namespace {

constexpr std::uint8_t kPaddingIndicator = 0x00;  // ISO/IEC 7816-8: no further indication; RSAES-OAEP with SHA-256

bool verifies(const crypto::PublicKey& key, ByteView hash, ByteView signature) {
  const crypto::EvpPkeyCtx context(EVP_PKEY_CTX_new(key.native(), nullptr));
  const bool good = context && EVP_PKEY_verify_init(context.get()) == 1 && EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1 &&
                    EVP_PKEY_verify(context.get(), signature.data(), signature.size(), hash.data(), hash.size()) == 1;
  ERR_clear_error();
  return good;
}

Bytes public_template(const PublicNumbers& numbers) {
  apdu::TlvWriter out;
  if (is_rsa(numbers.algorithm)) out.put(0x81, numbers.modulus).put(0x82, numbers.exponent);
  else out.put(0x86, numbers.point);
  return apdu::tlv(0x7F49, out.bytes());
}

Answer<Slot> referenced(ByteView data) {
  const auto reference = TF_TRY(apdu::find(data, 0x84));
  if (!reference || reference->size() != 1) return StatusWord::wrong_data;
  const auto slot = apdu::shield::slot_of((*reference)[0]);
  if (!slot || !is_piv(*slot)) return StatusWord::reference_not_found;
  return *slot;
}

}  // namespace

// P1: 41 for signing and deciphering, 81 for verifying and enciphering. P2: B6 digital signature, B8 confidentiality. Data: {84 slot}.
Answer<Bytes> ShieldSession::manage_environment(const Command& command) {
  if ((command.p1 != 0x41 && command.p1 != 0x81) || (command.p2 != 0xB6 && command.p2 != 0xB8)) return StatusWord::wrong_p1_p2;
  const Slot slot = TF_TRY(referenced(command.data));
  if ((command.p2 == 0xB8) != (slot == Slot::encryption)) return StatusWord::conditions_of_use;  // one key, one purpose
  TF_CHECK(slots_.public_key(container_, slot));
  environment_ = slot;
  pin_fresh_ = was_fresh_;
  return Bytes{};
}

Answer<Slot> ShieldSession::current_slot() const {
  if (!environment_) return StatusWord::conditions_of_use;
  return *environment_;
}

Done ShieldSession::check_pin_policy(Slot slot) const {
  const KeyFacts facts = TF_TRY(services_.keys.facts(key_of(container_, slot)));
  const bool met = facts.pin == PinPolicy::never || (facts.pin == PinPolicy::once && pin_) || (facts.pin == PinPolicy::always && was_fresh_);
  return met ? Done{} : Done{StatusWord::security_status};
}

Answer<Bytes> ShieldSession::perform(const Command& command) {
  switch (command.p1 << 8 | command.p2) {
    case 0x9E9A: return compute_signature(command.data);
    case 0x00A8: return verify_signature(command.data);
    case 0x8680: return encipher(command.data);
    case 0x8086: return decipher(command.data);
    default: return StatusWord::wrong_p1_p2;
  }
}

Answer<Bytes> ShieldSession::compute_signature(ByteView data) {
  const Slot slot = TF_TRY(current_slot());
  if (slot == Slot::encryption) return StatusWord::conditions_of_use;
  TF_CHECK(check_pin_policy(slot));
  Hash256 hash{};
  if (data.size() != hash.size()) return StatusWord::wrong_length;
  std::ranges::copy(data, hash.begin());
  return sign_hash_with(TF_TRY(slots_.key(container_, slot)), hash);
}

// {9A hash, 9E signature}: 9000, or 6300.
Answer<Bytes> ShieldSession::verify_signature(ByteView data) {
  const Slot slot = TF_TRY(current_slot());
  if (slot == Slot::encryption) return StatusWord::conditions_of_use;
  apdu::TlvReader reader(data);
  const ByteView hash = TF_TRY(reader.expect(0x9A));
  const ByteView signature = TF_TRY(reader.expect(0x9E));
  TF_CHECK(reader.finish());
  if (hash.size() != sizeof(Hash256)) return StatusWord::wrong_data;
  if (!verifies(TF_TRY(slots_.public_key(container_, slot)), hash, signature)) return StatusWord::authentication_failed;
  return Bytes{};
}

Answer<Bytes> ShieldSession::encipher(ByteView plain) {
  const Slot slot = TF_TRY(current_slot());
  const auto key = TF_TRY(slots_.public_key(container_, slot));
  if (slot != Slot::encryption) return StatusWord::conditions_of_use;
  if (key.kind() != crypto::KeyKind::rsa) return StatusWord::function_not_supported;  // for P-256 the host agrees with the public key
  const auto sealed = crypto::oaep_encrypt(key, plain);
  if (!sealed) return StatusWord::wrong_data;  // too long for the key
  Bytes out{kPaddingIndicator};
  append(out, *sealed);
  return out;
}

// RSA: padding indicator and cryptogram. P-256: {A6 {7F49 {86 point}}}, the answer is the x-coordinate agreed upon.
Answer<Bytes> ShieldSession::decipher(ByteView data) {
  const Slot slot = TF_TRY(current_slot());
  if (slot != Slot::encryption) return StatusWord::conditions_of_use;
  TF_CHECK(check_pin_policy(slot));
  const auto key = TF_TRY(slots_.key(container_, slot));
  if (key.kind() == crypto::KeyKind::p256) {
    const ByteView point = TF_TRY(apdu::only(TF_TRY(apdu::only(TF_TRY(apdu::only(data, 0xA6)), 0x7F49)), 0x86));
    return to_bytes(TF_TRY(services_.keys.agree(key_of(container_, slot), point)).reveal());
  }
  if (data.empty() || data[0] != kPaddingIndicator) return StatusWord::wrong_data;
  const auto plain = crypto::oaep_decrypt(key, data.subspan(1));
  if (!plain) return StatusWord::wrong_data;
  return to_bytes(plain->reveal());
}

// 47 81 reads a public key; 47 80 makes a key, in a secure channel. Data: {B6 or B8 {84 slot}, AC {80 algorithm}}.
Answer<Bytes> ShieldSession::generate_pair(const Command& command) {
  if ((command.p1 != 0x80 && command.p1 != 0x81) || command.p2 != 0x00) return StatusWord::wrong_p1_p2;
  const auto signature = TF_TRY(apdu::find(command.data, 0xB6));
  const auto confidentiality = TF_TRY(apdu::find(command.data, 0xB8));
  if (signature.has_value() == confidentiality.has_value()) return StatusWord::wrong_data;
  const Slot slot = TF_TRY(referenced(signature ? *signature : *confidentiality));
  if (confidentiality.has_value() != (slot == Slot::encryption)) return StatusWord::conditions_of_use;
  if (command.p1 == 0x80) {
    if (channel_.level() != apdu::scp03::kEverything) return StatusWord::security_status;
    const auto mechanism = TF_TRY(apdu::find(command.data, 0xAC));
    if (!mechanism) return StatusWord::wrong_data;
    const ByteView algorithm = TF_TRY(apdu::only(*mechanism, 0x80));
    if (algorithm.size() != 1 || (algorithm[0] != piv::kP256 && algorithm[0] != piv::kRsa2048)) return StatusWord::wrong_data;
    // Nobody's nonce: a key that is made so has no attestation that a platform takes.
    TF_CHECK(slots_.generate(container_, slot, algorithm[0] == piv::kP256 ? Algorithm::p256 : Algorithm::rsa2048, services_.random.array<32>()));
  }
  return public_template(TF_TRY(services_.keys.public_numbers(key_of(container_, slot))));
}

}  // namespace tf::card::shield
