// Asymmetric keys: P-256 and RSA. A PrivateKey is an opaque handle that signs, decrypts and agrees; its bytes leave
// only through to_pkcs8(), which the software vault and the terminal's secure store use and nobody else.
#pragma once
#include <openssl/types.h>

#include <memory>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace tf::crypto {

enum class KeyKind { p256, rsa };
using EcPoint = ByteArray<65>;       // SEC1 uncompressed: 04 ‖ x ‖ y
// What stands before the point in a SubjectPublicKeyInfo of P-256 (RFC 5480 §2.1.1).
inline constexpr std::uint8_t kP256Spki[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                                             0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
using Es256Signature = ByteArray<64>;  // r ‖ s (RFC 7518 §3.4)

struct RsaNumbers {
  Bytes modulus;   // big-endian, no leading zeros
  Bytes exponent;
};

class PublicKey {
 public:
  explicit PublicKey(std::shared_ptr<EVP_PKEY> key) : key_(std::move(key)) {}
  // Code::malformed for anything but a P-256 point on the curve or an RSA key of 2048 to 8192 bits.
  static Result<PublicKey> from_spki(ByteView der);
  static Result<PublicKey> from_point(ByteView sec1);
  static Result<PublicKey> from_rsa_numbers(const RsaNumbers& numbers);

  [[nodiscard]] KeyKind kind() const;
  [[nodiscard]] int bits() const;
  [[nodiscard]] Bytes spki() const;
  [[nodiscard]] EcPoint point() const;  // P-256 only
  [[nodiscard]] RsaNumbers rsa_numbers() const;  // RSA only
  [[nodiscard]] EVP_PKEY* native() const { return key_.get(); }

 private:
  std::shared_ptr<EVP_PKEY> key_;
};

class PrivateKey {
 public:
  explicit PrivateKey(std::shared_ptr<EVP_PKEY> key) : key_(std::move(key)) {}
  static PrivateKey generate_p256();
  static PrivateKey generate_rsa(int bits);
  static Result<PrivateKey> from_pkcs8(const SecretBytes& der);
  [[nodiscard]] SecretBytes to_pkcs8() const;

  [[nodiscard]] KeyKind kind() const;
  [[nodiscard]] PublicKey public_key() const;
  [[nodiscard]] EVP_PKEY* native() const { return key_.get(); }

 private:
  std::shared_ptr<EVP_PKEY> key_;
};

// ECDSA P-256 with SHA-256
Result<Es256Signature> sign_es256(const PrivateKey& key, ByteView data);
bool verify_es256(const PublicKey& key, ByteView data, ByteView signature);         // r ‖ s, 64 bytes (RFC 7518)
bool verify_ecdsa_sha256(const PublicKey& key, ByteView data, ByteView signature);  // DER (X.509)
// RSASSA-PSS with SHA-256, MGF1-SHA256, 32-byte salt
Result<Bytes> sign_ps256(const PrivateKey& key, ByteView data);
bool verify_ps256(const PublicKey& key, ByteView data, ByteView signature);
// RSAES-OAEP with SHA-256 and MGF1-SHA256, empty label. A failed decryption is Code::refused "crypto.oaep", no more.
Result<Bytes> oaep_encrypt(const PublicKey& key, ByteView plaintext);
Result<SecretBytes> oaep_decrypt(const PrivateKey& key, ByteView ciphertext);
// The x-coordinate of the shared point (SP 800-56A); the peer's point was checked to be on the curve when it was read.
Result<Secret<32>> ecdh_p256(const PrivateKey& own, const PublicKey& peer);

// RFC 7914; memory is 128 × n × r bytes.
struct ScryptCost {
  std::uint64_t n = 1 << 17;
  std::uint64_t r = 8;
  std::uint64_t p = 1;
};
Result<Secret<32>> scrypt(const SecretBytes& passphrase, ByteView salt, ScryptCost cost);

}  // namespace tf::crypto
