// RSAES-OAEP with SHA-1 and MGF1-SHA1, empty label (RFC 8017 §7.1): rsa-oaep-mgf1p, the key transport that every XML Encryption library
// knows. Collisions of the hash do not matter in it. Elsewhere OAEP is with SHA-256 (crypto/keys.hpp). RSA keys of 2048 bits or more.
#pragma once
#include "crypto/keys.hpp"

namespace tf::crypto {

Result<Bytes> oaep_mgf1p_encrypt(const PublicKey& key, ByteView plaintext);
// A failed decryption is Code::refused "crypto.oaep", no more.
Result<SecretBytes> oaep_mgf1p_decrypt(const PrivateKey& key, ByteView ciphertext);

}  // namespace tf::crypto
