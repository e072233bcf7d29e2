// The vault in software: one file, opened by a passphrase, keys in this process's memory. It cannot claim what an HSM
// can; what it gives is that the disk and the database alone are worth nothing.
#pragma once
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>

#include "base/ports.hpp"
#include "vault/vault.hpp"

namespace tf::vault {

namespace software {
struct NamedKey;
struct Unsealed;
}  // namespace software

inline constexpr std::size_t kMinPassphrase = 12;  // bytes
inline constexpr std::size_t kMaxPassphrase = 1024;

class SoftwareVault final : public Vault {
 public:
  // A new vault, unsealed. Code::invalid "vault.passphrase_length", Code::conflict "vault.file_exists".
  // random is used by many threads at once.
  static Result<std::unique_ptr<SoftwareVault>> create(std::string path, const SecretBytes& passphrase, Random& random,
                                                       crypto::ScryptCost cost = {});
  // A sealed vault. Code::integrity "vault.file" for a damaged file, Code::not_found "vault.no_file".
  static Result<std::unique_ptr<SoftwareVault>> open(std::string path, Random& random);
  ~SoftwareVault() override;

  // rewrap_all: also a fresh master key, a fresh KEK, and everything in the file rewrapped under these; for when an old
  // passphrase and an old copy of the file may have met. Rows then still want rewrap() and the old KEKs retire_kek().
  // A sealed vault stays sealed.
  Status change_passphrase(const SecretBytes& old_one, const SecretBytes& new_one, bool rewrap_all);

  [[nodiscard]] VaultState state() const override;
  Status unseal(const SecretBytes& passphrase) override;
  void seal() override;

  Result<crypto::PublicKey> generate(std::string_view name, crypto::KeyKind kind, int rsa_bits,
                                     Purpose purpose) override;
  [[nodiscard]] Result<crypto::PublicKey> public_key(std::string_view name) const override;
  [[nodiscard]] Result<std::vector<KeyInfo>> list() const override;
  Status remove(std::string_view name) override;
  [[nodiscard]] Result<crypto::Es256Signature> sign_es256(std::string_view name, ByteView data) const override;
  [[nodiscard]] Result<Bytes> sign_ps256(std::string_view name, ByteView data) const override;
  [[nodiscard]] Result<Bytes> sign_rs256(std::string_view name, ByteView data) const override;
  [[nodiscard]] Result<SecretBytes> oaep_decrypt(std::string_view name, ByteView ciphertext) const override;
  [[nodiscard]] Result<crypto::PrivateKey> signing_handle(std::string_view name) const override;

  [[nodiscard]] Result<Made> generate(const SymmetricSpec& spec, const RowId& row) const override;
  [[nodiscard]] Result<Made> wrap(SecretBytes key, const SymmetricSpec& spec, const RowId& row) const override;
  [[nodiscard]] Result<std::string> kcv(const WrappedRef& key) const override;
  [[nodiscard]] Result<Secret<32>> ecdh_p256(std::string_view name, const crypto::PublicKey& peer) const override;
  [[nodiscard]] Result<Secret<32>> hkdf_sha256(const WrappedRef& key, ByteView salt, std::string_view label,
                                               ByteView context) const override;
  [[nodiscard]] Result<Secret<32>> hmac_sha256(const WrappedRef& key, ByteView data) const override;
  [[nodiscard]] Result<SecretBytes> tdes_ecb_encrypt(const WrappedRef& key, ByteView data) const override;
  [[nodiscard]] Result<std::string> export_block(const WrappedRef& key, const SecretBytes& kbpk,
                                                 const crypto::KeyBlockHeader& header) const override;
  [[nodiscard]] Result<std::string> export_block(const WrappedRef& key, const WrappedRef& kbpk,
                                                 const crypto::KeyBlockHeader& header) const override;
  [[nodiscard]] Result<Imported> import_block(std::string_view block, const WrappedRef& zone, const SymmetricSpec& spec,
                                              const RowId& row) const override;
  [[nodiscard]] Result<Made> combine(const std::vector<WrappedRef>& components, const SymmetricSpec& spec,
                                     const RowId& row) const override;
  [[nodiscard]] Result<std::string> seal_to(const WrappedRef& key, const crypto::PublicKey& recipient,
                                            std::string_view typ) const override;

  [[nodiscard]] Result<Bytes> translate_pin(const WrappedRef& from, ByteView block, const SecretBytes& pan,
                                            const WrappedRef& to) const override;
  [[nodiscard]] Result<ByteArray<8>> zone_mac(const WrappedRef& key, ByteView data,
                                              crypto::MacPadding padding) const override;
  [[nodiscard]] Status verify_zone_mac(const WrappedRef& key, ByteView data, crypto::MacPadding padding,
                                       ByteView mac) const override;
  [[nodiscard]] Result<Hash256> fingerprint(const WrappedRef& key, ByteView data) const override;

  [[nodiscard]] Result<std::vector<crypto::AkaVector>> aka_vectors(const WrappedRef& key, std::span<const std::uint64_t> sqns,
                                                                   const crypto::Amf& amf) const override;
  [[nodiscard]] Result<std::uint64_t> open_auts(const WrappedRef& key, const crypto::Rand& rand, const crypto::Auts& auts) const override;
  [[nodiscard]] Result<bool> is_key(const WrappedRef& key, const SecretBytes& candidate) const override;

  [[nodiscard]] Result<Wrapped> seal_record(const SecretBytes& plaintext, const RowId& row) const override;
  [[nodiscard]] Result<SecretBytes> open_record(const Wrapped& record, const RowId& row) const override;
  [[nodiscard]] Result<Wrapped> rewrap_record(const Wrapped& record, const RowId& row) const override;

  [[nodiscard]] Result<Wrapped> rewrap(const WrappedRef& key) const override;
  Result<std::string> rotate_kek() override;
  Status retire_kek(std::string_view id) override;

 private:
  using Snapshot = std::shared_ptr<const software::Unsealed>;
  SoftwareVault(std::string path, Random& random);

  [[nodiscard]] Result<Snapshot> snapshot() const;  // Code::sealed "vault.sealed"
  void publish(Snapshot next);
  // Applies change to a copy, saves the file, then publishes: what is in use is on disk.
  template <class Change>
  Status update(Change change);
  [[nodiscard]] Result<std::shared_ptr<const software::NamedKey>> key_for(std::string_view name, crypto::KeyKind kind,
                                                                          Purpose purpose) const;

  const std::string path_;
  Random& random_;
  std::mutex change_mutex_;                   // one change at a time
  mutable std::shared_mutex snapshot_mutex_;  // held for the copy of a pointer only
  Snapshot snapshot_;                         // nullptr: sealed
};

}  // namespace tf::vault
