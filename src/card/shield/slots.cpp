#include "card/shield/slots.hpp"

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "apdu/tlv.hpp"
#include "card/shield/names.hpp"
#include "crypto/digest.hpp"
#include "crypto/handles.hpp"

namespace tf::card::shield {
namespace {

Hash256 fingerprint(const PublicNumbers& numbers) { return crypto::sha256({numbers.modulus, numbers.exponent, numbers.point}); }

}  // namespace

KeyFacts facts_of(Slot slot, Algorithm algorithm) {
  if (is_piv(slot)) return piv::facts_of_reference(static_cast<std::uint8_t>(slot), algorithm);
  return {.algorithm = algorithm, .use = slot == Slot::payment ? Use::sign_payment : Use::sign_hash, .pin = PinPolicy::always};
}

bool Slots::has_container(std::uint8_t container) const { return std::ranges::count(containers(), container) != 0; }
std::vector<std::uint8_t> Slots::containers() const { return card::containers(services_.memory); }

std::string Slots::serial() const {
  const SecretBytes* record = services_.memory.find(kSerialRecord);
  return record == nullptr ? std::string() : std::string(as_text(record->reveal()));
}

Answer<Bytes> Slots::generate(std::uint8_t container, Slot slot, Algorithm algorithm, const pki::EnrolmentNonce& nonce) {
  if (!has_container(container)) return StatusWord::reference_not_found;
  {
    Memory::Batch batch(services_.memory);
    const PublicNumbers numbers = TF_TRY(services_.keys.generate(key_of(container, slot), facts_of(slot, algorithm)));
    Bytes made = to_bytes(nonce);
    append(made, fingerprint(numbers));
    TF_CHECK(services_.files.create(made_file(container, slot), Access::never, Access::never, made));
    const FileId file = certificate_file(container, slot);
    if (services_.files.exists(file)) TF_CHECK(services_.files.remove(file));
    TF_CHECK(batch.commit());
  }
  return TF_TRY(public_key(container, slot)).spki();
}

// Of the key that is there: PIV's own commands may have put another one into its slots.
Answer<pki::EnrolmentNonce> Slots::nonce_of(std::uint8_t container, Slot slot) {
  const KeyId id = key_of(container, slot);
  const auto record = services_.files.read_unchecked(made_file(container, slot));
  pki::EnrolmentNonce out{};
  if (!record || record->size() != out.size() + sizeof(Hash256)) return StatusWord::conditions_of_use;
  const Hash256 print = fingerprint(TF_TRY(services_.keys.public_numbers(id)));
  if (TF_TRY(services_.keys.facts(id)).origin != Origin::generated || !std::ranges::equal(record->last(print.size()), print)) return StatusWord::conditions_of_use;
  std::ranges::copy(record->first(out.size()), out.begin());
  return out;
}

Answer<crypto::PrivateKey> Slots::key(std::uint8_t container, Slot slot) {
  const KeyId id = key_of(container, slot);
  const KeyFacts facts = TF_TRY(services_.keys.facts(id));
  if (facts.algorithm == Algorithm::p384) return StatusWord::conditions_of_use;  // PIV's alone
  return services_.keys.handle(id, facts_of(slot, facts.algorithm).use);
}

Answer<crypto::PublicKey> Slots::public_key(std::uint8_t container, Slot slot) { return TF_TRY(key(container, slot)).public_key(); }

Answer<Bytes> Slots::request(std::uint8_t container, Slot slot) {
  const auto own = TF_TRY(key(container, slot));
  return TF_TRY(pki::make_card_request(serial(), TF_TRY(nonce_of(container, slot)), own)).der();
}

Answer<Bytes> Slots::attestation(std::uint8_t container, Slot slot, Random& random) {
  const auto attested = TF_TRY(public_key(container, slot));
  const KeyFacts facts = TF_TRY(services_.keys.facts(key_of(container, slot)));
  const auto above = TF_TRY(pki::Certificate::from_der(TF_TRY(services_.files.read_unchecked(kFactoryCertificate))));
  const pki::Issuer factory{above, TF_TRY(services_.keys.handle(card_key(kFactoryKey), Use::attest))};
  const pki::Attestation statement{.serial = serial(), .nonce = TF_TRY(nonce_of(container, slot)), .slot = static_cast<std::uint8_t>(slot), .container = container};
  return TF_TRY(pki::attest(factory, statement, facts.use == Use::decipher ? pki::AttestedUse::decipher : pki::AttestedUse::sign, attested, random)).der();
}

Done Slots::store(std::uint8_t container, Slot slot, ByteView certificate) {
  const auto own = TF_TRY(public_key(container, slot));
  const auto read = TF_TRY(pki::Certificate::from_der(certificate));
  const auto named = read.public_key();
  if (!named || named->spki() != own.spki()) return StatusWord::wrong_data;
  const bool piv = container == kOwner && is_piv(slot);
  const Bytes content = piv ? piv::certificate_object(certificate) : to_bytes(certificate);
  if (content.size() > kMaxFile) return StatusWord::not_enough_memory;
  TF_CHECK(services_.files.create(certificate_file(container, slot), Access::always, Access::administrator, content));
  return {};
}

Answer<Bytes> Slots::certificate(std::uint8_t container, Slot slot) const {
  if (!has_container(container)) return StatusWord::reference_not_found;
  const ByteView content = TF_TRY(services_.files.read_unchecked(certificate_file(container, slot)));
  if (container != kOwner || !is_piv(slot)) return to_bytes(content);
  const auto found = TF_TRY(apdu::find(content, 0x70));
  if (!found) return StatusWord::file_not_found;
  return to_bytes(*found);
}

Answer<Bytes> sign_hash_with(const crypto::PrivateKey& key, const Hash256& hash) {
  const crypto::EvpPkeyCtx context(EVP_PKEY_CTX_new(key.native(), nullptr));
  std::size_t size = 0;
  if (!context || EVP_PKEY_sign_init(context.get()) != 1 || EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) != 1 ||
      (key.kind() == crypto::KeyKind::rsa && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1) ||
      EVP_PKEY_sign(context.get(), nullptr, &size, hash.data(), hash.size()) != 1)
    return crypto::openssl_error("card.sign");
  Bytes out(size);
  if (EVP_PKEY_sign(context.get(), out.data(), &size, hash.data(), hash.size()) != 1) return crypto::openssl_error("card.sign");
  out.resize(size);
  return out;
}

}  // namespace tf::card::shield
