// The life of a software vault: created, opened, unsealed, changed, sealed.
#include "vault/software/software_vault.hpp"

#include <fmt/format.h>

#include "vault/software/unsealed.hpp"

namespace tf::vault {
namespace {

Status check_passphrase(const SecretBytes& passphrase) {
  if (passphrase.size() >= kMinPassphrase && passphrase.size() <= kMaxPassphrase) return {};
  return Error{Code::invalid, "vault.passphrase_length",
               fmt::format("a passphrase has {} to {} bytes", kMinPassphrase, kMaxPassphrase)};
}

const Error kSealed{Code::sealed, "vault.sealed", "the vault is sealed"};

}  // namespace

SoftwareVault::SoftwareVault(std::string path, Random& random) : path_(std::move(path)), random_(random) {}
SoftwareVault::~SoftwareVault() = default;

Result<std::unique_ptr<SoftwareVault>> SoftwareVault::create(std::string path, const SecretBytes& passphrase,
                                                             Random& random, crypto::ScryptCost cost) {
  TF_CHECK(check_passphrase(passphrase));
  auto made = std::make_shared<software::Unsealed>(TF_TRY(software::create(passphrase, cost, random)));
  TF_CHECK(software::save(path, nullptr, made->file));
  std::unique_ptr<SoftwareVault> vault(new SoftwareVault(std::move(path), random));
  vault->publish(std::move(made));
  return vault;
}

Result<std::unique_ptr<SoftwareVault>> SoftwareVault::open(std::string path, Random& random) {
  (void)TF_TRY(software::load(path));
  return std::unique_ptr<SoftwareVault>(new SoftwareVault(std::move(path), random));
}

Status SoftwareVault::unseal(const SecretBytes& passphrase) {
  const std::lock_guard changing(change_mutex_);
  publish(std::make_shared<software::Unsealed>(TF_TRY(software::open(TF_TRY(software::load(path_)), passphrase))));
  return {};
}

void SoftwareVault::seal() {
  const std::lock_guard changing(change_mutex_);
  publish(nullptr);
}

VaultState SoftwareVault::state() const {
  VaultState out{true, {}, memory_report()};
  if (const auto open = snapshot()) {
    out.sealed = false;
    for (const auto& kek : (*open)->keks) out.keks.push_back(kek->id);
  }
  return out;
}

Result<SoftwareVault::Snapshot> SoftwareVault::snapshot() const {
  const std::shared_lock reading(snapshot_mutex_);
  if (!snapshot_) return kSealed;
  return snapshot_;
}

void SoftwareVault::publish(Snapshot next) {
  const std::unique_lock writing(snapshot_mutex_);
  snapshot_.swap(next);
}

template <class Change>
Status SoftwareVault::update(Change change) {
  const std::lock_guard changing(change_mutex_);
  const Snapshot before = TF_TRY(snapshot());
  auto after = std::make_shared<software::Unsealed>(*before);
  TF_CHECK(change(*after));
  TF_CHECK(software::save(path_, &before->file, after->file));
  publish(std::move(after));
  return {};
}

Status SoftwareVault::change_passphrase(const SecretBytes& old_one, const SecretBytes& new_one, bool rewrap_all) {
  TF_CHECK(check_passphrase(new_one));
  const std::lock_guard changing(change_mutex_);
  // The old passphrase proves itself on the file as it is now, whether the vault is open or not.
  auto next = std::make_shared<software::Unsealed>(TF_TRY(software::open(TF_TRY(software::load(path_)), old_one)));
  const software::VaultFile before = next->file;
  TF_CHECK(software::set_passphrase(*next, new_one, rewrap_all, random_));
  if (rewrap_all) software::add_kek(*next, random_);
  TF_CHECK(software::save(path_, &before, next->file));
  if (snapshot()) publish(std::move(next));
  return {};
}

Result<crypto::PublicKey> SoftwareVault::generate(std::string_view name, crypto::KeyKind kind, int rsa_bits,
                                                  Purpose purpose) {
  if (!valid_key_name(name)) return Error{Code::invalid, "vault.key_name", "a key's name is made of a-z 0-9 . _ -"};
  if (kind == crypto::KeyKind::rsa && rsa_bits != 2048 && rsa_bits != 3072 && rsa_bits != 4096)
    return Error{Code::invalid, "vault.rsa_bits", "RSA keys have 2048, 3072 or 4096 bits"};
  if (kind == crypto::KeyKind::p256 && (purpose == Purpose::decrypt || purpose == Purpose::sign_legacy))
    return Error{Code::invalid, "vault.wrong_kind", "decryption and gateway signatures are done with RSA keys"};
  if (kind == crypto::KeyKind::rsa && purpose == Purpose::agree)
    return Error{Code::invalid, "vault.wrong_kind", "key agreement is done with P-256 keys"};
  (void)TF_TRY(snapshot());  // before the work is done
  auto key = TF_TRY(software::make_named_key(purpose, kind == crypto::KeyKind::p256
                                                          ? crypto::PrivateKey::generate_p256()
                                                          : crypto::PrivateKey::generate_rsa(rsa_bits)));
  const crypto::PublicKey public_key = key.public_key;
  TF_CHECK(update([&](software::Unsealed& vault) -> Status {
    if (vault.keys.contains(name)) return Error{Code::conflict, "vault.key_exists", fmt::format("key {} exists", name)};
    software::put_key(vault, std::string(name), std::move(key), random_);
    return {};
  }));
  return public_key;
}

Status SoftwareVault::remove(std::string_view name) {
  return update([&](software::Unsealed& vault) -> Status {
    if (!vault.keys.contains(name)) return Error{Code::not_found, "vault.no_such_key", fmt::format("no key {}", name)};
    software::remove_key(vault, std::string(name));
    return {};
  });
}

Result<std::string> SoftwareVault::rotate_kek() {
  std::string id;
  TF_CHECK(update([&](software::Unsealed& vault) -> Status {
    software::add_kek(vault, random_);
    id = vault.newest().id;
    return {};
  }));
  return id;
}

Status SoftwareVault::retire_kek(std::string_view id) {
  return update([&](software::Unsealed& vault) -> Status {
    if (vault.find(id) == nullptr) return Error{Code::not_found, "vault.no_such_kek", "the vault has no such KEK"};
    if (vault.newest().id == id) return Error{Code::refused, "vault.newest_kek", "the newest KEK is in use"};
    software::remove_kek(vault, id);
    return {};
  });
}

}  // namespace tf::vault
