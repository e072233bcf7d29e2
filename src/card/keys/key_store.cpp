#include "card/keys/key_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tf::card {
namespace {

// Record "key/CONTAINER/REFERENCE": algorithm ‖ use ‖ PIN policy ‖ origin ‖ PKCS#8.
constexpr std::size_t kKeyHead = 4;
constexpr std::size_t kMaxContainerName = 64;

std::string record_of(const KeyId& id) { return fmt::format("key/{}/{:02x}", id.container, id.reference); }

SecretBytes encode(const KeyFacts& facts, const crypto::PrivateKey& key) {
  const SecretBytes pkcs8 = key.to_pkcs8();
  SecretBytes out(kKeyHead + pkcs8.size());
  const MutableByteView bytes = out.reveal_mutable();
  bytes[0] = static_cast<std::uint8_t>(facts.algorithm);
  bytes[1] = static_cast<std::uint8_t>(facts.use);
  bytes[2] = static_cast<std::uint8_t>(facts.pin);
  bytes[3] = static_cast<std::uint8_t>(facts.origin);
  std::copy(pkcs8.reveal().begin(), pkcs8.reveal().end(), bytes.begin() + kKeyHead);
  return out;
}

KeyFacts facts_of(ByteView record) {
  return {.algorithm = static_cast<Algorithm>(record[0]), .use = static_cast<Use>(record[1]), .pin = static_cast<PinPolicy>(record[2]), .origin = static_cast<Origin>(record[3])};
}

}  // namespace

bool valid_container(std::string_view name) {
  const auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("._@/-").contains(c); };
  return !name.empty() && name.size() <= kMaxContainerName && std::ranges::all_of(name, good);
}

Answer<PublicNumbers> KeyStore::generate(const KeyId& id, KeyFacts facts) {
  if (!valid_container(id.container)) return StatusWord::wrong_data;
  const crypto::PrivateKey key = generate_key(facts.algorithm);
  facts.origin = Origin::generated;
  TF_CHECK(memory_.put(record_of(id), encode(facts, key)));
  return card::public_numbers(facts.algorithm, key);
}

Done KeyStore::import(const KeyId& id, KeyFacts facts, const PrivateNumbers& numbers) {
  return import(id, facts, TF_TRY(make_key(facts.algorithm, numbers)));
}

Done KeyStore::import(const KeyId& id, KeyFacts facts, const crypto::PrivateKey& key) {
  if (!valid_container(id.container) || TF_TRY(algorithm_of(key)) != facts.algorithm) return StatusWord::wrong_data;
  facts.origin = Origin::imported;
  TF_CHECK(memory_.put(record_of(id), encode(facts, key)));
  return {};
}

Done KeyStore::erase(const KeyId& id) {
  if (!exists(id)) return StatusWord::reference_not_found;
  TF_CHECK(memory_.erase(record_of(id)));
  return {};
}

bool KeyStore::exists(const KeyId& id) const { return memory_.find(record_of(id)) != nullptr; }

Answer<const KeyStore::Ready*> KeyStore::ready(const KeyId& id) {
  const std::string name = record_of(id);
  const SecretBytes* record = memory_.find(name);
  const auto kept = ready_.find(id);
  if (record == nullptr) {
    if (kept != ready_.end()) ready_.erase(kept);
    return StatusWord::reference_not_found;
  }
  const std::uint64_t version = memory_.version(name);
  if (kept != ready_.end() && kept->second.version == version) return static_cast<const Ready*>(&kept->second);
  if (record->size() <= kKeyHead) return StatusWord::no_diagnosis;
  Ready made{version, facts_of(record->reveal()), TF_TRY(key_of_pkcs8(record->reveal().subspan(kKeyHead)))};
  if (TF_TRY(algorithm_of(made.key)) != made.facts.algorithm) return StatusWord::no_diagnosis;
  return static_cast<const Ready*>(&ready_.insert_or_assign(id, std::move(made)).first->second);
}

Answer<KeyFacts> KeyStore::facts(const KeyId& id) { return TF_TRY(ready(id))->facts; }

Answer<PublicNumbers> KeyStore::public_numbers(const KeyId& id) {
  const Ready* const key = TF_TRY(ready(id));
  return card::public_numbers(key->facts.algorithm, key->key);
}

std::vector<std::uint8_t> KeyStore::references(std::string_view container) const {
  const std::string folder = fmt::format("key/{}/", container);
  std::vector<std::uint8_t> out;
  for (const std::string& name : memory_.names(folder)) {
    std::uint8_t reference = 0;
    const std::string_view rest = std::string_view(name).substr(folder.size());
    if (rest.size() == 2 && std::from_chars(rest.data(), rest.data() + 2, reference, 16).ptr == rest.data() + 2) out.push_back(reference);
  }
  return out;
}

std::vector<std::string> KeyStore::containers(std::string_view prefix) const {
  std::vector<std::string> out;
  for (const std::string& name : memory_.names(fmt::format("key/{}", prefix))) {
    const std::string container = name.substr(4, name.rfind('/') - 4);
    if (out.empty() || out.back() != container) out.push_back(container);
  }
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

Answer<Bytes> KeyStore::sign_raw(const KeyId& id, ByteView block) {
  const Ready* const key = TF_TRY(ready(id));
  if (!is_rsa(key->facts.algorithm)) return TF_TRY(ecdsa_sign(key->key, block));
  return to_bytes(TF_TRY(rsa_raw(key->key, block)).reveal());
}

Answer<SecretBytes> KeyStore::decipher_raw(const KeyId& id, ByteView block) {
  const Ready* const key = TF_TRY(ready(id));
  if (!is_rsa(key->facts.algorithm)) return StatusWord::conditions_of_use;
  return TF_TRY(rsa_raw(key->key, block));
}

Answer<SecretBytes> KeyStore::agree(const KeyId& id, ByteView peer_point) {
  const Ready* const key = TF_TRY(ready(id));
  if (is_rsa(key->facts.algorithm)) return StatusWord::conditions_of_use;
  return TF_TRY(ecdh(key->facts.algorithm, key->key, peer_point));
}

Answer<crypto::PrivateKey> KeyStore::handle(const KeyId& id, Use use) {
  const Ready* const key = TF_TRY(ready(id));
  if (key->facts.use != use) return StatusWord::conditions_of_use;
  return key->key;
}

}  // namespace tf::card
