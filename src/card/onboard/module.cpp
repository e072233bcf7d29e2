// What the host asks of its module.
#include <fmt/format.h>

#include <algorithm>

#include "apdu/tlv.hpp"
#include "card/onboard/credentials.hpp"
#include "card/onboard/session.hpp"
#include "crypto/jose/rs256.hpp"
#include "crypto/oaep_mgf1p.hpp"
#include "pki/request/elsewhere.hpp"

namespace tf::card::onboard {
namespace {

namespace words = apdu::onboard;
using apdu::TlvWriter;

constexpr std::string_view kFolder = "onboard/";
constexpr std::string_view kKeys = "onboard";  // container

KeyId key_id(std::uint8_t reference) { return {std::string(kKeys), reference}; }
std::string chain_record(std::uint8_t reference) { return fmt::format("onboard/chain/{:02x}", reference); }
Use use_of(std::uint8_t reference) { return reference == words::kSign ? Use::sign : Use::decipher; }

Answer<std::uint8_t> one_or_two(std::uint8_t p2) {
  if (p2 != 1 && p2 != 2) return StatusWord::wrong_p1_p2;
  return p2;
}
Done nothing_else(const apdu::CommandApdu& command) {
  if (command.p2 != 0) return StatusWord::wrong_p1_p2;
  return {};
}

// As a module's name and its records' are (module/module.hpp).
bool valid_name(ByteView octets) {
  const auto letter_or_digit = [](std::uint8_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  return !octets.empty() && octets.size() <= words::kMaxName && letter_or_digit(octets[0]) &&
         std::ranges::all_of(octets, [&](std::uint8_t c) { return letter_or_digit(c) || c == '.' || c == '_' || c == ':' || c == '-'; });
}
Answer<ByteView> name_in(ByteView data, std::uint32_t tag) {
  const ByteView name = TF_TRY(apdu::only(data, tag));
  if (!valid_name(name)) return StatusWord::wrong_data;
  return name;
}

Bytes public_part(const Installed& credential) {
  return TlvWriter().put(words::kImsi, as_bytes(credential.own.imsi)).put(words::kIccid, as_bytes(credential.own.iccid)).put(words::kNote, credential.note).take();
}

}  // namespace

bool ModuleSession::is_made() const { return services_.memory.find(kNameRecord) != nullptr; }

Answer<Bytes> ModuleSession::make(const Command& command) {
  TF_CHECK(nothing_else(command));
  const ByteView name = TF_TRY(name_in(command.data, words::kName));
  if (const SecretBytes* there = services_.memory.find(kNameRecord)) return std::ranges::equal(there->reveal(), name) ? Answer<Bytes>(Bytes{}) : StatusWord::exists;
  Memory::Batch batch(services_.memory);
  TF_TRY(services_.keys.generate(key_id(words::kSign), {.algorithm = Algorithm::p256, .use = Use::sign, .pin = PinPolicy::never}));
  TF_TRY(services_.keys.generate(key_id(words::kDecrypt), {.algorithm = Algorithm::rsa2048, .use = Use::decipher, .pin = PinPolicy::never}));
  TF_CHECK(services_.memory.put(std::string(kNameRecord), SecretBytes(name)));
  TF_CHECK(batch.commit());
  return Bytes{};
}

// The host's keys stay until somebody claims the card anew: an erasure whose answer was lost is said again, and answered under them.
Answer<Bytes> ModuleSession::erase_module(const Command& command) {
  TF_CHECK(nothing_else(command));
  Memory& memory = services_.memory;
  Memory::Batch batch(memory);
  for (const std::string& name : memory.names(kFolder))
    if (name != kHostRecord) TF_CHECK(memory.erase(name));
  for (const std::uint8_t reference : services_.keys.references(kKeys)) TF_CHECK(services_.keys.erase(key_id(reference)));
  TF_CHECK(batch.commit());
  return Bytes{};
}

Answer<Bytes> ModuleSession::read_module(const Command& command) {
  TF_CHECK(nothing_else(command));
  TlvWriter out;
  out.put(words::kName, services_.memory.find(kNameRecord)->reveal());
  out.put(words::kSignKey, TF_TRY(services_.keys.handle(key_id(words::kSign), Use::sign)).public_key().spki());
  out.put(words::kDecryptKey, TF_TRY(services_.keys.handle(key_id(words::kDecrypt), Use::decipher)).public_key().spki());
  for (const auto& [slot, tag] : {std::pair(words::kSlotPreliminary, words::kPreliminary), std::pair(words::kSlotSubscription, words::kSubscription)})
    if (const auto held = TF_TRY(installed(services_.memory, slot))) out.put(tag, public_part(*held));
  for (const std::string& name : services_.memory.names(kRecords)) out.put(words::kRecordName, as_bytes(std::string_view(name).substr(kRecords.size())));
  return out.take();
}

// The decryption key signs nothing but this.
Answer<Bytes> ModuleSession::read_request(const Command& command) {
  const std::uint8_t reference = TF_TRY(one_or_two(command.p2));
  const ByteView name = TF_TRY(apdu::only(command.data, words::kName));
  const auto key = TF_TRY(services_.keys.handle(key_id(reference), use_of(reference)));
  const auto request = TF_TRY(pki::make_request(as_text(name), key.public_key(), [&](ByteView to_be_signed) -> Result<Bytes> {
    if (reference == words::kDecrypt) return crypto::sign_rs256(key, to_be_signed);
    return to_bytes(TF_TRY(crypto::sign_es256(key, to_be_signed)));
  }));
  return to_bytes(request.der());
}

Answer<Bytes> ModuleSession::store_certificates(const Command& command) {
  const std::uint8_t reference = TF_TRY(one_or_two(command.p2));
  std::size_t count = 0;
  for (apdu::TlvReader in(command.data); !in.at_end(); ++count) {
    const auto read = TF_TRY(pki::Certificate::from_der(TF_TRY(in.expect(words::kCertificate))));
    if (count != 0) continue;
    const auto named = TF_TRY(read.public_key());
    if (named.spki() != TF_TRY(services_.keys.handle(key_id(reference), use_of(reference))).public_key().spki()) return StatusWord::wrong_data;
  }
  if (count == 0 || count > words::kMaxCertificates) return StatusWord::wrong_data;
  TF_CHECK(services_.memory.put(chain_record(reference), SecretBytes(ByteView(command.data))));
  return Bytes{};
}

Answer<Bytes> ModuleSession::read_certificates(const Command& command) {
  const SecretBytes* chain = services_.memory.find(chain_record(TF_TRY(one_or_two(command.p2))));
  return chain == nullptr ? Bytes{} : to_bytes(chain->reveal());
}

Answer<Bytes> ModuleSession::sign(const Command& command) {
  TF_CHECK(nothing_else(command));
  return to_bytes(TF_TRY(crypto::sign_es256(TF_TRY(services_.keys.handle(key_id(words::kSign), Use::sign)), command.data)));
}

// One answer whatever is wrong, so that nobody learns of padding.
Answer<Bytes> ModuleSession::unwrap(const Command& command) {
  const std::uint8_t hash = TF_TRY(one_or_two(command.p2));
  const auto key = TF_TRY(services_.keys.handle(key_id(words::kDecrypt), Use::decipher));
  const auto plain = hash == words::kSha1 ? crypto::oaep_mgf1p_decrypt(key, command.data) : crypto::oaep_decrypt(key, command.data);
  if (!plain) return StatusWord::wrong_data;
  return to_bytes(plain->reveal());
}

Answer<Bytes> ModuleSession::install(const Command& command) {
  const std::uint8_t slot = TF_TRY(one_or_two(command.p2));
  apdu::TlvReader in(command.data);
  Installed credential;
  credential.own.imsi = as_text(TF_TRY(in.expect(words::kImsi)));
  credential.own.iccid = as_text(TF_TRY(in.expect(words::kIccid)));
  credential.note = to_bytes(TF_TRY(in.expect(words::kNote)));
  auto key = crypto::AkaKey::of(TF_TRY(apdu::scp03::decrypt_sensitive(TF_TRY(host_keys()), TF_TRY(in.expect(words::kValue)))));
  TF_CHECK(in.finish());
  if (!key) return StatusWord::wrong_data;
  credential.own.key = std::move(*key);
  TF_CHECK(onboard::install(services_.memory, slot, credential));
  return Bytes{};
}

Answer<Bytes> ModuleSession::erase(const Command& command) {
  TF_CHECK(onboard::erase(services_.memory, TF_TRY(one_or_two(command.p2))));
  return Bytes{};
}

Answer<Bytes> ModuleSession::authenticate(const Command& command) {
  const auto usim = TF_TRY(usim_of_slot(services_.memory, TF_TRY(one_or_two(command.p2))));
  crypto::Rand rand{};
  crypto::Autn autn{};
  if (command.data.size() != rand.size() + autn.size()) return StatusWord::wrong_length;
  std::copy_n(command.data.begin(), rand.size(), rand.begin());
  std::copy_n(command.data.begin() + rand.size(), autn.size(), autn.begin());
  return onboard::authenticate(services_.memory, usim, rand, autn);
}

Answer<Bytes> ModuleSession::store_record(const Command& command) {
  TF_CHECK(nothing_else(command));
  apdu::TlvReader in(command.data);
  const ByteView name = TF_TRY(in.expect(words::kRecordName)), value = TF_TRY(in.expect(words::kValue));
  TF_CHECK(in.finish());
  if (!valid_name(name) || value.size() > words::kMaxRecordValue) return StatusWord::wrong_data;
  const std::string record = std::string(kRecords) + std::string(as_text(name));
  const bool there = services_.memory.find(record) != nullptr;
  if (value.empty()) {
    if (there) TF_CHECK(services_.memory.erase(record));
    return Bytes{};
  }
  if (!there && services_.memory.names(kRecords).size() >= words::kMaxRecords) return StatusWord::not_enough_memory;
  TF_CHECK(services_.memory.put(record, SecretBytes(value)));
  return Bytes{};
}

Answer<Bytes> ModuleSession::read_record(const Command& command) {
  TF_CHECK(nothing_else(command));
  const ByteView name = TF_TRY(name_in(command.data, words::kRecordName));
  const SecretBytes* value = services_.memory.find(std::string(kRecords) + std::string(as_text(name)));
  if (value == nullptr) return StatusWord::reference_not_found;
  return to_bytes(value->reveal());
}

}  // namespace tf::card::onboard
