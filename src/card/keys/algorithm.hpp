// Asymmetric keys as the card's RSA and EC modules know them, over OpenSSL EVP.
#pragma once
#include <cstdint>
#include <optional>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/keys.hpp"

namespace tf::card {

enum class Algorithm : std::uint8_t { rsa2048 = 1, rsa3072 = 2, p256 = 3, p384 = 4 };
constexpr bool is_rsa(Algorithm algorithm) { return algorithm == Algorithm::rsa2048 || algorithm == Algorithm::rsa3072; }
// Octets of a modulus or of a coordinate.
constexpr std::size_t size_of(Algorithm algorithm) {
  return algorithm == Algorithm::rsa2048 ? 256 : algorithm == Algorithm::rsa3072 ? 384 : algorithm == Algorithm::p256 ? 32 : 48;
}

// RSA: modulus and exponent, big-endian without leading zeros. EC: the uncompressed point.
struct PublicNumbers {
  Algorithm algorithm = Algorithm::p256;
  Bytes modulus = {};
  Bytes exponent = {};
  Bytes point = {};
};

// As clients import them: RSA by p, q, dp, dq, qinv with the exponent 65537; EC by its scalar.
struct PrivateNumbers {
  SecretBytes p, q, dp, dq, qinv;
  SecretBytes scalar;
};

crypto::PrivateKey generate_key(Algorithm algorithm);
// Code::invalid "card.key" when the numbers are no key of this algorithm, or do not belong together.
Result<crypto::PrivateKey> make_key(Algorithm algorithm, const PrivateNumbers& numbers);
// PKCS#8, for the card's memory. Code::integrity "card.key" when it does not parse.
Result<crypto::PrivateKey> key_of_pkcs8(ByteView der);
// Code::invalid "card.key" for keys of other kinds.
Result<Algorithm> algorithm_of(const crypto::PrivateKey& key);
PublicNumbers public_numbers(Algorithm algorithm, const crypto::PrivateKey& key);

// The bare RSA operation on size_of() octets: signing of a padded block, or deciphering. Code::invalid "card.block" when the block has another
// size or is not below the modulus.
Result<SecretBytes> rsa_raw(const crypto::PrivateKey& key, ByteView block);
// ECDSA over a hash, in DER. A hash longer than the curve is cut as FIPS 186-4 §6.4 says.
Result<Bytes> ecdsa_sign(const crypto::PrivateKey& key, ByteView hash);
// The x-coordinate. Code::invalid "card.point" when the peer's point is not on the curve.
Result<SecretBytes> ecdh(Algorithm algorithm, const crypto::PrivateKey& key, ByteView peer_point);

}  // namespace tf::card
