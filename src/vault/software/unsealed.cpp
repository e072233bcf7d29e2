#include "vault/software/unsealed.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/aead.hpp"
#include "crypto/digest.hpp"
#include "wire/encoding.hpp"
#include "wire/fields.hpp"

namespace tf::vault::software {
namespace {

Bytes master_aad(const VaultFile& file) {
  wire::FieldWriter writer;
  writer.field("trustferry vault master v1").number(file.cost.n).number(file.cost.r).number(file.cost.p);
  return writer.field(file.salt).take();
}

Bytes kek_aad(std::string_view id) { return wire::FieldWriter().field("trustferry vault kek v1").field(id).take(); }

Bytes key_aad(std::string_view kek, std::string_view name, crypto::KeyKind kind, Purpose purpose) {
  wire::FieldWriter writer;
  writer.field("trustferry vault key v1").field(kek).field(name).field(name_of(kind));
  return writer.field(vault::name_of(purpose)).take();
}

// The master key serves through one derived key for each of its two duties.
Secret<32> kek_wrapping_key(const Secret<32>& master) {
  return crypto::hkdf_expand<32>(master, "trustferry vault kek wrap");
}

Hash256 mac_of(const VaultFile& file, const Secret<32>& master) {
  const Secret<32> key = crypto::hkdf_expand<32>(master, "trustferry vault file mac");
  return crypto::hmac_sha256(key.reveal(), as_bytes(authenticated_text(file)));
}

void seal_file(Unsealed& vault) { vault.file.mac = mac_of(vault.file, *vault.master); }

Result<Secret<32>> open_secret(const Secret<32>& key, ByteView aad, ByteView blob) {
  const SecretBytes opened = TF_TRY(crypto::open_blob(key, aad, blob));
  if (opened.size() != 32) return Error{Code::refused, "vault.secret_size", "a wrapped key has the wrong size"};
  return Secret<32>(opened.reveal().first<32>());
}

std::shared_ptr<const Secret<32>> random_secret(Random& random) {
  auto made = std::make_shared<Secret<32>>();
  random.fill(made->reveal_mutable());
  return made;
}

void wrap_key(Unsealed& vault, const std::string& name, Random& random) {
  const NamedKey& key = *vault.keys.find(name)->second;
  const Kek& kek = vault.newest();
  const Bytes aad = key_aad(kek.id, name, key.key.kind(), key.purpose);
  vault.file.keys.insert_or_assign(name,
                                   StoredKey{key.key.kind(), key.purpose, kek.id,
                                             crypto::seal_blob(kek.key, random, aad, key.key.to_pkcs8().reveal())});
}

Error edited(std::string_view what) {
  return {Code::integrity, "vault.file_edited", fmt::format("the vault file was altered: {}", what)};
}

Result<NamedKey> open_key(const Unsealed& vault, const std::string& name, const StoredKey& stored) {
  const Kek* kek = vault.find(stored.kek);
  if (kek == nullptr) return edited("a key under an unknown KEK");
  auto pkcs8 = crypto::open_blob(kek->key, key_aad(stored.kek, name, stored.kind, stored.purpose), stored.blob);
  if (!pkcs8) return edited("key " + name);
  crypto::PrivateKey key = TF_TRY(crypto::PrivateKey::from_pkcs8(*pkcs8));
  if (key.kind() != stored.kind) return edited("key " + name);
  return make_named_key(stored.purpose, std::move(key));
}

}  // namespace

Result<NamedKey> make_named_key(Purpose purpose, crypto::PrivateKey key) {
  auto public_key = TF_TRY(crypto::PublicKey::from_spki(key.public_key().spki()));
  auto signer = std::make_shared<crypto::KeptSigner>(key);
  return NamedKey{purpose, std::move(key), std::move(public_key), std::move(signer)};
}

const Kek* Unsealed::find(std::string_view kek) const {
  for (auto it = keks.rbegin(); it != keks.rend(); ++it)
    if ((*it)->id == kek) return it->get();
  return nullptr;
}

Result<Unsealed> create(const SecretBytes& passphrase, crypto::ScryptCost cost, Random& random) {
  Unsealed vault;
  vault.file.cost = cost;
  TF_CHECK(set_passphrase(vault, passphrase, true, random));
  add_kek(vault, random);
  return vault;
}

Result<Unsealed> open(VaultFile file, const SecretBytes& passphrase) {
  Unsealed vault{std::move(file), nullptr, {}, {}};
  const Secret<32> outer = TF_TRY(crypto::scrypt(passphrase, vault.file.salt, vault.file.cost));
  auto master = open_secret(outer, master_aad(vault.file), vault.file.master);
  if (!master) return Error{Code::sealed, "vault.passphrase", "the passphrase is wrong"};
  vault.master = std::make_shared<const Secret<32>>(std::move(*master));
  if (!equal_in_constant_time(mac_of(vault.file, *vault.master), vault.file.mac)) return edited("its MAC is wrong");
  const Secret<32> wrapping = kek_wrapping_key(*vault.master);
  for (const StoredKek& stored : vault.file.keks) {
    auto key = open_secret(wrapping, kek_aad(stored.id), stored.blob);
    if (!key) return edited("KEK " + stored.id);
    vault.keks.push_back(std::make_shared<const Kek>(stored.id, std::move(*key)));
  }
  for (const auto& [name, stored] : vault.file.keys)
    vault.keys.emplace(name, std::make_shared<const NamedKey>(TF_TRY(open_key(vault, name, stored))));
  return vault;
}

Status set_passphrase(Unsealed& vault, const SecretBytes& passphrase, bool fresh_master, Random& random) {
  vault.file.salt = random.array<32>();
  const Secret<32> outer = TF_TRY(crypto::scrypt(passphrase, vault.file.salt, vault.file.cost));
  if (fresh_master) {
    vault.master = random_secret(random);
    const Secret<32> wrapping = kek_wrapping_key(*vault.master);
    vault.file.keks.clear();
    for (const auto& kek : vault.keks)
      vault.file.keks.push_back({kek->id, crypto::seal_blob(wrapping, random, kek_aad(kek->id), kek->key.reveal())});
  }
  vault.file.master = crypto::seal_blob(outer, random, master_aad(vault.file), vault.master->reveal());
  seal_file(vault);
  return {};
}

void add_kek(Unsealed& vault, Random& random) {
  // Random, not counted: a file restored from an older copy must not make an id twice.
  auto kek = std::make_shared<Kek>();
  kek->id = "kek-" + wire::hex_lower(random.array<6>());
  random.fill(kek->key.reveal_mutable());
  vault.file.keks.push_back(
      {kek->id, crypto::seal_blob(kek_wrapping_key(*vault.master), random, kek_aad(kek->id), kek->key.reveal())});
  vault.keks.push_back(std::move(kek));
  for (const auto& [name, key] : vault.keys) wrap_key(vault, name, random);
  seal_file(vault);
}

void remove_kek(Unsealed& vault, std::string_view id) {
  std::erase_if(vault.file.keks, [&](const StoredKek& kek) { return kek.id == id; });
  std::erase_if(vault.keks, [&](const auto& kek) { return kek->id == id; });
  seal_file(vault);
}

void put_key(Unsealed& vault, const std::string& name, NamedKey key, Random& random) {
  vault.keys.insert_or_assign(name, std::make_shared<const NamedKey>(std::move(key)));
  wrap_key(vault, name, random);
  seal_file(vault);
}

void remove_key(Unsealed& vault, const std::string& name) {
  vault.keys.erase(name);
  vault.file.keys.erase(name);
  seal_file(vault);
}

}  // namespace tf::vault::software
