// AES-256-GCM (NIST SP 800-38D): 12-byte nonce, 16-byte tag. Every failure to open is one error, whatever the cause.
#pragma once
#include "base/ports.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace tf::crypto {

struct Sealed {
  ByteArray<12> nonce;
  Bytes ciphertext;  // as long as the plaintext
  ByteArray<16> tag;
};

Sealed aes256_gcm_seal(const Secret<32>& key, const ByteArray<12>& nonce, ByteView aad, ByteView plaintext);
// Code::refused "crypto.aead" when anything was altered or the key is another.
Result<SecretBytes> aes256_gcm_open(const Secret<32>& key, ByteView nonce, ByteView aad, ByteView ciphertext,
                                    ByteView tag);

// nonce ‖ ciphertext ‖ tag with a random nonce: the form in which rows and files are kept.
Bytes seal_blob(const Secret<32>& key, Random& random, ByteView aad, ByteView plaintext);
Result<SecretBytes> open_blob(const Secret<32>& key, ByteView aad, ByteView blob);

}  // namespace tf::crypto
