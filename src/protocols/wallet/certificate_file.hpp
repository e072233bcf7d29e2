// The certificate file of S06: PKCS#12 (AES-256, PBKDF2-SHA256), bound to number, IMEI, ICCID and password. Encryption and
// MAC have passwords of their own, both 64 hex digits: encryption from info3; MAC from both codes until S08, from info3
// afterwards, so that S32 and S42 can check the file without the codes. All of these are slow: they count iterations.
#pragma once
#include "pki/pkcs12.hpp"
#include "protocols/wallet/keys.hpp"

namespace tf::wallet {

struct FilePasswords {
  SecretBytes encryption;
  SecretBytes mac;
};
FilePasswords own_passwords(const Secret<32>& info3, std::string_view number);
SecretBytes codes_mac_password(const Secret<32>& codes, std::string_view registration);

// S08 where the phone made the key.
Result<Bytes> make_certificate_file(const crypto::PrivateKey& key, const pki::Certificate& certificate, const FilePasswords& passwords, int iterations);
// S08 where the platform did: verifies the MAC with the codes' password, and puts one from info3 in its place.
Result<Bytes> take_over_file(ByteView file, const SecretBytes& codes_mac_password, const FilePasswords& own, int iterations);

struct OpenedFile {
  crypto::PrivateKey key;
  pki::Certificate certificate;
};
// S31–S33, S41–S43. Code::refused "wallet.file": altered, or of another phone, SIM or password; nobody can tell which.
Result<OpenedFile> open_certificate_file(ByteView file, const FilePasswords& passwords, int min_iterations);

}  // namespace tf::wallet
