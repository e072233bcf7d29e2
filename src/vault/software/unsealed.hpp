// An open software vault: the file together with the keys in it. Never changed once published; a change works on a
// copy, which shares the keys.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "crypto/kept_signer.hpp"
#include "vault/software/vault_file.hpp"

namespace tf::vault::software {

struct Kek {
  std::string id;
  Secret<32> key;
};
struct NamedKey {
  Purpose purpose;
  crypto::PrivateKey key;
  crypto::PublicKey public_key;  // an object of its own, without the private part
  std::shared_ptr<crypto::KeptSigner> signer;
};
Result<NamedKey> make_named_key(Purpose purpose, crypto::PrivateKey key);

struct Unsealed {
  VaultFile file;
  std::shared_ptr<const Secret<32>> master;
  std::vector<std::shared_ptr<const Kek>> keks;  // newest last
  std::map<std::string, std::shared_ptr<const NamedKey>, std::less<>> keys;

  [[nodiscard]] const Kek& newest() const { return *keks.back(); }
  [[nodiscard]] const Kek* find(std::string_view kek) const;
};

Result<Unsealed> create(const SecretBytes& passphrase, crypto::ScryptCost cost, Random& random);
// Code::sealed "vault.passphrase"; Code::integrity "vault.file_edited" when the passphrase is right and the file is
// not.
Result<Unsealed> open(VaultFile file, const SecretBytes& passphrase);

// Changes to a copy; each leaves the file's MAC right.
// The master key, the same or a fresh one, under a new passphrase; the KEKs follow.
Status set_passphrase(Unsealed& vault, const SecretBytes& passphrase, bool fresh_master, Random& random);
// A new KEK, which from now on also wraps the named keys.
void add_kek(Unsealed& vault, Random& random);
void remove_kek(Unsealed& vault, std::string_view id);
void put_key(Unsealed& vault, const std::string& name, NamedKey key, Random& random);
void remove_key(Unsealed& vault, const std::string& name);

}  // namespace tf::vault::software
