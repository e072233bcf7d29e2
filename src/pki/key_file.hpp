// Private keys as PEM text: PKCS#8, plain or encrypted with PBES2 (scrypt, AES-256-CBC). The file's permissions are the
// caller's affair: write_private_file of base/file.hpp.
#pragma once
#include "base/ports.hpp"
#include "crypto/keys.hpp"

namespace tf::pki {

SecretBytes to_pem(const crypto::PrivateKey& key);
// Code::invalid "pki.passphrase" for an empty passphrase.
Result<SecretBytes> to_encrypted_pem(const crypto::PrivateKey& key, const SecretBytes& passphrase);

// One key, nothing else. passphrase: null for a plain key. Code::sealed "pki.passphrase" when the key is encrypted and
// the passphrase missing or wrong; Code::malformed "pki.key_file" for anything but PKCS#8 with a key of
// crypto/keys.hpp, and for older encryption than PBES2; Code::integrity "pki.key_pair" when private and public part do
// not match.
Result<crypto::PrivateKey> private_key_from_pem(const SecretBytes& pem, const SecretBytes* passphrase);

}  // namespace tf::pki
