// The key under which a device or a loader seals its store. On a real device it lives in the security module; here it comes from a
// passphrase (scrypt) or from a key file that only its owner can read.
#pragma once
#include <string>

#include "base/ports.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace tf::crypto {

// Reads directory/module.key, or makes it. Code::unavailable when the directory cannot be used.
Result<Secret<32>> storage_key_from_file(const std::string& directory, Random& random);
// scrypt over the passphrase and directory/store.salt, which is made when missing.
Result<Secret<32>> storage_key_from_passphrase(const std::string& directory, const SecretBytes& passphrase, Random& random);

}  // namespace tf::crypto
