// PKCS#12 files (RFC 7292) with one private key and its certificate: PBES2 with AES-256-CBC and PBKDF2-HMAC-SHA256, MAC
// HMAC-SHA256 over the PKCS#12 key derivation. Encryption and MAC may have different passwords. OpenSSL does it all.
//
// Reading refuses what is weaker, before anything is derived: Code::refused "pki.weak_pkcs12" for RC2, RC4, DES and 3DES PBE,
// another PRF or MAC digest than SHA-256, fewer iterations than asked for; Code::malformed "pki.pkcs12" for what is no such
// file or has more than kPkcs12MaxIterations; Code::sealed "pki.pkcs12_mac" for a wrong MAC password or an altered file,
// Code::sealed "pki.passphrase" for a wrong encryption password.
#pragma once
#include "crypto/keys.hpp"
#include "pki/certificate.hpp"

namespace tf::pki {

inline constexpr int kPkcs12Iterations = 600'000;
inline constexpr int kPkcs12MaxIterations = 10'000'000;

struct Pkcs12Passwords {
  const SecretBytes& encryption;  // UTF-8, without NUL
  const SecretBytes& mac;
};
struct Pkcs12Content {
  crypto::PrivateKey key;
  Certificate certificate;
};

// Code::invalid "pki.key_pair" when key and certificate do not belong together; "pki.passphrase" for an empty password.
Result<Bytes> make_pkcs12(const crypto::PrivateKey& key, const Certificate& certificate, const Pkcs12Passwords& passwords, int iterations);
Result<Pkcs12Content> open_pkcs12(ByteView der, const Pkcs12Passwords& passwords, int min_iterations);
// The MAC alone.
Status verify_pkcs12_mac(ByteView der, const SecretBytes& mac_password, int min_iterations);
// The same content under another MAC, after the old one was verified.
Result<Bytes> replace_pkcs12_mac(ByteView der, const SecretBytes& old_password, const SecretBytes& new_password, int iterations);

}  // namespace tf::pki
