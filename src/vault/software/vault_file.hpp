// The software vault's file: what it holds and its one spelling. Every secret in it is wrapped; names, purposes and the
// scrypt parameters are in the clear and authenticated.
//
//   passphrase ─scrypt→ ─┐
//                        └ wraps the master key ─┬ wraps the KEKs ─┬ wrap the named private keys in this file
//                                                └ MACs the file   └ wrap the rows in the database
//
// The SHA-256 at the end tells damage (before a passphrase is asked for), the MAC tells editing (after). A whole older
// copy of the file is not told: keep the directory writable by the service alone.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/keys.hpp"
#include "vault/vault.hpp"

namespace tf::vault::software {

inline constexpr std::size_t kMaxKeys = 4096;       // named keys, and likewise KEKs
inline constexpr std::size_t kMaxFile = 16U << 20;  // bytes

struct StoredKek {
  std::string id;
  Bytes blob;
};
struct StoredKey {
  crypto::KeyKind kind;
  Purpose purpose;
  std::string kek;
  Bytes blob;  // PKCS#8
};
struct VaultFile {
  crypto::ScryptCost cost;
  ByteArray<32> salt{};
  Bytes master;
  std::vector<StoredKek> keks;  // newest last, at least one
  std::map<std::string, StoredKey, std::less<>> keys;
  Hash256 mac{};
};

std::string_view name_of(crypto::KeyKind kind);
// All but the MAC and the checksum: what the MAC is computed over.
std::string authenticated_text(const VaultFile& file);
std::string encode(const VaultFile& file);
// Code::integrity "vault.file" for anything that encode() did not write.
Result<VaultFile> decode(std::string_view text);

// Code::integrity for a damaged file, Code::not_found "vault.no_file".
Result<VaultFile> load(const std::string& path);
// Replaces the file atomically, mode 0600. before is what the caller changed: when the file is another one by now,
// Code::conflict "vault.file_changed"; nullptr: there must be no file yet, Code::conflict "vault.file_exists".
// What load() would not take is not written: Code::refused "vault.file_full".
Status save(const std::string& path, const VaultFile* before, const VaultFile& after);

}  // namespace tf::vault::software
